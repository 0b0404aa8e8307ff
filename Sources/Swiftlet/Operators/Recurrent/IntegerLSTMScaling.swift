import CKernels
import ModelFormat

/// The multipliers of the 8-bit LSTM. Source: `PopulateQuantizedLstmParams8x8_16` of TensorFlow Lite, in the same float32
/// arithmetic.
struct IntegerLSTMScaling {
  private(set) var parameters = swl_i8_lstm_params()

  /// Gates have 12 fractional bits unless layer normalisation follows.
  private static let gateScale: Float = 0x1p-12
  private static let hiddenIntermediate = 4

  init(_ node: Node, _ operands: LSTMOperands) throws(PrepareError) {
    let input = try scale(node, LSTMOperands.input)
    let state = try scale(node, LSTMOperands.outputState)
    let integerBits = try Self.integerBits(node)
    parameters.inputs = operands.inputs
    parameters.cells = operands.cells
    parameters.outputs = operands.outputs
    parameters.has_input_gate = operands.hasInputGate
    parameters.has_peephole = operands.hasPeephole
    parameters.has_norm = operands.hasNorm
    parameters.has_projection = operands.hasProjection
    parameters.state_integer_bits = integerBits
    let cellScale = 1 / Float(1 << (15 - integerBits))
    var gates: [swl_lstm_gate] = Array(repeating: swl_lstm_gate(), count: 4)
    for index in operands.gates {
      gates[index] = try gate(node, operands, index, input: input, state: state, cell: cellScale)
    }
    parameters.gates = (gates[0], gates[1], gates[2], gates[3])
    try setOutput(node, operands, state: state)
    let clips = try LSTMOperands.clips(node)
    parameters.cell_clip = Int16(min(clips.cell / cellScale, 32767))
    parameters.projection_clip = Int8(min(clips.projection / (try node.output(0)).scale, 127))
  }

  private func scale(_ node: Node, _ position: Int) throws(PrepareError) -> Float {
    let tensor = try node.input(position)
    try node.requireQuantization(tensor, .input(position))
    return tensor.scale
  }

  /// The cell state's integer bits: its scale is a power of two, 2^-15 to 2^-9.
  private static func integerBits(_ node: Node) throws(PrepareError) -> Int32 {
    let tensor = try node.input(LSTMOperands.cellState)
    try node.requireQuantization(tensor, .input(LSTMOperands.cellState))
    let nearest = Int(tensor.scale.exponent) + (tensor.scale.significand > 1.5 ? 1 : 0)
    let power = Float(sign: .plus, exponent: nearest, significand: 1)
    let difference = tensor.scale - power
    guard nearest >= -15, nearest <= -9, (difference < 0 ? -difference : difference) <= power / 1000 else {
      throw PrepareError(
        .quantizationInvalid, .input(LSTMOperands.cellState), field: "scale", found: .float(tensor.scale),
        expected: .text("a power of two, 2^-15 to 2^-9"))
    }
    return Int32(nearest + 15)
  }

  private func gate(
    _ node: Node, _ operands: LSTMOperands, _ index: Int, input: Float, state: Float, cell: Float
  ) throws(PrepareError) -> swl_lstm_gate {
    let target = operands.hasNorm ? try intermediateScale(node, [0, 1, 3, 2][index]) : Self.gateScale
    var gate = swl_lstm_gate()
    let inputWeights = LSTMOperands.inputWeights[index], recurrentWeights = LSTMOperands.recurrentWeights[index]
    gate.input = try multiplier(node, scale(node, inputWeights) * input / target, inputWeights)
    gate.recurrent = try multiplier(node, scale(node, recurrentWeights) * state / target, recurrentWeights)
    if operands.hasPeephole, index < 3 {
      let position = LSTMOperands.peepholeWeights[index]
      // The reference multiplies by the power of two in double.
      let effective = Float(Double(cell) * Double(try scale(node, position)) / Double(target))
      gate.peephole = try multiplier(node, effective, position)
    }
    if operands.hasNorm {
      let position = LSTMOperands.normCoefficients[index]
      let coefficient = try scale(node, position)
      gate.norm = try multiplier(node, coefficient, position)
      gate.norm.shift = min(gate.norm.shift + 12, 30)
      gate.variance_guard = Int32(max(1, min(10000 * coefficient, 1e9)))
    }
    return gate
  }

  private mutating func setOutput(_ node: Node, _ operands: LSTMOperands, state: Float) throws(PrepareError) {
    let hidden = try intermediateScale(node, Self.hiddenIntermediate)
    let effective = Float(0x1p-15 / Double(hidden) * 0x1p-15)
    parameters.hidden = try multiplier(node, effective, LSTMOperands.outputState)
    guard parameters.hidden.shift <= 0 else {
      throw PrepareError(.quantizationInvalid, field: "scale of intermediate 4", found: .float(hidden))
    }
    parameters.hidden_zero_point = node.intermediate(Self.hiddenIntermediate)?.quantization?.zeroPoints.first ?? 0
    parameters.output_zero_point = try node.input(LSTMOperands.outputState).zeroPoint
    guard operands.hasProjection else { return }
    // Before a projection LiteRT stores the hidden state less its zero point, so that its saturation lies there.
    parameters.hidden_zero_point = -parameters.hidden_zero_point
    let projection = try scale(node, LSTMOperands.projectionWeights) * hidden / state
    parameters.projection = try multiplier(node, projection, LSTMOperands.projectionWeights)
  }

  private func intermediateScale(_ node: Node, _ index: Int) throws(PrepareError) -> Float {
    guard let quantization = node.intermediate(index)?.quantization, let scale = quantization.scales.first, scale > 0
    else {
      throw PrepareError(
        .quantizationInvalid, field: "intermediates", found: .int(index),
        remedy: "an integer LSTM has five intermediate tensors with a scale")
    }
    return scale
  }

  private func multiplier(_ node: Node, _ value: Float, _ position: Int) throws(PrepareError) -> swl_multiplier {
    try node.multiplier(Double(value), .input(position)).c
  }
}
