internal import ModelFormat

/// LSTM, GRU and SimpleRNN, in one or both directions, step by step.
enum KerasRecurrent {
  static func layer(_ layer: KerasLayer) throws -> [ValueID] {
    let isReversed = layer.flag("go_backwards", default: false)
    let result = try unrolled(
      layer, layer.input, className: layer.spec.className, config: layer.config, weights: layer.weights,
      initial: initialState(layer), isReversed: isReversed)
    return try outputs(layer, result.outputs, last: [result.last], isReversed: isReversed)
  }

  /// A stack of cells: each sees the steps of the one before.
  static func cells(_ layer: KerasLayer) throws -> [ValueID] {
    guard let cell = layer.config["cell"] else { throw layer.malformed("it wraps no cell") }
    let cells = cell["config"]?["cells"]?.elements ?? [cell]
    guard initialState(layer).isEmpty else {
      throw layer.unsupported("states as inputs", "use layers of one cell each")
    }
    let isReversed = layer.flag("go_backwards", default: false)
    var (input, weights) = (layer.input, layer.weights[...])
    var last: [RecurrentLayer.State] = []
    var steps: [ValueID] = []
    for cell in cells {
      let className = (cell["class_name"]?.text ?? "").replacing("Cell", with: "")
      let config = cell["config"] ?? .null
      let count = config["use_bias"]?.bool ?? true ? 3 : 2
      let result = try unrolled(
        layer, input, className: className, config: config, weights: Array(weights.prefix(count)), initial: [],
        isReversed: isReversed)
      weights = weights.dropFirst(count)
      (steps, last) = (result.outputs, last + [result.last])
      input = try sequence(layer, steps)
    }
    return try outputs(layer, steps, last: last, isReversed: isReversed)
  }

  private static func initialState(_ layer: KerasLayer) -> [ValueID] {
    Array(layer.inputs.dropFirst()) + (layer.call.keywords["initial_state"]?.tensors ?? [])
  }

  private static func outputs(
    _ layer: KerasLayer, _ inOrder: [ValueID], last: [RecurrentLayer.State], isReversed: Bool
  ) throws -> [ValueID] {
    // A layer that goes backwards hands its steps on in that order.
    let steps = isReversed ? inOrder.reversed() : inOrder
    guard let final = last.last else { throw layer.malformed("it wraps no cell") }
    let output = try layer.flag("return_sequences", default: false) ? sequence(layer, steps) : state(layer, final)
    guard layer.flag("return_state", default: false) else { return [output] }
    return [output] + last.flatMap { [$0.output, $0.memory].compactMap { $0 } }
  }

  /// A layer and its mirror image, whose steps are turned round again before the two are merged.
  static func bidirectional(_ layer: KerasLayer) throws -> [ValueID] {
    guard let inner = layer.config["layer"], let className = inner["class_name"]?.text, let config = inner["config"]
    else { throw layer.malformed("it wraps no layer") }
    let mirror = layer.config["backward_layer"]?["config"] ?? config
    guard layer.inputs.count == 1, config["return_state"]?.bool != true, layer.weights.count % 2 == 0 else {
      throw layer.unsupported("states as inputs or outputs", "use two layers, one with go_backwards")
    }
    let half = layer.weights.count / 2
    let results = try [(config, layer.weights.prefix(half), false), (mirror, layer.weights.suffix(half), true)].map {
      try unrolled(
        layer, layer.input, className: className, config: $0.0, weights: Array($0.1), initial: [], isReversed: $0.2)
    }
    let isSequence = config["return_sequences"]?.bool ?? false
    let parts = try results.map { try isSequence ? sequence(layer, $0.outputs) : state(layer, $0.last) }
    let builder = layer.builder
    switch layer.config["merge_mode"]?.text ?? "none" {
    case "concat": return [try builder.concatenate(parts, axis: builder.shape(parts[0]).count - 1)]
    case "sum": return [try builder.add(parts[0], parts[1])]
    case "mul": return [try builder.mul(parts[0], parts[1])]
    case "ave": return [try builder.mul(builder.add(parts[0], parts[1]), 0.5)]
    default: return parts
    }
  }

  /// The batch's sequence: shape (batch, steps, H).
  private static func sequence(_ layer: KerasLayer, _ steps: [ValueID]) throws -> ValueID {
    try layer.builder.concatenate(steps.map { try layer.builder.unsqueeze($0, at: [1]) }, axis: 1)
  }

  private static func state(_ layer: KerasLayer, _ state: RecurrentLayer.State) throws -> ValueID {
    guard let output = state.output else { throw layer.malformed("its sequence is empty") }
    return output
  }

  // MARK: One direction

