internal import ModelFormat

extension RecurrentLayer {
  /// Steps up to which a layer is unrolled.
  static let mostSteps = 512

  /// The layer's steps one after the other.
  ///
  /// The file format has an LSTM of its own, but it keeps its state from one inference to the next; a model whose layers
  /// start afresh each time needs the steps spelled out. The products with the inputs are one layer for all steps.
  ///
  /// - Parameters:
  ///   - inputs: shape (steps, batch, inputs).
  ///   - isReversed: from the last step to the first.
  ///   - masks: for each step a bool of shape (batch, 1); where it is false the state stays what it was.
  ///   - zeroesMasked: whether the output of such a step is zero instead of the state.
  /// - Returns: the output of each step, shape (batch, H), in the order of the inputs, and the state after the last.
  func unrolled(
    _ inputs: ValueID, from initial: State, isReversed: Bool, masks: [ValueID]? = nil, zeroesMasked: Bool = false
  ) throws -> (outputs: [ValueID], last: State) {
    let shape = builder.shape(inputs)
    let gates = cell.gateCount * hidden
    let rows = try builder.reshape(inputs, [shape[0] * shape[1], shape[2]])
    let products = try builder.emit(.fullyConnected(), [rows, inputWeights, inputBias])
    var state = initial
    var outputs: [ValueID] = []
    for step in isReversed ? Array((0..<shape[0]).reversed()) : Array(0..<shape[0]) {
      let own = try builder.slice(products, begin: [step * shape[1], 0], size: [shape[1], gates])
      let next = try self.step(own, state)
      state = try masks.map { try kept(next, unless: $0[step], state, batch: shape[1]) } ?? next
      guard let output = state.output else { continue }
      guard zeroesMasked, let mask = masks?[step] else {
        outputs.append(output)
        continue
      }
      outputs.append(try builder.select(mask, output, zeros(batch: shape[1])))
    }
    return (isReversed ? outputs.reversed() : outputs, state)
  }

  private func kept(_ new: State, unless mask: ValueID, _ old: State, batch: Int) throws -> State {
    State(
      output: try new.output.map { try builder.select(mask, $0, old.output ?? zeros(batch: batch)) },
      memory: try new.memory.map { try builder.select(mask, $0, old.memory ?? zeros(batch: batch)) })
  }

  private func zeros(batch: Int) -> ValueID {
    builder.constant(Array(repeating: 0, count: batch * hidden), shape: [batch, hidden])
  }
}
