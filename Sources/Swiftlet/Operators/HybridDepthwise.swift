import CKernels
import ModelFormat

/// DEPTHWISE_CONV_2D with float32 activations and constant weights of 8, 4 or 2 bits, quantized per tensor or per output
/// channel.
///
/// Each picture is quantized to int8 while running; see `swl_hybrid.h` for the formula, which is that of LiteRT's default.
package struct HybridDepthwise: Sendable {
  private let layer: swl_q8_layer
  private let limits: swl_hybrid_limits
  private let isa: swl_isa
  private let input, output, packed, quantized, scratch: Operand
  /// Bytes of scratch memory for each thread.
  private let scratchBytes: Int
  private let batches, rows, grain: Int

  init(_ node: Node, _ geometry: ConvolutionGeometry, _ limits: ActivationLimits) throws(PrepareError) {
    try OperatorTable.requireLayers(Selection.hasHybridLayers)
    try FloatWeights.requireFloatOutput(node)
    let channels = geometry.outputChannels
    var layer = swl_q8_layer(geometry)
    layer.weight_bits = UInt8(try node.input(1).type.bitWidth)
    let isa = node.isa.value
    let packedBytes = unsafe swl_hybrid_depthwise_packed_bytes(isa, &layer)
    let quantizedBytes = unsafe swl_hybrid_depthwise_quantized_bytes(&layer)
    let scratchBytes = unsafe swl_hybrid_depthwise_scratch_bytes(isa, &layer)
    // Sizes that overflow saturate at the largest unsigned number.
    guard packedBytes >= 0, quantizedBytes >= 0, scratchBytes >= 0 else {
      throw PrepareError(.memoryBudget, field: "scratch memory", remedy: "the window is too large for any memory")
    }
    packed = try node.kept(packedBytes) { () throws(PrepareError) in
      try Self.pack(node, isa, layer, channels: channels, packedBytes)
    }
    self.layer = layer
    self.limits = swl_hybrid_limits(minimum: limits.minimum, maximum: limits.maximum)
    self.isa = isa
    self.scratchBytes = align(scratchBytes)
    input = node.operand(try node.input(0))
    output = node.operand(try node.output(0))
    quantized = node.scratch(quantizedBytes)
    scratch = node.scratch(self.scratchBytes.multipliedSaturated(by: node.threads))
    batches = geometry.batches
    rows = geometry.batches.multipliedSaturated(by: geometry.rows.output)
    grain = WorkRate.int8Depthwise.grain(products: geometry.products / max(1, rows), node.isa)
  }

  private static func pack(
    _ node: Node, _ isa: swl_isa, _ layer: swl_q8_layer, channels: Int, _ byteCount: Int
  ) throws(PrepareError) -> Operand {
    var scales = try FloatWeights.scales(node, channels: channels, dimension: 3)
    if scales.count != channels { scales = [Float](repeating: scales[0], count: channels) }
    let (constants, numbers) = (try FloatWeights(node), scales)
    return unsafe try node.packedLater(byteCount) { packed in
      unsafe constants.withPointers { weights, bias in
        unsafe withUnsafePointer(to: layer) {
          unsafe swl_hybrid_depthwise_pack(isa, $0, weights, numbers, bias, packed)
        }
      }
    }
  }

  func run(_ invocation: borrowing Invocation) {
    guard Selection.hasHybridLayers else { return }
    let input = unsafe UnsafePointer(invocation.pointer(input).assumingMemoryBound(to: Float.self))
    let output = unsafe invocation.pointer(output).assumingMemoryBound(to: Float.self)
    let packed = unsafe UnsafeRawPointer(invocation.pointer(packed))
    let quantized = unsafe invocation.pointer(quantized)
    let scratch = unsafe invocation.pointer(scratch)
    unsafe withUnsafePointer(to: layer) { layer in
      invocation.parallel(count: batches, grain: 1) { begin, end, _ in
        unsafe swl_hybrid_depthwise_quantize(isa, layer, input, quantized, begin, end)
      }
      invocation.parallel(count: rows, grain: grain) { begin, end, part in
        unsafe swl_hybrid_depthwise_run(
          isa, layer, limits, packed, quantized, output, scratch + part * scratchBytes, begin, end)
      }
    }
  }
}
