import CKernels

/// Some rows of a layer are a layer of their own: fewer rows of input and of output, and less padding above.
extension QuantizedConvolution {
  /// `nil` when the weights are computed.
  var rowLayer: RowLayer? {
    guard computed == nil, kind != .depthMajor, layer.batch > 0, layer.out_w > 0, layer.out_c > 0 else { return nil }
    let element = layer.is_wide ? 2 : 1
    return RowLayer(
      rows: RowWindows(
        input: Int(layer.in_h), output: Int(layer.out_h),
        extent: (Int(layer.kernel_h) - 1) * Int(layer.dilation_h) + 1, stride: Int(layer.stride_h),
        paddingBefore: Int(layer.pad_top)),
      batches: Int(layer.batch), outputColumns: Int(layer.out_w),
      inputRowBytes: Int(layer.in_w) * Int(layer.in_c) * element,
      outputRowBytes: Int(layer.out_w) * Int(layer.out_c) * element, products: products,
      scratchBytes: { rows in rowScratchBytes(rows) },
      run: { band, invocation in run(band, invocation) })
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
  private func rowScratchBytes(_ rows: Int) -> Int {
    let touched = reach(ofRows: rows)
    let inside = rowScratchBytes(rows, inputRows: touched, paddingAbove: 0)
    guard layer.pad_top > 0 || reach(ofRows: Int(layer.out_h)) > Int(layer.in_h) else { return inside }
    let fewer = max(1, touched - 1)
    return max(
      inside, rowScratchBytes(rows, inputRows: fewer, paddingAbove: 0),
      rowScratchBytes(rows, inputRows: fewer, paddingAbove: 1))
  }

  /// Rows from the first to behind the last that the windows of `count` rows of output touch.
  private func reach(ofRows count: Int) -> Int {
    (count - 1) * Int(layer.stride_h) + (Int(layer.kernel_h) - 1) * Int(layer.dilation_h) + 1
  }

  private func rowScratchBytes(_ rows: Int, inputRows: Int, paddingAbove: Int) -> Int {
    var part = part(inputRows: inputRows, outputRows: rows, paddingAbove: paddingAbove)
    return unsafe kind == .depthwise
      ? swl_q8_depthwise_scratch_bytes(isa, &part) : swl_q8_conv_scratch_bytes(isa, &part)
  }

  private func run(_ band: RowBand, _ invocation: borrowing Invocation) {
    var part = part(inputRows: band.inputRows, outputRows: band.outputRows, paddingAbove: band.paddingAbove)
    let packed = unsafe invocation.pointer(packed)
    if kind == .depthwise {
      let units = unsafe swl_q8_depthwise_units(isa, &part)
      unsafe swl_q8_depthwise_run(isa, &part, packed, band.input, band.output, band.scratch, 0, units)
    } else {
      let units = unsafe swl_q8_conv_units(isa, &part)
      unsafe swl_q8_conv_run(isa, &part, packed, band.input, band.output, band.scratch, 0, units)
    }
  }
}
