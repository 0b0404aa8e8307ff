internal import ModelFormat

/// Which numbers of an addend make a difference to a sum of 8 bits: all that are lower than its grid reaches less the most
/// that the other addend brings are cut off alike. Masks of attention have minus infinity or -10,000 where -20 is enough,
/// and a grid that holds both those and 0 would leave the other addend nothing.
enum AddendRanges {
  /// Numbers that reach no further than this many times what matters keep their range.
  private static let tolerance: Float = 4

  static func useful(sum: ClosedRange<Float>, other: ClosedRange<Float>) -> ClosedRange<Float> {
    let low = min(sum.lowerBound - other.upperBound, 0)
    return low...max(sum.upperBound - other.lowerBound, low, 0)
  }

  /// `range` without what makes no difference; `nil` where that is not much.
  static func limited(_ range: ClosedRange<Float>, to useful: ClosedRange<Float>) -> ClosedRange<Float>? {
    let reach = max(-useful.lowerBound, useful.upperBound)
    guard reach > 0, max(-range.lowerBound, range.upperBound) > tolerance * reach else { return nil }
    return range.clamped(to: useful)
  }

  /// Limits the ranges of computed addends, and of what they are moved from.
  static func limit(_ ranges: inout [ValueID: ClosedRange<Float>], in graph: Graph) {
    for id in graph.executionOrder.reversed() {
      guard let node = graph[id], node.operation.kind == .add, let sum = node.outputs.first.flatMap({ ranges[$0] }),
        case let addends = node.inputs.compactMap({ $0 }), addends.count == 2
      else { continue }
      for (value, other) in [(addends[0], addends[1]), (addends[1], addends[0])] {
        guard let own = ranges[value], graph.hasSingleUse(value), let rest = reach(of: other, ranges, graph),
          let limited = limited(own, to: useful(sum: sum, other: rest))
        else { continue }
        assign(limited, to: value, &ranges, graph)
      }
    }
  }

  private static func reach(
    of value: ValueID, _ ranges: [ValueID: ClosedRange<Float>], _ graph: Graph
  ) -> ClosedRange<Float>? {
    if let range = ranges[value] { return range }
    guard graph[value].type == .float32,
      let elements = graph[value].constant?.elements(as: Float.self).filter(\.isFinite), let low = elements.min()
    else { return nil }
    return low...(elements.max() ?? low)
  }

  private static func assign(
    _ range: ClosedRange<Float>, to value: ValueID, _ ranges: inout [ValueID: ClosedRange<Float>], _ graph: Graph
  ) {
    var value = value
    ranges[value] = range
    while let node = graph.producer(of: value)?.node, let rule = OperatorQuantization(node),
      case .sameAsInput = rule.output, let source = node.inputs[rule.data[0]], graph.hasSingleUse(source),
      ranges[source] != nil
    {
      value = source
      ranges[value] = range
    }
  }
}

extension Quantizer {
  /// The constant addend of a sum as integers, without what makes no difference; `nil` where nothing is left out.
  func limitedAddend(_ value: ValueID, of node: Node, _ type: ElementType) -> Value? {
    guard node.operation.kind == .add, let output = node.outputs.first, let sum = assignment.grids[output],
      let other = node.inputs.compactMap({ $0 }).first(where: { $0 != value }),
      let rest = assignment.grid(of: other, sum.type), let elements = graph[value].constant?.elements(as: Float.self),
      graph[value].type == .float32, graph[value].statedGrid == nil, let low = elements.min(), let high = elements.max()
    else { return nil }
    let useful = AddendRanges.useful(sum: sum.reach, other: rest.reach)
    guard AddendRanges.limited(low...max(low, high), to: useful) != nil else { return nil }
    let grid = Grid(type, low: max(low, useful.lowerBound), high: min(high, useful.upperBound))
    var result = graph[value]
    (result.type, result.quantization, result.constant) = (type, grid.quantization, grid.stored(elements))
    return result
  }
}
