internal import ModelFormat

/// ConvLSTM2D and ConvLSTM1D, step by step.
enum KerasConvolutionalRecurrence {
  /// Steps up to which a layer is spelled out.
  private static let mostSteps = 64

  /// What the steps share. Shapes: (batch, rows, columns, channels); gates in the order input, forget, candidate, output.
  private struct Cell {
    let layer: KerasLayer
    let recurrentWeights: ValueID
    let noBias: ValueID

    /// i = s(x + h), f alike, c' = f c + i a(x + h), o = s(x + h), h' = o a(c').
    func step(_ products: ValueID, _ state: (output: ValueID, memory: ValueID)?) throws -> (ValueID, ValueID) {
      let builder = layer.builder
      var sums = products
      if let state {
        let operation = Operation.conv2D(strides: Extent(1, 1), dilations: Extent(1, 1), padding: .same)
        sums = try builder.add(sums, builder.emit(operation, [state.output, recurrentWeights, noBias]))
      }
      func gate(_ index: Int, _ activation: String, _ standard: String) throws -> ValueID {
        let part = try builder.part(sums, axis: 3, index, of: 4)
        return try KerasActivations.apply(layer.config[activation]?.text ?? standard, to: part, in: layer)
      }
      let candidate = try gate(2, "activation", "tanh")
      var memory = try builder.mul(gate(0, "recurrent_activation", "hard_sigmoid"), candidate)
      if let state {
        memory = try builder.add(builder.mul(gate(1, "recurrent_activation", "hard_sigmoid"), state.memory), memory)
      }
      let seen = try KerasActivations.apply(layer.config["activation"]?.text ?? "tanh", to: memory, in: layer)
      return (try builder.mul(gate(3, "recurrent_activation", "hard_sigmoid"), seen), memory)
    }
  }

  /// ConvLSTM1D: pictures of one row.
  static func line(_ layer: KerasLayer) throws -> [ValueID] {
    try layer.requireRank(4)
    let builder = layer.builder
    var config = layer.config
    for key in ["strides", "dilation_rate"] {
      config[key] = .array([.number(1), .number(Double(try layer.extents(key, count: 1, default: 1)[0]))])
    }
    let weights = layer.weights.map { weight in
      weight.shape.count == 3 ? KerasArray(shape: [1] + weight.shape, elements: weight.elements) : weight
    }
    let call = try layer.call.map { builder.shape($0).count == 4 ? try builder.unsqueeze($0, at: [2]) : $0 }
    return try self.layer(layer.with(config: config, call: call, weights: weights)).map { result in
      var shape = builder.shape(result)
      shape.remove(at: shape.count - 3)
      return try builder.reshape(result, shape)
    }
  }

  static func layer(_ layer: KerasLayer) throws -> [ValueID] {
    let builder = layer.builder
    let shape = layer.inputShape
    guard layer.inputs.count == 1, layer.call.keywords["initial_state"] == nil, layer.mask == nil else {
      throw layer.unsupported("a state or a mask as input", "let it start from zeros")
    }
    guard shape.count == 5, shape[1] <= mostSteps, !layer.flag("stateful", default: false) else {
      throw layer.unsupported("input \(shape) of a layer of at most \(mostSteps) steps", "use a shorter sequence")
    }
    let (kernel, recurrent) = (try layer.weight(0, rank: 4), try layer.weight(1, rank: 4))
    let filters = recurrent.shape[2]
    guard kernel.shape[2] == shape[4], kernel.shape[3] == 4 * filters, recurrent.shape[3] == 4 * filters else {
      throw layer.malformed("its kernels do not fit its input")
    }
    let none = builder.constant(Array(repeating: 0, count: 4 * filters))
    let bias = layer.flag("use_bias", default: true) ? layer.constant(try layer.weight(2, rank: 1)) : none
    let strides = try layer.extents("strides", count: 2, default: 1)
    let dilations = try layer.extents("dilation_rate", count: 2, default: 1)
    // The products with the inputs are one convolution for all steps.
    let products = try builder.emit(
      .conv2D(
        strides: Extent(strides[0], strides[1]), dilations: Extent(dilations[0], dilations[1]),
        padding: layer.padding()),
      [
        builder.reshape(layer.input, [shape[0] * shape[1]] + shape[2...]),
        builder.transpose(layer.constant(kernel), [3, 0, 1, 2]), bias,
      ])
    let size = builder.shape(products)
    let steps = try builder.reshape(products, [shape[0], shape[1]] + size[1...])
    let cell = Cell(
      layer: layer, recurrentWeights: try builder.transpose(layer.constant(recurrent), [3, 0, 1, 2]), noBias: none)
    let isReversed = layer.flag("go_backwards", default: false)
    var state: (output: ValueID, memory: ValueID)?
    var outputs: [ValueID] = []
    for step in isReversed ? Array((0..<shape[1]).reversed()) : Array(0..<shape[1]) {
      let own = try builder.reshape(builder.part(steps, axis: 1, step, of: shape[1]), [shape[0]] + size[1...])
      let next = try cell.step(own, state)
      state = (next.0, next.1)
      outputs.append(next.0)
    }
    guard let state else { throw layer.malformed("its sequence is empty") }
    let result =
      try layer.flag("return_sequences", default: false)
      ? builder.concatenate(outputs.map { try builder.unsqueeze($0, at: [1]) }, axis: 1) : state.output
    return layer.flag("return_state", default: false) ? [result, state.output, state.memory] : [result]
  }
}
