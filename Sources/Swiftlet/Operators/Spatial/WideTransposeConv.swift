import CKernels
import ModelFormat

/// TRANSPOSE_CONV on int16 with constant int8 weights and an optional constant bias of int32 or int64.
package struct WideTransposeConv: Sendable {
  private let input, output, packed, biases, scales, sums: Operand
  private let parameters: swl_transpose_conv_params
  private let limits: ClosedRange<Int32>
  private let isLong: Bool
  private let batches, rowsAtOnce: Int
  private let isa: swl_isa

  init(_ node: Node, _ parameters: swl_transpose_conv_params) throws(PrepareError) {
    let (input, output) = (try node.input(TransposeConv.data), try node.output(0))
    let channels = parameters.out_channels
    let quantization = try QuantizedWeights(
      node, channels: channels, channelDimension: 0,
      operands: .init(data: TransposeConv.data, weights: TransposeConv.weights, bias: TransposeConv.bias))
    try QuantizedWeights.requireBias(node, TransposeConv.bias, ofTypeIn: 4)
    guard case .double(let multipliers) = quantization.scales, let constants = try quantization.constants(node),
      try node.input(TransposeConv.weights).type == .int8
    else {
      throw PrepareError(
        .notConstant, .input(TransposeConv.weights), remedy: "freeze weights and bias to constants when converting")
    }
    var parameters = parameters
    let count = unsafe swl_transpose_conv_weight_count(&parameters)
    let addends = constants.biases(count: channels, isWide: try node.optionalInput(TransposeConv.bias)?.type == .int64)
    var isLong = false
    packed = unsafe try node.packed(count.multipliedSaturated(by: MemoryLayout<Int16>.size)) { memory in
      let words = unsafe memory.assumingMemoryBound(to: Int16.self)
      unsafe constants.withPointers { weights, _ in
        unsafe swl_i8_transpose_conv_pack(&parameters, weights, words)
      }
      isLong = unsafe swl_i16_transpose_conv_is_long(&parameters, words, addends)
    }
    self.isLong = isLong
    biases = unsafe try node.packed(channels * MemoryLayout<Int64>.stride) { memory in
      unsafe memory.copyMemory(from: addends, byteCount: channels * MemoryLayout<Int64>.stride)
    }
    scales = unsafe try node.packed(channels * MemoryLayout<Double>.stride) { memory in
      unsafe memory.copyMemory(from: multipliers, byteCount: channels * MemoryLayout<Double>.stride)
    }
    limits = try ActivationLimits(node.options.int8(3)).quantized(
      scale: output.scale, zeroPoint: 0, lowest: -32768, highest: 32767)
    let rowElements = parameters.out_width.multipliedSaturated(by: channels)
    rowsAtOnce = max(1, min(parameters.out_height, 4096 / max(1, rowElements)))
    sums = node.scratch(rowsAtOnce.multipliedSaturated(by: rowElements).multipliedSaturated(by: 8))
    self.input = node.operand(input)
    self.output = node.operand(output)
    self.parameters = parameters
    batches = input.shape[0]
    isa = node.isa.value
  }

  func run(_ invocation: borrowing Invocation) {
    let input = unsafe invocation.elements(input, as: Int16.self)
    let output = unsafe invocation.elements(output, as: Int16.self)
    let packed = unsafe invocation.elements(packed, as: Int16.self)
    let sums = unsafe invocation.pointer(sums)
    var scaling = unsafe swl_i16_transpose_conv_scaling(
      biases: invocation.elements(biases, as: Int64.self), scales: invocation.elements(scales, as: Double.self),
      low: limits.lowerBound, high: limits.upperBound, is_long: isLong)
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
