import CKernels
import ModelFormat

/// The 8-bit LSTM: int8 input, weights and output, int16 cell state, gates with 12 fractional bits.
package struct IntegerLSTM: Sendable {
  private let input, output, outputState, cellState, packed, scratch: Operand
  private let parameters: swl_i8_lstm_params
  /// Their sizes; of a node that is prepared while running the number of steps may change.
  var operands: LSTMOperands
  private let isa: swl_isa

  init(_ node: Node, _ operands: LSTMOperands) throws(PrepareError) {
    try IntegerLSTM.requireTypes(node, operands)
    self.operands = operands
    isa = node.isa.value
    let scaling = try IntegerLSTMScaling(node, operands)
    parameters = scaling.parameters
    input = node.operand(try node.input(LSTMOperands.input))
    output = node.operand(try node.output(0))
    outputState = node.operand(try node.input(LSTMOperands.outputState))
    cellState = node.operand(try node.input(LSTMOperands.cellState))
    packed = try IntegerLSTM.pack(node, operands, scaling)
    var parameters = scaling.parameters
    scratch = node.scratch(unsafe swl_i8_lstm_scratch_bytes(&parameters))
  }

  private static func requireTypes(_ node: Node, _ operands: LSTMOperands) throws(PrepareError) {
    func require(_ positions: [Int], _ type: ElementType) throws(PrepareError) {
      for position in positions {
        guard let tensor = try node.optionalInput(position), tensor.type != type else { continue }
        throw PrepareError(.typeUnsupported, .input(position), found: .type(tensor.type), expected: .type(type))
      }
    }
    try require(LSTMOperands.inputWeights + LSTMOperands.recurrentWeights, .int8)
    try require([LSTMOperands.projectionWeights, LSTMOperands.outputState], .int8)
    try require(LSTMOperands.biases + [LSTMOperands.projectionBias], .int32)
    try require(LSTMOperands.peepholeWeights + LSTMOperands.normCoefficients + [LSTMOperands.cellState], .int16)
  }

  private static func pack(
    _ node: Node, _ operands: LSTMOperands, _ scaling: IntegerLSTMScaling
  ) throws(PrepareError) -> Operand {
    func constant(_ position: Int) throws(PrepareError) -> UnsafeRawPointer? {
      guard let tensor = try node.optionalInput(position) else { return nil }
      guard let bytes = node.constantBytes(tensor) else {
        throw PrepareError(.notConstant, .input(position), remedy: "freeze it to a constant when converting")
      }
      return unsafe bytes.base
    }
    func gate(_ positions: [Int], _ index: Int) throws(PrepareError) -> UnsafeRawPointer? {
      unsafe operands.gates.contains(index) ? try constant(positions[index]) : nil
    }
    func four(
      _ positions: [Int]
    ) throws(PrepareError) -> (UnsafeRawPointer?, UnsafeRawPointer?, UnsafeRawPointer?, UnsafeRawPointer?) {
      unsafe (
        try gate(positions, 0), try gate(positions, 1), try gate(positions, 2), try gate(positions, 3)
      )
    }
    var weights = unsafe swl_i8_lstm_weights()
    unsafe weights.input = try four(LSTMOperands.inputWeights)
    unsafe weights.recurrent = try four(LSTMOperands.recurrentWeights)
    unsafe weights.bias = try four(LSTMOperands.biases)
    unsafe weights.norm = try four(LSTMOperands.normCoefficients)
    if operands.hasPeephole {
      unsafe weights.peephole = (
        try gate(LSTMOperands.peepholeWeights, 0), try gate(LSTMOperands.peepholeWeights, 1),
        try gate(LSTMOperands.peepholeWeights, 2)
      )
    }
    unsafe weights.projection = try constant(LSTMOperands.projectionWeights)
    unsafe weights.projection_bias = try constant(LSTMOperands.projectionBias)
    unsafe weights.input_zero_point = try node.input(LSTMOperands.input).zeroPoint
    unsafe weights.output_zero_point = try node.input(LSTMOperands.outputState).zeroPoint
    unsafe weights.hidden_zero_point = scaling.parameters.hidden_zero_point
    var parameters = scaling.parameters
    let isa = node.isa.value
    return unsafe try node.packedLater(swl_i8_lstm_packed_bytes(&parameters)) { memory in
      unsafe swl_i8_lstm_pack(isa, &parameters, &weights, memory)
    }
  }

  func run(_ invocation: borrowing Invocation) {
    let input = unsafe invocation.elements(input, as: Int8.self)
    let output = unsafe invocation.elements(output, as: Int8.self)
    let outputState = unsafe invocation.elements(outputState, as: Int8.self)
    let cellState = unsafe invocation.elements(cellState, as: Int16.self)
    unsafe withUnsafePointer(to: parameters) { parameters in
      for sequence in 0..<operands.sequences {
        unsafe swl_i8_lstm(
          isa, parameters, invocation.pointer(packed), operands.steps,
          input + sequence * operands.sequenceStride(operands.inputs), operands.stepStride(operands.inputs),
          output + sequence * operands.sequenceStride(operands.outputs), operands.stepStride(operands.outputs),
          outputState + sequence * operands.outputs, cellState + sequence * operands.cells,
          invocation.pointer(scratch))
      }
    }
  }
}
