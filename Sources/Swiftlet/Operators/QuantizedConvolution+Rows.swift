import CKernels

/// Some rows of a layer are a layer of their own: fewer rows of input and of output, and less padding above.
final class QuantizedConvolutionRows: RowwisePlan {
  private let plan: QuantizedConvolution

  init(_ plan: QuantizedConvolution) { self.plan = plan }

  func step(node: Int) -> Step { Step(node: node, rowwise: self) { self.plan.run($0) } }

  private var layer: swl_q8_layer { plan.layer }

  /// `nil` when the weights are computed.
  var rowLayer: RowLayer? {
    guard plan.computed == nil, plan.kind != .depthMajor, layer.batch > 0, layer.out_w > 0, layer.out_c > 0 else {
      return nil
    }
    let element = layer.is_wide ? 2 : 1
    return RowLayer(
      plan: self,
      rows: RowWindows(
        input: Int(layer.in_h), output: Int(layer.out_h),
        extent: (Int(layer.kernel_h) - 1) * Int(layer.dilation_h) + 1, stride: Int(layer.stride_h),
        paddingBefore: Int(layer.pad_top)),
      batches: Int(layer.batch),
      inputRowBytes: Int(layer.in_w) * Int(layer.in_c) * element,
      outputRowBytes: Int(layer.out_w) * Int(layer.out_c) * element, products: plan.products)
  }

  private func part(inputRows: Int, outputRows: Int, paddingAbove: Int) -> swl_q8_layer {
    var part = layer
    part.batch = 1
    part.in_h = Int32(clamping: inputRows)
    part.out_h = Int32(clamping: outputRows)
    part.pad_top = Int32(clamping: paddingAbove)
    return part
  }

  /// Parts inside the picture, at its top and at its bottom may need different amounts, where windows reach beyond it.
  func scratchBytes(rows: Int) -> Int {
    let touched = reach(ofRows: rows)
    let inside = scratchBytes(rows, inputRows: touched, paddingAbove: 0)
    guard layer.pad_top > 0 || reach(ofRows: Int(layer.out_h)) > Int(layer.in_h) else { return inside }
    let fewer = max(1, touched - 1)
    return max(
      inside, scratchBytes(rows, inputRows: fewer, paddingAbove: 0),
      scratchBytes(rows, inputRows: fewer, paddingAbove: 1))
  }

  /// Rows from the first to behind the last that the windows of `count` rows of output touch.
  private func reach(ofRows count: Int) -> Int {
    (count - 1) * Int(layer.stride_h) + (Int(layer.kernel_h) - 1) * Int(layer.dilation_h) + 1
  }

  private func scratchBytes(_ rows: Int, inputRows: Int, paddingAbove: Int) -> Int {
    var part = part(inputRows: inputRows, outputRows: rows, paddingAbove: paddingAbove)
    return unsafe plan.kind == .depthwise
      ? swl_q8_depthwise_scratch_bytes(plan.isa, &part) : swl_q8_conv_scratch_bytes(plan.isa, &part)
  }

  func run(_ band: RowBand, _ invocation: borrowing Invocation) {
    var part = part(inputRows: band.inputRows, outputRows: band.outputRows, paddingAbove: band.paddingAbove)
    let packed = unsafe invocation.pointer(plan.packed)
    if plan.kind == .depthwise {
      let units = unsafe swl_q8_depthwise_units(plan.isa, &part)
      unsafe swl_q8_depthwise_run(plan.isa, &part, packed, band.input, band.output, band.scratch, 0, units)
    } else {
      let units = unsafe swl_q8_conv_units(plan.isa, &part)
      unsafe swl_q8_conv_run(plan.isa, &part, packed, band.input, band.output, band.scratch, 0, units)
    }
  }
}
