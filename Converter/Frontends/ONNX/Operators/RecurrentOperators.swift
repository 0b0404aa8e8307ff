internal import ModelFormat

/// LSTM, GRU and RNN, step by step.
enum RecurrentOperators {
  static func lstm(_ node: ONNXNode) throws -> [ValueID] {
    let isCoupled = node.int("input_forget", default: 0) == 1
    return try layers(node, gates: 4, activations: ["Sigmoid", "Tanh", "Tanh"]) { direction in
      var peepholes: [ValueID]?
      if node.optional(7) != nil {
        let hidden = try hiddenSize(node)
        let row = try slice(node, 7, direction, size: [3 * hidden])
        peepholes = try (0..<3).map { try node.builder.slice(row, begin: [$0 * hidden], size: [hidden]) }
      }
      return .lstm(peepholes: peepholes, couplesInputAndForget: isCoupled)
    }
  }

  static func gru(_ node: ONNXNode) throws -> [ValueID] {
    let resetsProduct = node.int("linear_before_reset", default: 0) == 1
    return try layers(node, gates: 3, activations: ["Sigmoid", "Tanh"]) { _ in .gru(resetsProduct: resetsProduct) }
  }

  static func rnn(_ node: ONNXNode) throws -> [ValueID] {
    try layers(node, gates: 1, activations: ["Tanh"]) { _ in .simple }
  }

  private static func hiddenSize(_ node: ONNXNode) throws -> Int {
    let shape = try node.shape(2)
    guard shape.count == 3, shape[2] > 0 else { throw node.malformed("recurrent weights of shape \(shape)") }
    return shape[2]
  }

  /// Operands: x, W, R, biases, lengths, first output, first memory.
  private static func layers(
    _ node: ONNXNode, gates: Int, activations standard: [String], cell: (Int) throws -> RecurrentCell
  ) throws -> [ValueID] {
    try node.requireFloat(0)
    let builder = node.builder
    let hidden = try hiddenSize(node)
    let isBatchFirst = node.int("layout", default: 0) == 1
    let x = isBatchFirst ? try builder.transpose(node.input(0), [1, 0, 2]) : try node.input(0)
    let shape = builder.shape(x)
    let reverses = try directions(node)
    guard shape.count == 3, try node.shape(1) == [reverses.count, gates * hidden, shape[2]],
      try node.shape(2) == [reverses.count, gates * hidden, hidden]
    else { throw node.malformed("its weights do not fit input \(try node.shape(0))") }
    try requireFullLengths(node, steps: shape[0])
    guard shape[0] <= RecurrentLayer.mostSteps else {
      throw node.unsupported(
        "\(shape[0]) steps, at most \(RecurrentLayer.mostSteps) are spelled out",
        "give a shorter sequence with --input-shape, or export one step with its state as inputs and outputs")
    }
    let functions = try activations(node, standard, directions: reverses.count)
    var outputs: [[ValueID]] = []
    var last: [RecurrentLayer.State] = []
    for (direction, isReversed) in reverses.enumerated() {
      let bias = try biases(node, direction, count: gates * hidden)
      let first = direction * standard.count
      let layer = RecurrentLayer(
        builder: builder, cell: try cell(direction), hidden: hidden,
        inputWeights: try slice(node, 1, direction, size: [gates * hidden, shape[2]]),
        recurrentWeights: try slice(node, 2, direction, size: [gates * hidden, hidden]), inputBias: bias.input,
        recurrentBias: bias.recurrent, activations: Array(functions[first..<first + standard.count]),
        clip: node.optionalFloat("clip"))
      let initial = RecurrentLayer.State(
        output: try initialState(node, 5, direction, batch: shape[1], hidden: hidden, isBatchFirst),
        memory: try initialState(node, 6, direction, batch: shape[1], hidden: hidden, isBatchFirst))
      let result = try layer.unrolled(x, from: initial, isReversed: isReversed)
      outputs.append(result.outputs)
      last.append(result.last)
    }
    return try results(node, outputs, last, isBatchFirst: isBatchFirst)
  }

  /// Y (steps, directions, batch, H), Y_h and, of an LSTM, Y_c (directions, batch, H); the batch first where asked for.
  private static func results(
    _ node: ONNXNode, _ outputs: [[ValueID]], _ last: [RecurrentLayer.State], isBatchFirst: Bool
  ) throws -> [ValueID] {
    let builder = node.builder
    let stacked = { (states: [ValueID?]) throws -> ValueID in
      let axis = isBatchFirst ? 1 : 0
      return try builder.concatenate(states.map { try builder.unsqueeze($0 ?? node.input(0), at: [axis]) }, axis: axis)
    }
    let final = try stacked(last.map(\.output))
    var all = final
    if node.isOutputUsed(0) {
      let steps = try outputs[0].indices.map { step in
        let row = try builder.concatenate(outputs.map { try builder.unsqueeze($0[step], at: [0]) }, axis: 0)
        return try builder.unsqueeze(row, at: [0])
      }
      let sequence = try builder.concatenate(steps, axis: 0)
      all = isBatchFirst ? try builder.transpose(sequence, [2, 0, 1, 3]) : sequence
    }
    guard last.allSatisfy({ $0.memory != nil }) else { return [all, final] }
    return [all, final, try stacked(last.map(\.memory))]
  }

