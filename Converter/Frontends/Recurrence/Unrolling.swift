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
  /// - Returns: the output of each step, shape (batch, H), in the order of the inputs, and the state after the last.
  func unrolled(
    _ inputs: ValueID, from initial: State, isReversed: Bool
  ) throws -> (outputs: [ValueID], last: State) {
    let shape = builder.shape(inputs)
    let gates = cell.gateCount * hidden
    let rows = try builder.reshape(inputs, [shape[0] * shape[1], shape[2]])
    let products = try builder.emit(.fullyConnected(), [rows, inputWeights, inputBias])
    var state = initial
    var outputs: [ValueID] = []
    for step in isReversed ? Array((0..<shape[0]).reversed()) : Array(0..<shape[0]) {
      let own = try builder.slice(products, begin: [step * shape[1], 0], size: [shape[1], gates])
      state = try self.step(own, state)
      if let output = state.output { outputs.append(output) }
    }
    return (isReversed ? outputs.reversed() : outputs, state)
  }
}
