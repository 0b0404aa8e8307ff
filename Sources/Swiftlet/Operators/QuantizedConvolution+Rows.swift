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

  /// Parts inside the picture, at its top and at its bottom may need different amounts.
  private func rowScratchBytes(_ rows: Int) -> Int {
    let reach = (rows - 1) * Int(layer.stride_h) + (Int(layer.kernel_h) - 1) * Int(layer.dilation_h) + 1
    var most = 0
    for (inputRows, paddingAbove) in [(reach, 0), (max(1, reach - 1), 0), (max(1, reach - 1), 1)] {
      var part = part(inputRows: inputRows, outputRows: rows, paddingAbove: paddingAbove)
      let bytes =
        unsafe kind == .depthwise
        ? swl_q8_depthwise_scratch_bytes(isa, &part) : swl_q8_conv_scratch_bytes(isa, &part)
      most = max(most, bytes)
    }
    return most
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