  // MARK: Operands

  /// The part of operand `index` that belongs to a direction.
  private static func slice(_ node: ONNXNode, _ index: Int, _ direction: Int, size: [Int]) throws -> ValueID {
    let builder = node.builder
    let begin = [direction] + Array(repeating: 0, count: size.count)
    let shape = try node.shape(index)
    guard shape.count == size.count + 1, Array(shape.dropFirst()) == size else {
      throw node.malformed("input \(index) has shape \(shape), expected \(size) for each direction")
    }
    return try builder.reshape(builder.slice(node.input(index), begin: begin, size: [1] + size), size)
  }

  private static func biases(
    _ node: ONNXNode, _ direction: Int, count: Int
  ) throws -> (input: ValueID, recurrent: ValueID) {
    guard node.optional(3) != nil else {
      let zeros = node.builder.constant(Array(repeating: 0, count: count))
      return (zeros, zeros)
    }
    let both = try slice(node, 3, direction, size: [2 * count])
    return (
      try node.builder.slice(both, begin: [0], size: [count]),
      try node.builder.slice(both, begin: [count], size: [count])
    )
  }

  /// `nil` for zeros.
  private static func initialState(
    _ node: ONNXNode, _ index: Int, _ direction: Int, batch: Int, hidden: Int, _ isBatchFirst: Bool
  ) throws -> ValueID? {
    guard let given = node.optional(index) else { return nil }
    let builder = node.builder
    if let constant = builder.constantFloats(given), constant.allSatisfy({ $0 == 0 }) { return nil }
    let ordered = isBatchFirst ? try builder.transpose(given, [1, 0, 2]) : given
    guard builder.shape(ordered).count == 3, Array(builder.shape(ordered)[1...]) == [batch, hidden] else {
      throw node.malformed("input \(index) has shape \(builder.shape(given))")
    }
    let own = try builder.slice(ordered, begin: [direction, 0, 0], size: [1, batch, hidden])
    return try builder.reshape(own, [batch, hidden])
  }

  /// For each direction whether it starts at the end.
  private static func directions(_ node: ONNXNode) throws -> [Bool] {
    switch node.string("direction", default: "forward") {
    case "forward": return [false]
    case "reverse": return [true]
    case "bidirectional": return [false, true]
    case let other: throw node.malformed("direction '\(other)'")
    }
  }

  private static func requireFullLengths(_ node: ONNXNode, steps: Int) throws {
    guard let lengths = try node.integers(4, "sequence lengths") else { return }
    guard lengths.allSatisfy({ $0 == steps }) else {
      throw node.unsupported("sequences shorter than its \(steps) steps", "export the model without sequence_lens")
    }
  }

  private static func activations(
    _ node: ONNXNode, _ standard: [String], directions: Int
  ) throws -> [CellActivation] {
    let names =
      node.strings("activations")
      ?? (0..<directions).flatMap { _ in standard }
    guard names.count == standard.count * directions else { throw node.malformed("\(names.count) activations") }
    var (alphas, betas) = (node.floats(named: "activation_alpha") ?? [], node.floats(named: "activation_beta") ?? [])
    return try names.map { name in
      let takesAlpha = ["LeakyRelu", "Elu", "HardSigmoid"].contains(name)
      let alpha = takesAlpha && !alphas.isEmpty ? alphas.removeFirst() : nil
      let beta = name == "HardSigmoid" && !betas.isEmpty ? betas.removeFirst() : nil
      switch name {
      case "Sigmoid": return { try $0.unary(.logistic, $1) }
      case "Tanh": return { try $0.unary(.tanh, $1) }
      case "Relu": return { try $0.unary(.relu, $1) }
      case "LeakyRelu": return { try $0.emit(.leakyRelu(slope: alpha ?? 0.01), [$1]) }
      case "Elu" where alpha ?? 1 == 1: return { try $0.unary(.elu, $1) }
      case "HardSigmoid":
        return { builder, x in
          let line = try builder.add(builder.mul(x, Double(alpha ?? 0.2)), Double(beta ?? 0.5))
          return try builder.minimum(builder.maximum(line, builder.scalar(0)), builder.scalar(1))
        }
      default:
        throw node.unsupported("its activation \(name)", "use Sigmoid, Tanh, Relu, LeakyRelu, Elu or HardSigmoid")
      }
    }
  }
}
