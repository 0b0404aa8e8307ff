internal import ModelFormat

/// Values whose channels can be scaled together without changing what the model computes: layers with weights make them
/// and read them, and what lies between commutes with positive factors (sums, ReLU, pooling).
struct ChannelGroups {
  struct Group {
    var values: [ValueID] = []
    /// Layers that compute the values, and those that read them.
    var producers: [NodeID] = []
    var consumers: [NodeID] = []
  }

  private(set) var groups: [Group] = []
  private var parents: [Int]
  private var isFixed: [Bool]
  private let graph: Graph

  init(_ graph: Graph) {
    self.graph = graph
    parents = Array(graph.values.indices)
    isFixed = Array(repeating: false, count: graph.values.count)
    for value in graph.inputs + graph.outputs { isFixed[value.index] = true }
    for id in graph.executionOrder {
      if let node = graph[id] { read(node) }
    }
    collect()
  }

  private mutating func read(_ node: Node) {
    let data = node.inputs.compactMap { $0 }.filter { !graph[$0].isConstant }
    guard let output = node.outputs.first, node.outputs.count == 1, isPositivelyHomogeneous(node.operation) else {
      return fix(data + node.outputs)
    }
    switch node.operation.kind {
    case .conv2D, .depthwiseConv2D, .fullyConnected:
      guard data.count == 1, ScaledLayer(node, in: graph) != nil else { return fix(data + [output]) }
    case .add:
      guard data.count == 2, graph[data[0]].shape == graph[data[1]].shape else { return fix(data + [output]) }
      join(data[0], data[1])
      join(data[0], output)
    case .relu, .leakyRelu, .averagePool2D, .maxPool2D, .reshape, .resizeBilinear, .resizeNearestNeighbor, .mean,
      .squeeze:
      guard data.count == 1, let channels = graph[data[0]].shape.last, channels == graph[output].shape.last,
        node.operation.kind != .mean || !reducesChannels(node)
      else { return fix(data + [output]) }
      join(data[0], output)
    default: fix(data + [output])
    }
  }

  private func isPositivelyHomogeneous(_ operation: Operation) -> Bool {
    operation.activation == .none || operation.activation == .relu
  }

  private func reducesChannels(_ node: Node) -> Bool {
    guard node.inputs.count > 1, let data = node.inputs[0], let operand = node.inputs[1],
      let axes = graph[operand].constant?.elements(as: Int32.self)
    else { return true }
    let rank = graph[data].shape.count
    return axes.contains { Int($0) == rank - 1 || Int($0) == -1 }
  }

  private mutating func fix(_ values: [ValueID]) {
    for value in values { isFixed[root(value.index)] = true }
  }

  private func root(_ index: Int) -> Int {
    var index = index
    while parents[index] != index { index = parents[index] }
    return index
  }

  private mutating func join(_ a: ValueID, _ b: ValueID) {
    let (one, other) = (root(a.index), root(b.index))
    guard one != other else { return }
    isFixed[one] = isFixed[one] || isFixed[other]
    parents[other] = one
  }

  private mutating func collect() {
    var byRoot: [Int: Group] = [:]
    for id in graph.executionOrder {
      guard let node = graph[id] else { continue }
      for output in node.outputs where !isFixed[root(output.index)] {
        byRoot[root(output.index), default: Group()].values.append(output)
      }
      guard let layer = ScaledLayer(node, in: graph) else { continue }
      if let output = node.outputs.first, !isFixed[root(output.index)] {
        byRoot[root(output.index), default: Group()].producers.append(id)
      }
      if !isFixed[root(layer.data.index)] { byRoot[root(layer.data.index), default: Group()].consumers.append(id) }
    }
    groups = byRoot.sorted { $0.key < $1.key }.map(\.value).filter { !$0.producers.isEmpty && !$0.consumers.isEmpty }
  }
}

/// A layer with weights whose inputs and outputs can be scaled channel by channel.
struct ScaledLayer {
  let data: ValueID
  let weights: ValueID
  let bias: ValueID?
  private let isDepthwise: Bool
  private let inputs: Int
  private let outputs: Int
  /// Weights of one output, one after the other; for depthwise layers 1.
  private let inner: Int

  /// `nil` for other layers, weights that are computed or shared, and grouped convolutions.
  init?(_ node: Node, in graph: Graph) {
    guard let operands = WeightOperands(node.operation.kind), node.operation.kind != .transposeConv,
      let data = node.inputs[operands.data], let weights = node.inputs[operands.weights],
      graph[weights].type == .float32, graph[weights].isConstant, let last = graph[weights].shape.last
    else { return nil }
    isDepthwise = node.operation.kind == .depthwiseConv2D
    (self.data, self.weights) = (data, weights)
    bias = node.inputs.count > operands.bias ? node.inputs[operands.bias] : nil
    inputs = last
    outputs = isDepthwise ? last : graph[weights].shape[0]
    inner = isDepthwise ? 1 : graph[weights].count / max(outputs, 1)
    guard graph[data].shape.last == inputs, bias.map({ graph[$0].isConstant && graph[$0].type == .float32 }) ?? true
    else { return nil }
  }

  /// Whether the largest weights of an input limit how its channel may be scaled: each output of a depthwise layer has one
  /// input, and its scale takes any factor.
  var hasSharedScales: Bool { !isDepthwise }

  /// The largest magnitude among the weights of each input.
  func magnitudes(_ elements: [Float]) -> [Float] {
    var largest = [Float](repeating: 0, count: inputs)
    for (index, element) in elements.enumerated() {
      largest[index % inputs] = max(largest[index % inputs], abs(element))
    }
    return largest
  }

  /// The weights for inputs divided by `factors`.
  func absorbing(_ factors: [Float], _ elements: [Float]) -> [Float] {
    elements.indices.map { elements[$0] * factors[$0 % inputs] }
  }

  /// The weights whose outputs are divided by `factors`.
  func dividing(_ factors: [Float], _ elements: [Float]) -> [Float] {
    elements.indices.map { elements[$0] / factors[$0 / inner % outputs] }
  }
}
