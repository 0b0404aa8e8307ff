import CKernels
import ModelFormat

/// TRANSPOSE_CONV on int16 with constant int8 weights and an optional constant bias of int32 or int64.
package struct WideTransposeConv: Sendable {
  private let input, output, scales, sums: Operand
  /// Whether sums need 64 bits, an int64; the biases, int64; the weights, int16.
  private let packed: Operand
  private let parameters: swl_transpose_conv_params
  private let limits: ClosedRange<Int32>
  private let batches, rowsAtOnce: Int
  private let isa: swl_isa

  init(_ node: Node, _ parameters: swl_transpose_conv_params) throws(PrepareError) {
    let (input, output) = (try node.input(TransposeConv.data), try node.output(0))
    let channels = parameters.out_channels
    let quantization = try QuantizedWeights(
      node, channels: channels, channelDimension: 0,
      operands: .init(data: TransposeConv.data, weights: TransposeConv.weights, bias: TransposeConv.bias))
    try QuantizedWeights.requireBias(node, TransposeConv.bias, ofTypeIn: 4)
    guard let constants = try quantization.constants(node), try node.input(TransposeConv.weights).type == .int8
    else {
      throw PrepareError(
        .notConstant, .input(TransposeConv.weights), remedy: "freeze weights and bias to constants when converting")
    }
    var parameters = parameters
    let count = unsafe swl_transpose_conv_weight_count(&parameters)
    let isWide = try node.optionalInput(TransposeConv.bias)?.type == .int64
    let wordBytes = count.multipliedSaturated(by: MemoryLayout<Int16>.size)
    packed = unsafe try node.packed(wordBytes.addingSaturated((channels + 1) * MemoryLayout<Int64>.stride)) { memory in
      let biases = constants.biases(count: channels, isWide: isWide)
      let words = unsafe (memory + (channels + 1) * MemoryLayout<Int64>.stride).assumingMemoryBound(to: Int16.self)
      unsafe constants.withPointers { weights, _ in
        unsafe swl_i8_transpose_conv_pack(&parameters, weights, words)
      }
      let isLong = unsafe swl_i16_transpose_conv_is_long(&parameters, words, biases)
      unsafe memory.storeBytes(of: isLong ? 1 : 0, as: Int64.self)
      unsafe (memory + MemoryLayout<Int64>.stride)
        .copyMemory(from: biases, byteCount: channels * MemoryLayout<Int64>.stride)
    }
    scales = unsafe try node.packed(quantization.scales.byteCount) { unsafe quantization.scales.fill($0) }
    limits = try ActivationLimits(node.options.int8(3)).quantized(
      scale: output.scale, zeroPoint: 0, lowest: -32768, highest: 32767)
    rowsAtOnce = TransposeConv.rowsAtOnce(parameters)
    sums = TransposeConv.sums(node, parameters, bytes: MemoryLayout<Int64>.size)
    self.input = node.operand(input)
    self.output = node.operand(output)
    self.parameters = parameters
    batches = input.shape[0]
    isa = node.isa.value
  }

  func run(_ invocation: borrowing Invocation) {
    let input = unsafe invocation.elements(input, as: Int16.self)
    let output = unsafe invocation.elements(output, as: Int16.self)
    let constants = unsafe invocation.elements(packed, as: Int64.self)
    let channels = parameters.out_channels
    let packed = unsafe UnsafePointer(
      UnsafeMutableRawPointer(constants + 1 + channels).assumingMemoryBound(to: Int16.self))
    let sums = unsafe invocation.pointer(sums)
    var scaling = unsafe swl_i16_transpose_conv_scaling(
      biases: constants + 1, scales: invocation.elements(scales, as: Double.self),
      low: limits.lowerBound, high: limits.upperBound, is_long: constants[0] != 0)
    unsafe withUnsafePointer(to: parameters) { parameters in
      let inputs = unsafe parameters.pointee.in_height * parameters.pointee.in_width * parameters.pointee.in_channels
      let rows = unsafe parameters.pointee.out_height
      let outputs = unsafe rows * parameters.pointee.out_width * parameters.pointee.out_channels
      for batch in 0..<batches {
        for begin in stride(from: 0, to: rows, by: rowsAtOnce) {
          unsafe swl_i16_transpose_conv(
            isa, parameters, input + batch * inputs, packed, output + batch * outputs, sums, begin,
            min(begin + rowsAtOnce, rows), &scaling)
        }
      }
    }
  }
}
