import CKernels
import ModelFormat

/// LSTM, its basic form: one step on uint8 with a 16-bit cell state, equal to TensorFlow Lite's reference kernel.
///
/// Inputs: data (batch, features), quantized with 1/128 and 128 like all uint8 tensors but the weights; the last output, a
/// variable; weights (4 * cells, features + cells), in the order input gate, new value, forget gate, output gate; bias, int32;
/// the cell state, an int16 variable with scale 2^-11. Outputs: the new output, the new state, and what the step was computed
/// from: the data beside the last output, and the gates' sums.
package struct BasicLSTM: Sendable {
  private let input, lastOutput, weights, bias, lastState: Operand
  private let output, state, values, gates: Operand
  private let parameters: swl_u8_lstm_params
  private let batches: Int

  static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 5...5, outputs: 4)
    let (input, weights) = (try node.input(0), try node.input(2))
    try node.require(input, .input(0), rank: 2)
    try node.require(weights, .input(2), rank: 2)
    let (batches, features, cells) = (input.shape[0], input.shape[1], weights.shape[0] / 4)
    for position in 1...4 {
      let expected =
        switch position {
        case 2: Shape(of: cells.multipliedSaturated(by: 4), features.addingSaturated(cells))
        case 3: Shape(of: cells.multipliedSaturated(by: 4))
        default: Shape(of: batches, cells)
        }
      let found = try node.input(position).shape
      guard let expected, found == expected else {
        throw PrepareError(
          .shapeMismatch, .input(position), field: "shape", found: .shape(found),
          expected: expected.map { .shape($0) } ?? .none)
      }
    }
    try node.setOutput(0, shape: Shape(of: batches, cells))
    try node.setOutput(1, shape: Shape(of: batches, cells))
    try node.setOutput(2, shape: Shape(of: batches, features.addingSaturated(cells)))
    try node.setOutput(3, shape: Shape(of: batches, cells.multipliedSaturated(by: 4)))
  }

  init(_ node: Node) throws(PrepareError) {
    let (input, weights, bias) = (try node.input(0), try node.input(2), try node.input(3))
    for position in 0..<3 { try node.expectType(of: try node.input(position), .input(position), among: .uint8) }
    try node.expectType(of: bias, .input(3), among: .int32)
    try node.expectType(of: try node.input(4), .input(4), among: .int16)
    for position in [0, 2] {
      try node.expectType(of: try node.output(position), .output(position), among: .uint8)
    }
    for position in [1, 3] {
      try node.expectType(of: try node.output(position), .output(position), among: .int16)
    }
    for position in [1, 4] where try !node.input(position).isVariable {
      throw PrepareError(.variableInvalid, .input(position), expected: .text("a tensor with is_variable"))
    }
    try BasicLSTM.requireScales(node)
    let quantization = try node.quantizationPerTensor(weights, .input(2))
    let scale = Double(input.scale) * Double(quantization.scale)
    parameters = swl_u8_lstm_params(
      inputs: input.shape[1], cells: weights.shape[0] / 4, weight_zero_point: quantization.zeroPoint,
      multiplier: try node.fixedPoint(4096 * (bias.scale > 0 ? Double(bias.scale) : scale)).c)
    batches = input.shape[0]
    self.input = node.operand(input)
    self.weights = node.operand(weights)
    self.bias = try node.alignedOperand(bias)
    lastOutput = node.operand(try node.input(1))
    lastState = node.operand(try node.input(4))
    output = node.operand(try node.output(0))
    state = node.operand(try node.output(1))
    values = node.operand(try node.output(2))
    gates = node.operand(try node.output(3))
  }

  /// Activations have scale 1/128 and zero point 128, the states scale 2^-11.
  private static func requireScales(_ node: Node) throws(PrepareError) {
    for (tensor, operand) in [
      (try node.input(0), PrepareError.OperandReference.input(0)), (try node.output(0), .output(0)),
    ] {
      let found = try node.quantizationPerTensor(tensor, operand)
      guard found.scale == 1 / 128, found.zeroPoint == 128 else {
        throw PrepareError(
          .quantizationInvalid, operand, field: "scale", found: .float(found.scale), expected: .float(1 / 128))
      }
    }
    for (tensor, operand) in [
      (try node.input(4), PrepareError.OperandReference.input(4)), (try node.output(1), .output(1)),
    ] {
      let found = try node.quantizationPerTensor(tensor, operand)
      guard found.scale == 0x1p-11 else {
        throw PrepareError(
          .quantizationInvalid, operand, field: "scale", found: .float(found.scale), expected: .float(0x1p-11))
      }
    }
  }

  func run(_ invocation: borrowing Invocation) {
    let (features, cells) = (parameters.inputs, parameters.cells)
    let width = features + cells
    let input = invocation.view(input, as: UInt8.self, count: batches * features)
    let lastOutput = invocation.view(lastOutput, as: UInt8.self, count: batches * cells)
    let lastState = invocation.view(lastState, as: Int16.self, count: batches * cells)
    let output = invocation.view(output, as: UInt8.self, count: batches * cells)
    let values = invocation.view(values, as: UInt8.self, count: batches * width)
    for batch in 0..<batches {
      for index in 0..<features { values[batch * width + index] = input[batch * features + index] }
      for index in 0..<cells { values[batch * width + features + index] = lastOutput[batch * cells + index] }
      unsafe withUnsafePointer(to: parameters) { parameters in
        unsafe swl_u8_lstm_step(
          parameters, values.pointer + batch * width, invocation.elements(weights, as: UInt8.self),
          invocation.elements(bias, as: Int32.self), invocation.elements(gates, as: Int16.self) + batch * 4 * cells,
          output.pointer + batch * cells, lastState.pointer + batch * cells)
      }
    }
    lastOutput.copy(from: output)
    invocation.view(state, as: Int16.self, count: batches * cells).copy(from: lastState)
  }
}
