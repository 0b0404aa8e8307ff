import CKernels
import ModelFormat

/// The float32 LSTM, and the hybrid one: its constant int8 weights stay so, and input, output state and hidden state are
/// quantized in every step, as in TensorFlow Lite's kernel (option `asymmetric_quantize_inputs`).
///
/// One matrix product a step: input and output state stand side by side, and so do their weights, all gates together.
package struct FloatLSTM: Sendable {
  /// Their sizes; of a node that is prepared while running the number of steps may change.
  var operands: LSTMOperands
  private let input, output, outputState, cellState: Operand
  private let gates: LSTMWeights
  private let projection: LSTMWeights?
  private let peephole, norm, normBias: LSTMVectors?
  private let cell: swl_f32_lstm_params
  private let projectionClip: Float
  /// Input beside output state, then the rows of the gates, then the hidden state.
  private let scratch: Operand
  private let isa: swl_isa

  init(_ node: Node, _ operands: LSTMOperands) throws(PrepareError) {
    self.operands = operands
    let clips = try LSTMOperands.clips(node)
    let activation = node.options.int8(0)
    guard activation >= 0, activation <= 4 else {
      throw PrepareError(.optionUnsupported, field: "fused_activation_function", found: .int(activation))
    }
    for position in [LSTMOperands.outputState, LSTMOperands.cellState] {
      let state = try node.input(position)
      guard state.type == .float32 else {
        throw PrepareError(.typeUnsupported, .input(position), found: .type(state.type), expected: .type(.float32))
      }
    }
    let present = operands.gates
    // The option's place in the tables of UNIDIRECTIONAL_SEQUENCE_LSTM and LSTM.
    let isAsymmetric = node.options.bool(4)
    gates = try LSTMWeights(
      node, left: present.map { LSTMOperands.inputWeights[$0] },
      right: present.map { LSTMOperands.recurrentWeights[$0] },
      bias: operands.hasNorm ? [] : present.map { LSTMOperands.biases[$0] }, rowsEach: operands.cells,
      depths: (operands.inputs, operands.outputs), isAsymmetric: isAsymmetric)
    let hasProjectionBias = try node.optionalInput(LSTMOperands.projectionBias) != nil
    projection =
      operands.hasProjection
      ? try LSTMWeights(
        node, left: [LSTMOperands.projectionWeights], right: [],
        bias: Array([LSTMOperands.projectionBias].prefix(hasProjectionBias ? 1 : 0)),
        rowsEach: operands.outputs, depths: (operands.cells, 0), isAsymmetric: isAsymmetric) : nil
    peephole =
      operands.hasPeephole
      ? try LSTMVectors(
        node, LSTMOperands.peepholeWeights.indices.map { present.contains($0) ? LSTMOperands.peepholeWeights[$0] : -1 },
        count: operands.cells) : nil
    norm =
      operands.hasNorm
      ? try LSTMVectors(node, present.map { LSTMOperands.normCoefficients[$0] }, count: operands.cells) : nil
    normBias =
      operands.hasNorm ? try LSTMVectors(node, present.map { LSTMOperands.biases[$0] }, count: operands.cells) : nil
    cell = swl_f32_lstm_params(
      cells: operands.cells, has_input_gate: operands.hasInputGate,
      activation: swl_lstm_activation(rawValue: UInt32(activation)), cell_clip: clips.cell)
    projectionClip = clips.projection
    input = node.operand(try node.input(LSTMOperands.input))
    output = node.operand(try node.output(0))
    outputState = node.operand(try node.input(LSTMOperands.outputState))
    cellState = node.operand(try node.input(LSTMOperands.cellState))
    let elements = operands.inputs + operands.outputs + operands.rows + operands.cells
    scratch = node.scratch(elements * MemoryLayout<Float>.size)
    isa = node.isa.value
  }

  func run(_ invocation: borrowing Invocation) {
    gates.prepare(invocation)
    projection?.prepare(invocation)
    peephole?.prepare(invocation)
    norm?.prepare(invocation)
    normBias?.prepare(invocation)
    for sequence in 0..<operands.sequences {
      for step in 0..<operands.steps { run(invocation, sequence, step) }
    }
  }

  private func run(_ invocation: borrowing Invocation, _ sequence: Int, _ step: Int) {
    let (inputs, outputs) = (operands.inputs, operands.outputs)
    let from = sequence * operands.sequenceStride(inputs) + step * operands.stepStride(inputs)
    let to = sequence * operands.sequenceStride(outputs) + step * operands.stepStride(outputs)
    let input = unsafe invocation.elements(input, as: Float.self) + from
    let output = unsafe invocation.elements(output, as: Float.self) + to
    let state = unsafe invocation.elements(outputState, as: Float.self) + sequence * outputs
    let cellState = unsafe invocation.elements(cellState, as: Float.self) + sequence * operands.cells
    let joined = unsafe invocation.elements(scratch, as: Float.self)
    let rows = unsafe joined + inputs + outputs
    let hidden = unsafe rows + operands.rows
    unsafe joined.copy(from: input, count: inputs)
    unsafe (joined + inputs).copy(from: state, count: outputs)
    unsafe gates.multiply(invocation, joined, rows)
    unsafe withUnsafePointer(to: cell) { cell in
      unsafe swl_f32_lstm_cell(
        isa, cell, rows, peephole?.pointer(invocation), norm?.pointer(invocation), normBias?.pointer(invocation),
        cellState, hidden)
    }
    if let projection {
      unsafe projection.multiply(invocation, hidden, state)
      if projectionClip > 0 {
        for index in 0..<outputs { unsafe state[index] = min(max(state[index], -projectionClip), projectionClip) }
      }
    } else {
      unsafe state.copy(from: hidden, count: outputs)
    }
    unsafe output.copy(from: state, count: outputs)
  }
}
