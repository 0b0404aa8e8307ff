internal import ModelFormat

extension Rule {
  /// x * RELU6(x + 3) / 6 in any order of the products is HARD_SWISH.
  static let fuseHardSwish = Rule("fuse hard swish") { match in
    guard match.kind == .mul, match.node.operation.activation == .none, match.graph[match.output].type == .float32,
      let source = hardSwishSource(match)
    else { return nil }
    guard match.graph[source].shape == match.graph[match.output].shape else { return nil }
    var patch = Patch(match)
    let result = patch.emit(Operation(.hardSwish), [source], like: match.graph[match.output])
    patch.replace(match.output, with: result)
    return patch
  }

  private static func hardSwishSource(_ match: Match) -> ValueID? {
    let (a, b) = (match.input(0), match.input(1))
    for (data, gate) in [(a, b), (b, a)] {
      // x * (RELU6(x + 3) * 1/6)
      if let scaled = match.producer(of: gate, .mul), let (inner, sixth) = match.withConstant(scaled),
        isSixth(match.number(sixth)), clampedSum(match, inner) == data
      {
        return data
      }
      // (x * RELU6(x + 3)) * 1/6
      if isSixth(match.number(gate)), let product = match.producer(of: data, .mul) {
        for (x, clamp) in [(product.inputs[0], product.inputs[1]), (product.inputs[1], product.inputs[0])]
        where x != nil && clampedSum(match, clamp) == x { return x }
      }
      // (x * 1/6) * RELU6(x + 3)
      if let scaled = match.producer(of: data, .mul), let (x, sixth) = match.withConstant(scaled),
        isSixth(match.number(sixth)), clampedSum(match, gate) == x
      {
        return x
      }
    }
    return nil
  }

  private static func isSixth(_ number: Float?) -> Bool { number.map { abs($0 - 1.0 / 6) < 1e-6 } ?? false }

  /// x, when `value` is RELU6(x + 3).
  private static func clampedSum(_ match: Match, _ value: ValueID?) -> ValueID? {
    guard let clamp = match.producer(of: value, .relu6), let sum = match.producer(of: clamp.inputs[0], .add),
      sum.operation.activation == .none, let (data, three) = match.withConstant(sum),
      let number = match.number(three), abs(number - 3) < 1e-6
    else { return nil }
    return data
  }
}
