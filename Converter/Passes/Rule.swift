internal import ModelFormat

/// A rewrite: a function from a place in a graph to a patch, or to nothing where it does not apply.
package struct Rule: Sendable {
  /// Names what it does: "fuse activation". `--verbose` counts it.
  package let name: String
  let patch: @Sendable (Match) -> Patch?

  init(_ name: String, _ patch: @escaping @Sendable (Match) -> Patch?) {
    self.name = name
    self.patch = patch
  }
}

/// A node and the graph around it, as a rule sees them.
struct Match {
  let graph: Graph
  let id: NodeID
  let node: Node

  var kind: OperatorKind { node.operation.kind }
  var output: ValueID { node.outputs[0] }

  func input(_ index: Int) -> ValueID? { node.inputs.indices.contains(index) ? node.inputs[index] : nil }

  func value(_ index: Int) -> Value? { input(index).map { graph[$0] } }

  /// The node that computes `value`, if it is one of `kinds` and its result is not rounded before it is read.
  func producer(of value: ValueID?, _ kinds: OperatorKind...) -> Node? {
    guard let value, let (_, node) = graph.producer(of: value), kinds.contains(node.operation.kind),
      !isRounded(value, by: node)
    else { return nil }
    return node
  }

  /// As `producer`, and nothing else reads the value: the node may be taken apart.
  func onlyProducer(of value: ValueID?, _ kinds: OperatorKind...) -> Node? {
    guard let value, graph.hasSingleUse(value), let (_, node) = graph.producer(of: value),
      kinds.contains(node.operation.kind), !isRounded(value, by: node)
    else { return nil }
    return node
  }

  /// Whether the source model rounds the float32 value that `node` computes.
  private func isRounded(_ value: ValueID, by node: Node) -> Bool {
    guard graph[value].type == .float32, let grid = graph[value].statedGrid else { return false }
    if node.operation.kind == .dequantize { return node.inputs[0].map { graph[$0].heldGrid != grid } ?? true }
    let operands = node.inputs.map { $0.map { graph[$0] } }
    return StatedGrid.moved(by: node.operation, operands, to: graph[value].shape) != grid
  }

  /// Both operands, the constant one second; `nil` unless exactly one is constant.
  func withConstant(_ node: Node) -> (data: ValueID, constant: ValueID)? {
    guard node.inputs.count == 2, let a = node.inputs[0], let b = node.inputs[1] else { return nil }
    switch (graph[a].isConstant, graph[b].isConstant) {
    case (false, true): return (a, b)
    case (true, false): return (b, a)
    default: return nil
    }
  }

  /// The only element of a float32 constant.
  func number(_ value: ValueID?) -> Float? {
    guard let value, graph[value].type == .float32, graph[value].count == 1 else { return nil }
    return graph[value].constant?.elements(as: Float.self).first
  }

  /// The elements of a constant of integers.
  func integers(_ value: ValueID?) -> [Int]? {
    guard let value, let constant = graph[value].constant else { return nil }
    switch graph[value].type {
    case .int32: return constant.elements(as: Int32.self).map { Int($0) }
    case .int64: return constant.elements(as: Int64.self).map { Int($0) }
    default: return nil
    }
  }

  func floats(_ value: ValueID?) -> [Float]? {
    guard let value, graph[value].type == .float32 else { return nil }
    return graph[value].constant?.elements(as: Float.self)
  }

  /// What a TRANSPOSE that computes `value` permutes, and how.
  func transposed(_ value: ValueID?) -> (source: ValueID, permutation: [Int])? {
    guard let node = producer(of: value, .transpose), let source = node.inputs[0],
      let permutation = integers(node.inputs[1])
    else { return nil }
    return (source, permutation)
  }
}
