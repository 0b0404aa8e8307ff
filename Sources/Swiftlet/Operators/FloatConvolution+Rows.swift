import CKernels
internal import ModelFormat

/// Some rows of a layer are a layer of their own: fewer rows of input and of output, and less padding above.
extension FloatConvolution {
  /// `nil` when the weights are computed.
  var rowLayer: RowLayer? {
    guard Selection.hasFloatLayers, computed == nil, geometry.batches > 0, geometry.columns.output > 0 else {
      return nil
    }
    let element = MemoryLayout<Float>.size
    return RowLayer(
      rows: RowWindows(geometry.rows), batches: geometry.batches, outputColumns: geometry.columns.output,
      inputRowBytes: geometry.columns.input * geometry.inputChannels * element,
      outputRowBytes: geometry.columns.output * geometry.outputChannels * element, products: geometry.products,
      scratchBytes: { rows in rowScratchBytes(rows) },
      run: { band, invocation in run(band, invocation) })
  }

  private func part(inputRows: Int, outputRows: Int, paddingAbove: Int) -> swl_f32_conv_params {
    var part = parameters
    // A pointwise layer is one column of pixels.
    let pixels = geometry.isPointwise ? geometry.columns.output : 1
    part.batches = 1
    part.in_height = inputRows * pixels
    part.out_height = outputRows * pixels
    part.pad_top = paddingAbove
    return part
  }

  private func rowScratchBytes(_ rows: Int) -> Int {
    let windows = RowWindows(geometry.rows)
    var part = part(
      inputRows: (rows - 1) * windows.stride + windows.extent, outputRows: rows, paddingAbove: windows.paddingBefore)
    return unsafe kind == .depthwise
      ? swl_f32_depthwise_scratch_bytes(isa, &part) : swl_f32_conv_scratch_bytes(isa, &part)
  }

  private func run(_ band: RowBand, _ invocation: borrowing Invocation) {
    guard Selection.hasFloatLayers else { return }
    var part = part(inputRows: band.inputRows, outputRows: band.outputRows, paddingAbove: band.paddingAbove)
    let packed = unsafe UnsafeRawPointer(invocation.pointer(packed))
    let input = unsafe band.input.assumingMemoryBound(to: Float.self)
    let output = unsafe band.output.assumingMemoryBound(to: Float.self)
    if kind == .depthwise {
      let rows = part.out_height
      unsafe swl_f32_depthwise(isa, &part, packed, input, output, band.scratch, 0, rows)
    } else {
      let units = unsafe swl_f32_conv_units(&part)
      unsafe swl_f32_conv(isa, &part, packed, input, output, band.scratch, 0, units)
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
