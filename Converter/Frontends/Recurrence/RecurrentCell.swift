internal import ModelFormat

/// What one step of a recurrent layer computes.
///
/// x is the step's input, h the state before it; W, R, b and d stand for a gate's rows of the input weights, recurrent
/// weights and their biases; s, g and o for the cell's activations. Formulas: the ONNX specification of LSTM, GRU and RNN.
enum RecurrentCell {
  /// Gates in the order input, output, forget, candidate; peepholes in the order input, output, forget.
  case lstm(peepholes: [ValueID]?, couplesInputAndForget: Bool)
  /// Gates in the order update, reset, candidate. With `resetsProduct` the reset gate scales R h + d, otherwise h.
  case gru(resetsProduct: Bool)
  /// s(W x + b + R h + d).
  case simple

  var gateCount: Int {
    switch self {
    case .lstm: 4
    case .gru: 3
    case .simple: 1
    }
  }
}

/// An activation of a cell: emits it behind a value.
typealias CellActivation = (GraphBuilder, ValueID) throws -> ValueID

/// One direction of a recurrent layer.
struct RecurrentLayer {
  let builder: GraphBuilder
  let cell: RecurrentCell
  /// Elements of the state, H.
  let hidden: Int
  /// (gates H, inputs), one gate after the other.
  let inputWeights: ValueID
  /// (gates H, H).
  let recurrentWeights: ValueID
  /// (gates H).
  let inputBias: ValueID
  /// (gates H).
  let recurrentBias: ValueID
  /// s, g and o of the formulas.
  let activations: [CellActivation]
  /// Values before an activation are kept within -clip...clip.
  var clip: Float?

  /// What a step leaves to the next; `nil` for zeros.
  struct State {
    var output: ValueID?
    /// The memory of an LSTM.
    var memory: ValueID?
  }

  /// The state after a step. `inputs`: W x + b of all gates, shape (batch, gates H).
  func step(_ inputs: ValueID, _ state: State) throws -> State {
    switch cell {
    case .lstm(let peepholes, let isCoupled):
      return try lstm(inputs, state, peepholes: peepholes, couplesInputAndForget: isCoupled)
    case .gru(let resetsProduct): return State(output: try gru(inputs, state, resetsProduct: resetsProduct))
    case .simple:
      let sum = try builder.add(inputs, recurrent(state.output, gates: 0..<1))
      return State(output: try activated(0, sum))
    }
  }

  /// R h + d of some gates.
  private func recurrent(_ output: ValueID?, gates: Range<Int>) throws -> ValueID {
    let (begin, count) = (gates.lowerBound * hidden, gates.count * hidden)
    let bias = try builder.slice(recurrentBias, begin: [begin], size: [count])
    guard let output else { return bias }
    let weights = try builder.slice(recurrentWeights, begin: [begin, 0], size: [count, hidden])
    return try builder.emit(.fullyConnected(), [output, weights, bias])
  }

  private func gate(_ index: Int, of gates: ValueID) throws -> ValueID {
    let batch = builder.shape(gates)[0]
    return try builder.slice(gates, begin: [0, index * hidden], size: [batch, hidden])
  }

  private func activated(_ index: Int, _ input: ValueID) throws -> ValueID {
    guard let clip else { return try activations[index](builder, input) }
    let low = try builder.maximum(input, builder.scalar(Double(-clip)))
    return try activations[index](builder, builder.minimum(low, builder.scalar(Double(clip))))
  }

  /// i = s(Wx + Rh + p c), f alike, c' = f c + i g(Wx + Rh), o = s(Wx + Rh + p c'), h' = o o(c').
  private func lstm(
    _ inputs: ValueID, _ state: State, peepholes: [ValueID]?, couplesInputAndForget: Bool
  ) throws -> State {
    let sums = try builder.add(inputs, recurrent(state.output, gates: 0..<4))
    let opened = { (gate: Int, memory: ValueID?) throws -> ValueID in
      var sum = try self.gate(gate, of: sums)
      if let peepholes, let memory { sum = try builder.add(sum, builder.mul(memory, peepholes[gate])) }
      return try activated(0, sum)
    }
    let forget = try opened(2, state.memory)
    let input =
      couplesInputAndForget
      ? try builder.sub(builder.scalar(1), forget) : try opened(0, state.memory)
    var memory = try builder.mul(input, activated(1, gate(3, of: sums)))
    if let old = state.memory { memory = try builder.add(builder.mul(forget, old), memory) }
    let output = try builder.mul(opened(1, memory), activations[2](builder, memory))
    return State(output: output, memory: memory)
  }

  /// z = s(Wx + Rh), r alike, n = g(Wx + r (Rh)) or g(Wx + R (r h)), h' = (1 - z) n + z h.
  private func gru(_ inputs: ValueID, _ state: State, resetsProduct: Bool) throws -> ValueID {
    let batch = builder.shape(inputs)[0]
    let both = try builder.slice(inputs, begin: [0, 0], size: [batch, 2 * hidden])
    let gates = try activated(0, builder.add(both, recurrent(state.output, gates: 0..<2)))
    let (update, reset) = (try gate(0, of: gates), try gate(1, of: gates))
    let past: ValueID
    if resetsProduct {
      past = try builder.mul(reset, recurrent(state.output, gates: 2..<3))
    } else {
      past = try recurrent(state.output.map { try builder.mul(reset, $0) }, gates: 2..<3)
    }
    let candidate = try activated(1, builder.add(gate(2, of: inputs), past))
    let fresh = try builder.mul(builder.sub(builder.scalar(1), update), candidate)
    guard let old = state.output else { return fresh }
    return try builder.add(fresh, builder.mul(update, old))
  }
}
