import CKernels
import ModelFormat

/// TRANSPOSE_CONV on float32 with constant int8 weights, quantized per tensor or per output channel: each picture is
/// quantized while running, and sums of integers become float32 outputs; see `swl_hybrid_transpose_conv`.
package struct HybridTransposeConv: Sendable {
  private let input, output, packed, scales, quantized, sums: Operand
  private let bias: Operand?
  private let parameters: swl_transpose_conv_params
  private let limits: ActivationLimits
  private let batches, rowsAtOnce: Int
  private let isa: swl_isa

  init(
    _ node: Node, _ parameters: swl_transpose_conv_params, _ limits: ActivationLimits
  ) throws(PrepareError) {
    let (input, weights) = (try node.input(TransposeConv.data), try node.input(TransposeConv.weights))
    let channels = parameters.out_channels
    let scales = try FloatWeights.scales(node, channels: channels, dimension: 0)
    guard weights.quantization?.isSymmetric == true else {
      throw PrepareError(
        .quantizationInvalid, .input(TransposeConv.weights), field: "zero point", expected: .int(0))
    }
    guard let bytes = node.constantBytes(weights), bytes.count >= weights.byteCount else {
      throw PrepareError(
        .notConstant, .input(TransposeConv.weights), remedy: "freeze it to a constant when converting")
    }
    packed = unsafe try node.packed(weights.byteCount) { memory in
      unsafe withUnsafePointer(to: parameters) { parameters in
        unsafe swl_hybrid_transpose_conv_pack(parameters, bytes.base, memory.assumingMemoryBound(to: Int8.self))
      }
    }
    self.scales = unsafe try node.packed(channels.multipliedSaturated(by: MemoryLayout<Float>.size)) { memory in
      for channel in 0..<channels {
        unsafe memory.storeBytes(
          of: scales[scales.count == 1 ? 0 : channel], toByteOffset: channel * MemoryLayout<Float>.size, as: Float.self)
      }
    }
    self.parameters = parameters
    self.limits = limits
    self.input = node.operand(input)
    output = node.operand(try node.output(0))
    bias = try node.optionalInput(TransposeConv.bias).map { node.operand($0) }
    batches = input.shape[0]
    isa = node.isa.value
    rowsAtOnce = Self.rowsAtOnce(parameters)
    quantized = node.scratch(input.count / max(1, batches))
    sums = Self.sums(node, parameters)
  }

  /// Elements of sums that stay in a first-level cache.
  private static let sumsAtOnce = 4096

  /// Rows of sums that are computed together.
  private static func rowsAtOnce(_ parameters: swl_transpose_conv_params) -> Int {
    let rowElements = parameters.out_width.multipliedSaturated(by: parameters.out_channels)
    return max(1, min(parameters.out_height, sumsAtOnce / max(1, rowElements)))
  }

  /// Memory for them, while running for those of any smaller picture.
  private static func sums(_ node: Node, _ parameters: swl_transpose_conv_params) -> Operand {
    let rowElements = parameters.out_width.multipliedSaturated(by: parameters.out_channels)
    let elements = rowsAtOnce(parameters).multipliedSaturated(by: rowElements)
    let most = node.isRunTime ? max(elements, sumsAtOnce) : elements
    return node.scratch(most.multipliedSaturated(by: MemoryLayout<Int32>.size))
  }

  func run(_ invocation: borrowing Invocation) {
    let picture = parameters.in_height * parameters.in_width * parameters.in_channels
    let outputs = parameters.out_height * parameters.out_width * parameters.out_channels
    let bias = unsafe bias.map { unsafe UnsafeRawPointer(invocation.pointer($0)) }
    let quantized = unsafe invocation.elements(quantized, as: Int8.self)
    for batch in 0..<batches {
      let group = unsafe swl_hybrid_quantize_row(
        isa, SWL_HYBRID_ASYMMETRIC, invocation.elements(input, as: Float.self) + batch * picture, picture, quantized)
      var scaling = unsafe swl_hybrid_transpose_conv_scaling(
        scales: invocation.elements(scales, as: Float.self), group: group, low: limits.minimum, high: limits.maximum)
      var begin = 0
      while begin < parameters.out_height {
        let end = min(begin + rowsAtOnce, parameters.out_height)
        unsafe withUnsafePointer(to: parameters) { parameters in
          unsafe swl_hybrid_transpose_conv(
            isa, parameters, quantized, invocation.elements(packed, as: Int8.self), bias,
            invocation.elements(output, as: Float.self) + batch * outputs, invocation.elements(sums, as: Int32.self),
            begin, end, &scaling)
        }
        begin = end
      }
    }
  }
}
