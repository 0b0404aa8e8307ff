import CKernels
internal import ModelFormat

/// Some rows of a layer are a layer of their own: fewer rows of input and of output, and less padding above.
final class FloatConvolutionRows: RowwisePlan {
  private let plan: FloatConvolution

  init(_ plan: FloatConvolution) { self.plan = plan }

  func step(node: Int) -> Step { Step(node: node, rowwise: self) { self.plan.run($0) } }

  private var geometry: ConvolutionGeometry { plan.geometry }

  /// `nil` when the weights are computed.
  var rowLayer: RowLayer? {
    guard Selection.hasFloatLayers, plan.computed == nil, geometry.batches > 0, geometry.columns.output > 0 else {
      return nil
    }
    let element = MemoryLayout<Float>.size
    return RowLayer(
      plan: self, rows: RowWindows(geometry.rows), batches: geometry.batches,
      inputRowBytes: geometry.columns.input * geometry.inputChannels * element,
      outputRowBytes: geometry.columns.output * geometry.outputChannels * element, products: geometry.products)
  }

  private func part(inputRows: Int, outputRows: Int, paddingAbove: Int) -> swl_f32_conv_params {
    var part = plan.parameters
    // A pointwise layer is one column of pixels.
    let pixels = geometry.isPointwise ? geometry.columns.output : 1
    part.batches = 1
    part.in_height = inputRows * pixels
    part.out_height = outputRows * pixels
    part.pad_top = paddingAbove
    return part
  }

  func scratchBytes(rows: Int) -> Int {
    let windows = RowWindows(geometry.rows)
    var part = part(
      inputRows: (rows - 1) * windows.stride + windows.extent, outputRows: rows, paddingAbove: windows.paddingBefore)
    return unsafe plan.kind == .depthwise
      ? swl_f32_depthwise_scratch_bytes(plan.isa, &part) : swl_f32_conv_scratch_bytes(plan.isa, &part)
  }

  func run(_ band: RowBand, _ invocation: borrowing Invocation) {
    guard Selection.hasFloatLayers else { return }
    var part = part(inputRows: band.inputRows, outputRows: band.outputRows, paddingAbove: band.paddingAbove)
    let packed = unsafe UnsafeRawPointer(invocation.pointer(plan.packed))
    let input = unsafe band.input.assumingMemoryBound(to: Float.self)
    let output = unsafe band.output.assumingMemoryBound(to: Float.self)
    if plan.kind == .depthwise {
      let rows = part.out_height
      unsafe swl_f32_depthwise(plan.isa, &part, packed, input, output, band.scratch, 0, rows)
    } else {
      let units = unsafe swl_f32_conv_units(&part)
      unsafe swl_f32_conv(plan.isa, &part, packed, input, output, band.scratch, 0, units)
    }
  }
}

extension RowWindows {
  init(_ axis: WindowAxis) {
    self.init(
      input: axis.input, output: axis.output, extent: (axis.window - 1) * axis.dilation + 1, stride: axis.stride,
      paddingBefore: axis.paddingBefore)
  }
}
