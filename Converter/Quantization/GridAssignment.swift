internal import ModelFormat

/// The grid of every value that a quantized layer computes or that an input of the graph brings.
///
/// Layers that need one grid for all operands (concatenation, maximum, ...) take the range of their output. An operand
/// gets that grid at once where nothing else reads it or where it costs its other readers little; otherwise it keeps its
/// own, and a QUANTIZE brings its elements over: small operands of a concatenation keep their precision for others.
struct GridAssignment {
  /// By value, in the type of the layer that computes it.
  private(set) var grids: [ValueID: Grid] = [:]
  private let graph: Graph
  private let ranges: [ValueID: ClosedRange<Float>]
  /// For int16, which has levels enough to cut nothing off.
  private let wideRanges: [ValueID: ClosedRange<Float>]
  private let types: [NodeID: ElementType]
  private var forced: [ValueID: Grid] = [:]

  /// How much coarser a value may become for other readers.
  private static let tolerance: Float = 2

  /// - Parameter inputType: what inputs are outside; 8 bits are 8 bits for int16 layers as well.
  init(
    _ graph: Graph, types: [NodeID: ElementType], inputType: ElementType, ranges: [ValueID: ClosedRange<Float>],
    wideRanges: [ValueID: ClosedRange<Float>]
  ) {
    (self.graph, self.types, self.ranges, self.wideRanges) = (graph, types, ranges, wideRanges)
    let order = graph.executionOrder
    for input in graph.inputs where graph[input].type == .float32 {
      let readers = graph.consumers(of: input).compactMap { types[$0] }
      let inner = readers.contains(.int16) ? ElementType.int16 : readers.first
      let type = inputType == .int8 || inputType == .uint8 ? .int8 : inner
      if let type { grids[input] = observed(input, type) }
    }
    for id in order.reversed() {
      guard let node = graph[id], let type = types[id], let rule = OperatorQuantization(node),
        case .shared = rule.output, let output = node.outputs.first, let grid = forced[output] ?? observed(output, type)
      else { continue }
      forced[output] = grid
      for position in rule.data {
        if let operand = node.inputs[position], !graph[operand].isConstant { push(grid, to: operand) }
      }
    }
    for id in order {
      guard let node = graph[id], let type = types[id], let rule = OperatorQuantization(node) else { continue }
      for output in node.outputs where graph[output].type == .float32 {
        grids[output] = grid(of: output, node, rule, type)
      }
    }
  }

  /// The grid of a value for readers of `type`, whatever computes it.
  func grid(of value: ValueID, _ type: ElementType) -> Grid? {
    if let grid = grids[value], grid.type == type { return grid }
    return observed(value, type) ?? constantGrid(value, type)
  }

  /// The grid of a constant by its elements: the table of a look-up brings it to what is read. `nil` for other values.
  func constantGrid(_ value: ValueID, _ type: ElementType) -> Grid? {
    guard let elements = graph[value].constant?.elements(as: Float.self), graph[value].type == .float32 else {
      return nil
    }
    return Grid(type, low: elements.min() ?? 0, high: elements.max() ?? 0)
  }

  /// The grid of an output of the graph that is brought to `type`: what the format prescribes for the layer, if anything.
  func edgeGrid(of value: ValueID, _ type: ElementType) -> Grid? {
    if let (id, node) = graph.producer(of: value), types[id] != nil, let rule = OperatorQuantization(node),
      case .fixed = rule.output
    {
      return grid(of: value, node, rule, type)
    }
    return grid(of: value, type)
  }

  /// What the source model states before what was observed.
  private func observed(_ value: ValueID, _ type: ElementType) -> Grid? {
    if let stated = graph[value].statedGrid.flatMap(Grid.init), stated.type == type { return stated }
    let seen = type == .int16 ? wideRanges : ranges
    return seen[value].map { Grid(type, low: $0.lowerBound, high: $0.upperBound) }
  }

  private func grid(of output: ValueID, _ node: Node, _ rule: OperatorQuantization, _ type: ElementType) -> Grid? {
    switch rule.output {
    case .fixed(let scale, let zeroPoint, let int16Scale):
      return type == .int16
        ? Grid(type, scale: int16Scale, zeroPoint: 0) : Grid(type, scale: scale, zeroPoint: zeroPoint)
    case .sameAsInput:
      guard let source = node.inputs[rule.data[0]] else { return nil }
      return grid(of: source, type)
    case .shared, .observed: return forced[output] ?? observed(output, type)
    case .unquantized: return nil
    }
  }

  /// Gives the value that `operand` is made of the grid, where that is free to choose.
  private mutating func push(_ grid: Grid, to operand: ValueID) {
    var value = operand
    var isOnlyReader = graph.hasSingleUse(value)
    while let (id, node) = graph.producer(of: value), let type = types[id], type == grid.type,
      let rule = OperatorQuantization(node)
    {
      switch rule.output {
      case .sameAsInput:
        guard let source = node.inputs[rule.data[0]], !graph[source].isConstant else { return }
        value = source
        isOnlyReader = isOnlyReader && graph.hasSingleUse(source)
      case .observed, .shared:
        guard forced[value] == nil, graph[value].statedGrid == nil, let own = ranges[value] else { return }
        let reach = grid.reach
        let slack = grid.scale
        let isCovered = own.lowerBound >= reach.lowerBound - slack && own.upperBound <= reach.upperBound + slack
        let isSimilar =
          reach.upperBound - reach.lowerBound
          <= Self.tolerance * (max(own.upperBound, 0) - min(own.lowerBound, 0))
        if isOnlyReader || (isCovered && isSimilar) { forced[value] = grid }
        return
      case .fixed, .unquantized: return
      }
    }
  }
}
