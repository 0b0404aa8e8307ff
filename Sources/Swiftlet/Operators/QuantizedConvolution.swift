import CKernels
import ModelFormat

/// CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED on int8, uint8 and, with int8 weights, int16; signed weights may also be
/// int4 and int2. Constant weights are packed while preparing, computed ones in every run; units of output are shared
/// among the threads.
///
/// The accumulator is the exact int32 sum; the output is `clamp(roundToNearestEven(Float(accumulator) * scale[c]) +
/// zeroPoint)` with `scale[c] = inputScale * weightScale[c] / outputScale`, all in float32 and in this order, as XNNPACK
/// computes it. On int16 the sum has 64 bits and the scale is TensorFlow Lite's fixed-point multiplier, with the rounding
/// of its reference kernels.
package struct QuantizedConvolution: Sendable {
  package enum Kind: Sendable {
    case ordinary, depthwise
    /// A fully connected layer whose weights stand as (depth, units).
    case depthMajor
  }

  let kind: Kind
  private(set) var layer: swl_q8_layer
  let isa: swl_isa
  private let input, output, scratch: Operand
  let packed: Operand
  /// Weights, bias and scales when they have to be packed in every run.
  let computed: ComputedWeights?
  /// Of the whole output.
  private(set) var products: Int
  /// Bytes of scratch memory for each thread.
  private var scratchBytes: Int
  /// Independent parts of the work, and how many of them take about ten microseconds.
  private var units, grain: Int
  private let workRate: WorkRate
  private let threads: Int

  struct ComputedWeights {
    let weights: Operand
    let bias: Operand?
    let scales: Operand
  }

  /// `layer` has its geometry; `channelDimension` is the dimension of the weights that the output channels are.
  init(
    _ node: Node, _ kind: Kind, _ geometry: swl_q8_layer, channelDimension: Int, products: Int,
    _ limits: ActivationLimits, precision: QuantizedScales.Precision = .reduced
  ) throws(PrepareError) {
    let quantization = try QuantizedWeights(
      node, channels: Int(geometry.out_c), channelDimension: channelDimension, precision: precision)
    var layer = geometry
    try layer.setQuantization(node, quantization, limits)
    let isa = node.isa.value
    let (packedBytes, scratchBytes, units) =
      switch kind {
      case .ordinary, .depthMajor:
        unsafe (
          swl_q8_conv_packed_bytes(isa, &layer), swl_q8_conv_scratch_bytes(isa, &layer), swl_q8_conv_units(isa, &layer)
        )
      case .depthwise:
        unsafe (
          swl_q8_depthwise_packed_bytes(isa, &layer), swl_q8_depthwise_scratch_bytes(isa, &layer),
          swl_q8_depthwise_units(isa, &layer)
        )
      }
    // Sizes that overflow saturate at the largest unsigned number.
    guard packedBytes >= 0, scratchBytes >= 0 else {
      throw PrepareError(.memoryBudget, field: "scratch memory", remedy: "the window is too large for any memory")
    }
    if let constants = try quantization.constants(node) {
      packed = try node.kept(packedBytes) { () throws(PrepareError) in
        try Self.pack(node, kind, isa, layer, constants, quantization.scales, packedBytes)
      }
      computed = nil
    } else {
      packed = node.scratch(packedBytes)
      computed = ComputedWeights(
        weights: node.operand(try node.input(1)), bias: try node.optionalInput(2).map { node.operand($0) },
        scales: unsafe try node.table(quantization.scales.byteCount) { unsafe quantization.scales.fill($0) })
    }
    self.kind = kind
    self.products = products
    self.layer = layer
    self.isa = isa
    self.scratchBytes = align(scratchBytes)
    self.units = units
    input = node.operand(try node.input(0))
    output = node.operand(try node.output(0))
    let reserved = node.isRunTime ? max(scratchBytes, Self.mostScratch(kind, isa, layer)) : scratchBytes
    scratch = node.scratch(align(reserved).multipliedSaturated(by: node.threads))
    workRate = Self.workRate(kind, layer)
    grain = workRate.grain(products: products / max(1, units), node.isa)
    threads = node.threads
  }

  /// Sizes of the picture, strides and paddings leave the packed weights as they are.
  private static func packingKey(
    _ node: Node, _ kind: Kind, _ layer: swl_q8_layer, _ scales: QuantizedScales
  ) -> PackingKey? {
    guard let weights = node.buffer(ofInput: 1), weights > 0, let bias = node.buffer(ofInput: 2) else { return nil }
    let types =
      Int(layer.weight_bits) << 3 | (layer.is_unsigned ? 4 : 0) | (layer.is_wide ? 2 : 0)
      | (layer.has_wide_bias ? 1 : 0)
    let packing: PackingKey.Kind =
      switch kind {
      case .ordinary: .convolution
      case .depthwise: .depthwise
      case .depthMajor: .depthMajor
      }
    return PackingKey(
      kind: packing, weights: weights, bias: bias,
      numbers: [
        Int(layer.in_c), Int(layer.out_c), Int(layer.kernel_h), Int(layer.kernel_w), Int(layer.dilation_h),
        Int(layer.dilation_w), Int(layer.groups), Int(layer.input_zero_point), Int(layer.weight_zero_point), types,
      ], scales: scales)
  }

  /// Makes a fully connected layer follow the number of rows, see `AdaptableOperator`: its packed weights do not depend on
  /// that.
  mutating func adapt(toRows rows: Int, products: Int, _ shapes: RunTimeShapes) {
    layer.batch = Int32(clamping: rows)
    self.products = products
    units = unsafe swl_q8_conv_units(isa, &layer)
    scratchBytes = align(max(0, unsafe swl_q8_conv_scratch_bytes(isa, &layer)))
    grain = workRate.grain(products: products / max(1, units), ISA(isa))
    shapes.resize(scratch: scratch, to: scratchBytes.multipliedSaturated(by: threads))
  }

  private static func workRate(_ kind: Kind, _ layer: swl_q8_layer) -> WorkRate {
    switch kind {
    case .ordinary, .depthMajor: layer.is_wide ? .int16 : .int8
    case .depthwise: layer.is_wide ? .int16Depthwise : .int8Depthwise
    }
  }

  /// Wider pictures are taken a row at a time, so that they need the more memory the wider they are.
  static let widestWalked = 8192

  /// The most scratch memory that the layer needs for pictures up to this size: bands of narrow ones have more rows, and
  /// other sizes have other paddings.
  private static func mostScratch(_ kind: Kind, _ isa: swl_isa, _ layer: swl_q8_layer) -> Int {
    guard layer.kernel_h > 1 || layer.kernel_w > 1 || layer.stride_h > 1 || layer.stride_w > 1 else { return 0 }
    var most = 0
    var narrow = layer
    narrow.pad_left = max(1, layer.pad_left)
    narrow.out_w = min(layer.out_w, Int32(widestWalked))
    while narrow.out_w > 0 {
      let bytes =
        unsafe kind == .depthwise
        ? swl_q8_depthwise_scratch_bytes(isa, &narrow) : swl_q8_conv_scratch_bytes(isa, &narrow)
      most = max(most, bytes)
      narrow.out_w -= 1
    }
    return most
  }

  private static func pack(
    _ node: Node, _ kind: Kind, _ isa: swl_isa, _ layer: swl_q8_layer, _ constants: QuantizedWeights.Constants,
    _ scales: QuantizedScales, _ byteCount: Int
  ) throws(PrepareError) -> Operand {
    let key = packingKey(node, kind, layer, scales)
    return unsafe try node.packedLater(byteCount, key: key) { packed in
      unsafe constants.withPointers { weights, bias in
        unsafe scales.withPointer { scales in unsafe Self.pack(kind, isa, layer, weights, bias, scales, packed) }
      }
    }
  }

  private static func pack(
    _ kind: Kind, _ isa: swl_isa, _ layer: swl_q8_layer, _ weights: UnsafeRawPointer, _ bias: UnsafeRawPointer?,
    _ scales: UnsafeRawPointer?, _ packed: UnsafeMutableRawPointer
  ) {
    unsafe withUnsafePointer(to: layer) { layer in
      switch kind {
      case .ordinary: unsafe swl_q8_conv_pack(isa, layer, weights, bias, scales, packed)
      case .depthwise: unsafe swl_q8_depthwise_pack(isa, layer, weights, bias, scales, packed)
      case .depthMajor:
        unsafe swl_q8_fully_connected_pack_depth_major(isa, layer, weights, bias, scales, packed)
      }
    }
  }

  func run(_ invocation: borrowing Invocation) {
    let input = unsafe UnsafeRawPointer(invocation.pointer(input))
    let output = unsafe invocation.pointer(output)
    let packed = unsafe invocation.pointer(packed)
    let scratch = unsafe invocation.pointer(scratch)
    if let computed {
      let bias = unsafe computed.bias.map { unsafe UnsafeRawPointer(invocation.pointer($0)) }
      unsafe Self.pack(
        kind, isa, layer, invocation.pointer(computed.weights), bias, invocation.pointer(computed.scales), packed)
    }
    invocation.parallel(count: units, grain: grain) { begin, end, part in
      let scratch = unsafe scratch + part * scratchBytes
      unsafe withUnsafePointer(to: layer) { layer in
        switch kind {
        case .ordinary, .depthMajor: unsafe swl_q8_conv_run(isa, layer, packed, input, output, scratch, begin, end)
        case .depthwise: unsafe swl_q8_depthwise_run(isa, layer, packed, input, output, scratch, begin, end)
        }
      }
    }
  }
}

