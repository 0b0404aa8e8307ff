internal import ModelFormat

/// Which layers become integers, and why the others do not.
struct LayerDecisions {
  /// By node: the type of the data of layers that become integers.
  private(set) var types: [NodeID: ElementType] = [:]
  private(set) var kept: [KeptInFloat] = []
  private let graph: Graph
  private let ranges: [ValueID: ClosedRange<Float>]

  init(_ graph: Graph, _ plan: QuantizationPlan, ranges: [ValueID: ClosedRange<Float>]) {
    self.graph = graph
    self.ranges = ranges
    let order = graph.executionOrder
    for id in order {
      guard let node = graph[id], let type = plan.scheme(of: id).dataType else { continue }
      if let reason = obstacle(node, type) {
        kept.append(KeptInFloat(node: id, source: node.source, operatorName: node.operation.name, reason: reason))
      } else if touchesFloat(node) {
        types[id] = type
      }
    }
    for id in order { leaveVarianceInFloat(id) }
    leaveMovesInFloat(order, plan)
  }

  private func touchesFloat(_ node: Node) -> Bool {
    (node.inputs.compactMap { $0 } + node.outputs).contains { graph[$0].type == .float32 }
  }

  /// Why the layer cannot compute on `type`; `nil` when it can.
  private func obstacle(_ node: Node, _ type: ElementType) -> String? {
    // Layers of integers and truth values have nothing to quantize.
    guard touchesFloat(node) else { return nil }
    if [.quantize, .dequantize].contains(node.operation.kind) { return "it converts already" }
    let bits = type == .int16 ? "16-bit" : "8-bit"
    guard let rule = OperatorQuantization(node), type == .int8 || rule.hasInt16 else {
      return "LiteRT has no \(bits) arithmetic for it"
    }
    for position in rule.data {
      guard node.inputs.indices.contains(position), let input = node.inputs[position] else { continue }
      guard graph[input].type == .float32 else { return "operand \(position) is \(graph[input].typeName)" }
      if let elements = graph[input].constant?.elements(as: Float.self) {
        // Operators with one grid for all operands cut such numbers off at its ends.
        guard rule.constantsShareGrid || elements.allSatisfy(\.isFinite) else {
          return "its constant operand is not finite"
        }
      } else if ranges[input] == nil {
        return "no finite range was observed at its input"
      }
    }
    if let operands = WeightOperands(node.operation.kind) {
      if let reason = obstacle(node, operands) { return reason }
    }
    if let reason = obstacle(node, rule, type) { return reason }
    if case .unquantized = rule.output { return nil }
    guard node.outputs.contains(where: { graph[$0].type == .float32 }) else { return "its output is no float32" }
    for output in node.outputs where graph[output].type == .float32 {
      guard let range = ranges[output] else { return "no finite range was observed at its output" }
      if case .fixed(let scale, _, _) = rule.output, type == .int8,
        max(abs(range.lowerBound), abs(range.upperBound)) < Self.leastLevels * scale
      {
        return "its outputs are too small for the scale that the file format has"
      }
    }
    return nil
  }

  /// Fewer levels than these say little: a softmax over a thousand pixels has them when none stands out.
  private static let leastLevels: Float = 8

  /// Whether the source model rounds the output otherwise than the layer's integers would.
  private func obstacle(_ node: Node, _ rule: OperatorQuantization, _ type: ElementType) -> String? {
    guard let output = node.outputs.first, let stated = graph[output].statedGrid.flatMap(Grid.init) else { return nil }
    guard stated.type == type else { return "the source model stores its output as \(stated.type.name)" }
    switch rule.output {
    case .sameAsInput:
      let own = node.inputs[rule.data[0]].flatMap { graph[$0].statedGrid }.flatMap(Grid.init)
      return own == nil || own == stated ? nil : "the source model gives its output another scale than its input"
    case .fixed(let scale, let zeroPoint, let int16Scale):
      let fixed =
        type == .int16 ? Grid(type, scale: int16Scale, zeroPoint: 0) : Grid(type, scale: scale, zeroPoint: zeroPoint)
      return fixed == stated ? nil : "the source model gives its output another scale than the file format has"
    case .observed, .shared, .unquantized: return nil
    }
  }

  private func obstacle(_ node: Node, _ operands: WeightOperands) -> String? {
    guard let weights = node.inputs[operands.weights], let constant = graph[weights].constant,
      graph[weights].type == .float32
    else { return "its weights are computed or no float32" }
    guard constant.hasFiniteFloats else { return "its weights are not finite" }
    if let stated = graph[weights].statedGrid, !WeightStorage.isSymmetric(stated) {
      return "its weights have a zero point"
    }
    guard node.inputs.count > operands.bias, let bias = node.inputs[operands.bias] else { return nil }
    guard let elements = graph[bias].constant?.elements(as: Float.self), graph[bias].type == .float32 else {
      return "its bias is computed or no float32"
    }
    return elements.allSatisfy(\.isFinite) ? nil : "its bias is not finite"
  }

  /// The variances of normalizations, which reach over more magnitudes than integers have.
  private mutating func leaveVarianceInFloat(_ root: NodeID) {
    for id in Variance.nodes(rootOf: root, in: graph) {
      guard let type = types[id], let node = graph[id] else { continue }
      types[id] = nil
      let reason = "a variance reaches over more magnitudes than \(type == .int16 ? 16 : 8) bits"
      kept.append(KeptInFloat(node: id, source: node.source, operatorName: node.operation.name, reason: reason))
    }
  }

  /// Layers that only move elements from float layers to float layers stay with them; and so do concatenations that the
  /// model ends with when their operands differ much, so that each keeps its own scale.
  private mutating func leaveMovesInFloat(_ order: [NodeID], _ plan: QuantizationPlan) {
    var hasChanged = true
    while hasChanged {
      hasChanged = false
      for id in order where types[id] != nil {
        guard let node = graph[id], let rule = OperatorQuantization(node), rule.movesElements,
          node.outputs.allSatisfy({ endsInFloat($0, plan) })
        else { continue }
        let sources = rule.data.compactMap { node.inputs.indices.contains($0) ? node.inputs[$0] : nil }
          .filter { !graph[$0].isConstant }
        let comesFromFloat = sources.allSatisfy { source in
          graph.producers[source.index].map { types[$0] == nil } ?? false
        }
        if comesFromFloat || (sources.count > 1 && differ(sources)) {
          types[id] = nil
          hasChanged = true
        }
      }
    }
  }

  /// Whether the value reaches only float layers and float outputs, maybe moved on the way.
  private func endsInFloat(_ value: ValueID, _ plan: QuantizationPlan) -> Bool {
    if graph.outputs.contains(value), plan.outputType != .float32 { return false }
    return graph.consumers(of: value).allSatisfy { reader in
      guard types[reader] != nil, let node = graph[reader] else { return true }
      guard let rule = OperatorQuantization(node), rule.movesElements else { return false }
      return node.outputs.allSatisfy { endsInFloat($0, plan) }
    }
  }

  /// How many times as far one operand of a concatenation may reach as another before they are kept apart.
  private static let largestRatio: Float = 2

  private func differ(_ values: [ValueID]) -> Bool {
    let extents = values.compactMap { ranges[$0].map { max(abs($0.lowerBound), abs($0.upperBound)) } }
    guard let least = extents.min(), let largest = extents.max() else { return false }
    return largest > Self.largestRatio * least
  }
}