  private static func unrolled(
    _ layer: KerasLayer, _ input: ValueID, className: String, config: KerasConfig, weights: [KerasArray],
    initial: [ValueID], isReversed: Bool
  ) throws -> (outputs: [ValueID], last: RecurrentLayer.State) {
    let builder = layer.builder
    let shape = builder.shape(input)
    guard let hidden = config["units"]?.int, hidden > 0, hidden < 1 << 20, shape.count == 3, shape[1] > 0 else {
      throw layer.malformed("its units or input shape \(shape) do not fit")
    }
    guard config["stateful"]?.bool != true else {
      throw layer.unsupported("it is stateful", "save one step with its state as inputs and outputs")
    }
    guard shape[1] <= RecurrentLayer.mostSteps else {
      throw layer.unsupported(
        "\(shape[1]) steps, at most \(RecurrentLayer.mostSteps) are spelled out", "use a shorter sequence")
    }
    let (cell, order) = try cell(layer, className, config)
    let gates = order.count * hidden
    guard weights.count >= 2, weights[0].shape == [shape[2], gates], weights[1].shape == [hidden, gates]
    else { throw layer.malformed("its weights do not fit \(hidden) units") }
    let biases = weights.count > 2 ? try biases(layer, weights[2], gates: gates) : [nil, nil]
    let recurrent = RecurrentLayer(
      builder: builder, cell: cell, hidden: hidden,
      inputWeights: try rows(layer, layer.constant(weights[0]), order, hidden),
      recurrentWeights: try rows(layer, layer.constant(weights[1]), order, hidden),
      inputBias: bias(layer, biases[0], order, hidden), recurrentBias: bias(layer, biases[1], order, hidden),
      activations: try activations(layer, className, config))
    let steps = try builder.transpose(input, [1, 0, 2])
    let state = RecurrentLayer.State(output: initial.first, memory: initial.dropFirst().first)
    let masks = try layer.mask.map { mask in
      try (0..<shape[1]).map { try builder.part(mask, axis: 1, $0, of: shape[1]) }
    }
    return try recurrent.unrolled(
      steps, from: state, isReversed: isReversed, masks: masks, zeroesMasked: zeroesMasked(layer, config))
  }

  /// Keras has layers with return_sequences do so when they are wrapped in both directions.
  private static func zeroesMasked(_ layer: KerasLayer, _ config: KerasConfig) -> Bool {
    if layer.spec.className == "Bidirectional" { return config["return_sequences"]?.bool ?? false }
    return layer.flag("zero_output_for_mask", default: false)
  }

  /// The cell, and for each of its gates the place where Keras keeps it.
  private static func cell(
    _ layer: KerasLayer, _ className: String, _ config: KerasConfig
  ) throws -> (RecurrentCell, order: [Int]) {
    switch className {
    case "LSTM": return (.lstm(peepholes: nil, couplesInputAndForget: false), [0, 3, 1, 2])
    case "GRU": return (.gru(resetsProduct: config["reset_after"]?.bool ?? false), [0, 1, 2])
    case "SimpleRNN": return (.simple, [0])
    default: throw layer.unsupported("a \(className) inside it", "use LSTM, GRU or SimpleRNN")
    }
  }

  /// Of the input and of the state; older layers have one for both.
  private static func biases(_ layer: KerasLayer, _ array: KerasArray, gates: Int) throws -> [[Float]?] {
    switch array.shape {
    case [gates]: return [array.elements, nil]
    case [2, gates]: return [Array(array.elements.prefix(gates)), Array(array.elements.suffix(gates))]
    default: throw layer.malformed("its bias has shape \(array.shape)")
    }
  }

  private static func bias(_ layer: KerasLayer, _ elements: [Float]?, _ order: [Int], _ hidden: Int) -> ValueID {
    let stored = elements ?? Array(repeating: 0, count: order.count * hidden)
    return layer.builder.constant(order.flatMap { stored[$0 * hidden..<($0 + 1) * hidden] })
  }

  /// The kernel's columns as rows, gates in the cell's order.
  private static func rows(_ layer: KerasLayer, _ kernel: ValueID, _ order: [Int], _ hidden: Int) throws -> ValueID {
    let builder = layer.builder
    let turned = try builder.transpose(kernel, [1, 0])
    let columns = builder.shape(turned)[1]
    let parts = try order.map { try builder.slice(turned, begin: [$0 * hidden, 0], size: [hidden, columns]) }
    return try builder.concatenate(parts, axis: 0)
  }

  private static func activations(
    _ layer: KerasLayer, _ className: String, _ config: KerasConfig
  ) throws -> [CellActivation] {
    let main = config["activation"]?.text ?? "tanh"
    let gates = config["recurrent_activation"]?.text ?? "sigmoid"
    return (className == "SimpleRNN" ? [main] : [gates, main, main]).map { name in
      { _, value in try KerasActivations.apply(name, to: value, in: layer) }
    }
  }
}