extension swl_q8_layer {
  init(_ geometry: ConvolutionGeometry) {
    self.init()
    batch = Int32(clamping: geometry.batches)
    in_h = Int32(clamping: geometry.rows.input)
    in_w = Int32(clamping: geometry.columns.input)
    in_c = Int32(clamping: geometry.inputChannels)
    out_h = Int32(clamping: geometry.rows.output)
    out_w = Int32(clamping: geometry.columns.output)
    out_c = Int32(clamping: geometry.outputChannels)
    kernel_h = Int32(clamping: geometry.rows.window)
    kernel_w = Int32(clamping: geometry.columns.window)
    stride_h = Int32(clamping: geometry.rows.stride)
    stride_w = Int32(clamping: geometry.columns.stride)
    dilation_h = Int32(clamping: geometry.rows.dilation)
    dilation_w = Int32(clamping: geometry.columns.dilation)
    pad_top = Int32(clamping: geometry.rows.paddingBefore)
    pad_left = Int32(clamping: geometry.columns.paddingBefore)
    groups = Int32(clamping: geometry.groups)
  }

  /// Types, zero points and bounds; `operands` are positions among the inputs.
  mutating func setQuantization(
    _ node: Node, _ weights: QuantizedWeights, _ limits: ActivationLimits,
    _ operands: QuantizedWeights.Operands = .init()
  ) throws(PrepareError) {
    let (input, output) = (try node.input(operands.data), try node.output(0))
    guard output.type == input.type else {
      throw PrepareError(.typeMismatch, .output(0), found: .type(output.type), expected: .type(input.type))
    }
    is_unsigned = input.type == .uint8
    is_wide = input.type == .int16
    has_wide_bias = try node.optionalInput(operands.bias)?.type == .int64
    weight_bits = UInt8(try node.input(operands.weights).type.bitWidth)
    input_zero_point = input.zeroPoint
    weight_zero_point = weights.zeroPoint
    output_zero_point = output.zeroPoint
    let lowest: Int32 = is_unsigned ? 0 : -128
    let range =
      is_wide
      ? limits.quantized(scale: output.scale, zeroPoint: 0, lowest: -32768, highest: 32767)
      : limits.quantizedToEven(
        scale: output.scale, zeroPoint: output.zeroPoint, lowest: lowest, highest: lowest + 255)
    (minimum, maximum) = (range.lowerBound, range.upperBound)
  }
}
