import CKernels
import ModelFormat

/// CONV_2D and DEPTHWISE_CONV_2D on float32. Constant weights are packed while preparing, computed ones in every run; rows
/// of output are shared among the threads.
package struct FloatConvolution: Sendable {
  let kind: ConvolutionGeometry.Kind
  let geometry: ConvolutionGeometry
  let parameters: swl_f32_conv_params
  let isa: swl_isa
  private let input, output, scratch: Operand
  let packed: Operand
  let computed: ComputedFloatWeights?
  /// Bytes of scratch memory for each thread.
  private let scratchBytes: Int
  /// Rows of output or parts of them, and how many take about ten microseconds.
  private let units, grain: Int

  init(
    _ node: Node, _ geometry: ConvolutionGeometry, _ kind: ConvolutionGeometry.Kind, _ limits: ActivationLimits
  ) throws(PrepareError) {
    try OperatorTable.requireLayers(Selection.hasFloatLayers)
    try FloatWeights.requireFloatOutput(node)
    var parameters = swl_f32_conv_params(geometry, limits)
    parameters.bfloat16 = kind == .ordinary && node.roundsToBfloat16
    let isa = node.isa.value
    try Self.requireScratchFits(geometry)
    let (packedBytes, scratchBytes) =
      switch kind {
      case .ordinary:
        unsafe (swl_f32_conv_packed_bytes(isa, &parameters), swl_f32_conv_scratch_bytes(isa, &parameters))
      case .depthwise:
        unsafe (swl_f32_depthwise_packed_bytes(isa, &parameters), swl_f32_depthwise_scratch_bytes(isa, &parameters))
      }
    if let constants = try FloatWeights(
      constantsOf: node, channels: geometry.outputChannels, channelsLast: kind == .depthwise)
    {
      packed = try node.kept(packedBytes) { () throws(PrepareError) in
        try Self.pack(node, kind, isa, parameters, constants, packedBytes)
      }
      computed = nil
    } else {
      packed = node.scratch(packedBytes)
      computed = try ComputedFloatWeights(node)
    }
    self.kind = kind
    self.geometry = geometry
    self.parameters = parameters
    self.isa = isa
    self.scratchBytes = align(scratchBytes)
    input = node.operand(try node.input(0))
    output = node.operand(try node.output(0))
    let reserved = node.isRunTime ? max(scratchBytes, Self.mostScratch(kind, isa, parameters)) : scratchBytes
    scratch = node.scratch(align(reserved).multipliedSaturated(by: node.threads))
    let rows = parameters.batches * parameters.out_height
    units = unsafe kind == .depthwise ? rows : swl_f32_conv_units(&parameters)
    let products = rows.multipliedSaturated(by: parameters.out_width)
      .multipliedSaturated(by: geometry.outputChannels).multipliedSaturated(by: geometry.depth)
    let rate: WorkRate = kind == .depthwise ? .floatDepthwise : parameters.bfloat16 ? .bfloat16 : .float
    grain = rate.grain(products: products / max(units, 1), node.isa)
  }

  /// Sizes of the picture, strides and paddings leave the packed weights as they are.
  private static func packingKey(
    _ node: Node, _ kind: ConvolutionGeometry.Kind, _ parameters: swl_f32_conv_params
  ) throws(PrepareError) -> PackingKey? {
    guard try node.input(1).type == .float32, let weights = node.floatBuffer(ofInput: 1), weights.index > 0,
      let bias = node.floatBuffer(ofInput: 2)
    else { return nil }
    return PackingKey(
      kind: kind == .depthwise ? .floatDepthwise : .floatConvolution, weights: weights.index, bias: bias.index,
      numbers: [
        parameters.in_channels, parameters.out_channels, parameters.kernel_height, parameters.kernel_width,
        parameters.groups, parameters.dilation_height, parameters.dilation_width, parameters.bfloat16 ? 1 : 0, 0, 0,
      ], scales: nil,
      halves: (weights.isHalf ? 1 : 0) | (bias.isHalf ? 2 : 0))
  }

  /// The kernels copy the padded surroundings of some rows; their size must be a number.
  private static func requireScratchFits(_ geometry: ConvolutionGeometry) throws(PrepareError) {
    let bytes = geometry.rows.window.multipliedSaturated(by: geometry.columns.reach)
      .multipliedSaturated(by: geometry.inputChannels).multipliedSaturated(by: 1024)
    guard bytes < Int.max else {
      throw PrepareError(.memoryBudget, field: "scratch memory", remedy: "the window is too large for any memory")
    }
  }

  /// The most scratch memory that the layer needs for pictures up to this size: of narrow ones more rows are taken together.
  private static func mostScratch(
    _ kind: ConvolutionGeometry.Kind, _ isa: swl_isa, _ parameters: swl_f32_conv_params
  ) -> Int {
    var (most, narrow) = (0, parameters)
    (narrow.in_width, narrow.pad_left) = (0, 0)  // every window reaches beyond the picture
    narrow.out_width = min(parameters.out_width, QuantizedConvolution.widestWalked)
    while narrow.out_width > 0 {
      let bytes =
        unsafe kind == .depthwise
        ? swl_f32_depthwise_scratch_bytes(isa, &narrow) : swl_f32_conv_scratch_bytes(isa, &narrow)
      most = max(most, bytes)
      narrow.out_width -= 1
    }
    return most
  }

  private static func pack(
    _ node: Node, _ kind: ConvolutionGeometry.Kind, _ isa: swl_isa, _ parameters: swl_f32_conv_params,
    _ constants: FloatWeights, _ byteCount: Int
  ) throws(PrepareError) -> Operand {
    let key = try packingKey(node, kind, parameters)
    return unsafe try node.packedLater(byteCount, key: key) { packed in
      unsafe constants.withPointers { weights, bias in
        unsafe Self.pack(kind, isa, parameters, weights, bias, packed)
      }
    }
  }

  private static func pack(
    _ kind: ConvolutionGeometry.Kind, _ isa: swl_isa, _ parameters: swl_f32_conv_params, _ weights: UnsafeRawPointer,
    _ bias: UnsafeRawPointer?, _ packed: UnsafeMutableRawPointer
  ) {
    unsafe withUnsafePointer(to: parameters) { parameters in
      switch kind {
      case .ordinary: unsafe swl_f32_conv_pack(isa, parameters, weights, bias, packed)
      case .depthwise: unsafe swl_f32_depthwise_pack(isa, parameters, weights, bias, packed)
      }
    }
  }

  func run(_ invocation: borrowing Invocation) {
    guard Selection.hasFloatLayers else { return }
    let input = unsafe UnsafePointer(invocation.pointer(input).assumingMemoryBound(to: Float.self))
    let output = unsafe invocation.pointer(output).assumingMemoryBound(to: Float.self)
    let packed = unsafe invocation.pointer(packed)
    let scratch = unsafe invocation.pointer(scratch)
    unsafe computed?.withPointers(invocation) { weights, bias in
      unsafe Self.pack(kind, isa, parameters, weights, bias, packed)
    }
    invocation.parallel(count: units, grain: grain) { begin, end, part in
      let scratch = unsafe scratch + part * scratchBytes
      unsafe withUnsafePointer(to: parameters) { parameters in
        switch kind {
        case .ordinary: unsafe swl_f32_conv(isa, parameters, packed, input, output, scratch, begin, end)
        case .depthwise: unsafe swl_f32_depthwise(isa, parameters, packed, input, output, scratch, begin, end)
        }
      }
    }
  }
}

extension swl_f32_conv_params {
  /// A pointwise convolution becomes one column of pixels, so that its rows can be shared out finely.
  init(_ geometry: ConvolutionGeometry, _ limits: ActivationLimits) {
    let pixels = geometry.batches * geometry.rows.output * geometry.columns.output
    let flat = geometry.isPointwise
    self.init(
      batches: flat ? 1 : geometry.batches, in_height: flat ? pixels : geometry.rows.input,
      in_width: flat ? 1 : geometry.columns.input, in_channels: geometry.inputChannels,
      out_height: flat ? pixels : geometry.rows.output, out_width: flat ? 1 : geometry.columns.output,
      out_channels: geometry.outputChannels, kernel_height: geometry.rows.window, kernel_width: geometry.columns.window,
      stride_height: geometry.rows.stride, stride_width: geometry.columns.stride,
      dilation_height: geometry.rows.dilation, dilation_width: geometry.columns.dilation,
      pad_top: geometry.rows.paddingBefore, pad_left: geometry.columns.paddingBefore, groups: geometry.groups,
      minimum: limits.minimum, maximum: limits.maximum, weight_bits: 8, weight_block: 0, output_row: 0, output_pixel: 0,
      bfloat16: false)
  }
}
