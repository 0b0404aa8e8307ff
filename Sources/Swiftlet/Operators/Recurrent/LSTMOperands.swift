import ModelFormat

/// The inputs of UNIDIRECTIONAL_SEQUENCE_LSTM and of LSTM's full form, by their position in the file, and the sizes that
/// they agree on.
struct LSTMOperands {
  static let input = 0
  static let inputWeights = [1, 2, 4, 3]
  static let recurrentWeights = [5, 6, 8, 7]
  static let peepholeWeights = [9, 10, 11]
  static let biases = [12, 13, 15, 14]
  static let projectionWeights = 16
  static let projectionBias = 17
  static let outputState = 18
  static let cellState = 19
  static let normCoefficients = [20, 21, 23, 22]

  /// Gates in the order of the lists above: input, forget, output, cell.
  let gates: Range<Int>
  let sequences, steps, inputs, cells, outputs: Int
  /// Whether time is the outermost dimension of input and output.
  let isTimeMajor: Bool
  let hasPeephole, hasProjection, hasNorm: Bool
  let isSequence: Bool

  var hasInputGate: Bool { gates.lowerBound == 0 }
  var rows: Int { gates.count * cells }

  /// Elements from one step to the next, and from one sequence to the next, of a tensor with `width` elements a step.
  func stepStride(_ width: Int) -> Int { isTimeMajor ? sequences * width : width }
  func sequenceStride(_ width: Int) -> Int { isTimeMajor ? width : steps * width }

  /// Checks ranks and sizes. `isSequence` tells a (batch, time, features) input from a (batch, features) one.
  init(_ node: Node, isSequence: Bool) throws(PrepareError) {
    try node.expect(inputs: 20...24, outputs: 1)
    self.isSequence = isSequence
    isTimeMajor = isSequence && node.options.bool(3)
    let shape = try node.input(Self.input)
    try node.require(shape, .input(Self.input), rank: isSequence ? 3 : 2)
    sequences = shape.shape[isTimeMajor ? 1 : 0]
    steps = isSequence ? shape.shape[isTimeMajor ? 0 : 1] : 1
    inputs = shape.shape.last
    let recurrent = try node.input(Self.recurrentWeights[2])
    try node.require(recurrent, .input(Self.recurrentWeights[2]), rank: 2)
    (cells, outputs) = (recurrent.shape[0], recurrent.shape[1])
    guard inputs > 0, cells > 0, outputs > 0, cells < 1 << 24, inputs < 1 << 24, outputs < 1 << 24 else {
      throw PrepareError(.shapeUnsupported, .input(Self.recurrentWeights[2]), field: "size", found: .int(cells))
    }
    gates = try node.optionalInput(Self.inputWeights[0]) == nil ? 1..<4 : 0..<4
    hasPeephole = try node.optionalInput(Self.peepholeWeights[2]) != nil
    hasProjection = try node.optionalInput(Self.projectionWeights) != nil
    hasNorm = try node.optionalInput(Self.normCoefficients[1]) != nil
    try requireMatrices(node)
    try requireVectors(node)
    try requireStates(node)
    guard hasProjection || outputs == cells else {
      throw PrepareError(
        .operandMissing, .input(Self.projectionWeights), field: "projection weights",
        remedy: "without a projection there are as many outputs as cells")
    }
  }

  private func requireMatrices(_ node: Node) throws(PrepareError) {
    for gate in gates {
      try require(node, Self.inputWeights[gate], cells, inputs)
      try require(node, Self.recurrentWeights[gate], cells, outputs)
    }
    if !hasInputGate { try requireAbsent(node, Self.recurrentWeights[0]) }
    if hasProjection { try require(node, Self.projectionWeights, outputs, cells) }
  }

  private func requireVectors(_ node: Node) throws(PrepareError) {
    for gate in gates {
      try require(node, Self.biases[gate], cells)
      if hasNorm { try require(node, Self.normCoefficients[gate], cells) }
    }
    if !hasInputGate { try requireAbsent(node, Self.biases[0]) }
    for gate in gates where gate < 3 {
      if hasPeephole {
        try require(node, Self.peepholeWeights[gate], cells)
      } else {
        try requireAbsent(node, Self.peepholeWeights[gate])
      }
    }
    guard try node.optionalInput(Self.projectionBias) != nil else { return }
    guard hasProjection else { return try requireAbsent(node, Self.projectionBias) }
    try require(node, Self.projectionBias, outputs)
  }

  private func requireStates(_ node: Node) throws(PrepareError) {
    for position in Self.outputState...Self.cellState {
      let width = position == Self.outputState ? outputs : cells
      let state = try node.input(position)
      guard state.isVariable else {
        throw PrepareError(.variableInvalid, .input(position), expected: .text("a tensor with is_variable"))
      }
      guard state.count == sequences.multipliedSaturated(by: width) else {
        throw PrepareError(
          .shapeMismatch, .input(position), field: "number of elements", found: .int(state.count),
          expected: .int(sequences.multipliedSaturated(by: width)))
      }
    }
  }

  private func require(_ node: Node, _ position: Int, _ first: Int, _ second: Int? = nil) throws(PrepareError) {
    let tensor = try node.input(position)
    let expected = Shape(of: first, second)
    guard let expected, tensor.shape == expected else {
      throw PrepareError(
        .shapeMismatch, .input(position), field: "shape", found: .shape(tensor.shape),
        expected: expected.map { .shape($0) } ?? .none)
    }
  }

  private func requireAbsent(_ node: Node, _ position: Int) throws(PrepareError) {
    guard try node.optionalInput(position) == nil else {
      throw PrepareError(
        .operandCount, .input(position), remedy: "it goes with an operand that the file leaves out: give both or none")
    }
  }

  var outputShape: Shape? {
    guard isSequence else { return Shape(of: sequences, outputs) }
    return isTimeMajor ? Shape(of: steps, sequences, outputs) : Shape(of: sequences, steps, outputs)
  }

  /// `cell_clip` and `proj_clip`: finite, 0 for none.
  static func clips(_ node: Node) throws(PrepareError) -> (cell: Float, projection: Float) {
    for (field, name) in [(1, "cell_clip"), (2, "proj_clip")] as [(Int, StaticString)] {
      let value = node.options.float(field)
      guard value >= 0, value.isFinite else {
        throw PrepareError(.optionInvalid, field: name, found: .float(value), expected: .float(0))
      }
    }
    return (node.options.float(1), node.options.float(2))
  }
}
