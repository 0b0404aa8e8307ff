internal import ModelFormat

extension Rule {
  /// 0.5 x (1 + erf(x / √2)), in any order of the products, is GELU; with tanh(√(2/π) (x + 0.044715 x³)) it is its
  /// approximation.
  static let fuseGELU = Rule("fuse GELU") { match in
    guard match.kind == .mul, match.node.operation.activation == .none, match.graph[match.output].type == .float32,
      let (x, isApproximate) = geluSource(match), match.graph[x].shape == match.graph[match.output].shape
    else { return nil }
    var patch = Patch(match)
    let result = patch.emit(.gelu(approximate: isApproximate), [x], like: match.graph[match.output])
    patch.replace(match.output, with: result)
    return patch
  }

  private static func geluSource(_ match: Match) -> (ValueID, Bool)? {
    // The three factors 0.5, x and 1 + f(x) of a product of products.
    var scale: Float = 1
    var factors: [ValueID] = []
    collect(match, match.node, depth: 2, &scale, &factors)
    guard abs(scale - 0.5) < 1e-4, factors.count == 2 else { return nil }
    for (x, gate) in [(factors[0], factors[1]), (factors[1], factors[0])] {
      guard let sum = match.producer(of: gate, .add), let (inner, one) = match.withConstant(sum),
        match.number(one) == 1
      else { continue }
      if let erf = match.producer(of: inner, .erf), isScaled(match, erf.inputs[0], x, by: 0.70710678) {
        return (x, false)
      }
      if let tanh = match.producer(of: inner, .tanh), isCubic(match, tanh.inputs[0], x) { return (x, true) }
    }
    return nil
  }

  /// The factors of a product, its constants multiplied into `scale`.
  private static func collect(
    _ match: Match, _ node: Node, depth: Int, _ scale: inout Float, _ factors: inout [ValueID]
  ) {
    for case .some(let input) in node.inputs {
      if let number = match.number(input) {
        scale *= number
      } else if depth > 0, let inner = match.producer(of: input, .mul), inner.operation.activation == .none {
        collect(match, inner, depth: depth - 1, &scale, &factors)
      } else {
        factors.append(input)
      }
    }
  }

  private static func isScaled(_ match: Match, _ value: ValueID?, _ x: ValueID, by factor: Float) -> Bool {
    guard let product = match.producer(of: value, .mul), let (data, constant) = match.withConstant(product),
      let number = match.number(constant)
    else { return false }
    return data == x && abs(number - factor) < 1e-3
  }

  /// √(2/π) (x + 0.044715 x³).
  private static func isCubic(_ match: Match, _ value: ValueID?, _ x: ValueID) -> Bool {
    guard let product = match.producer(of: value, .mul), let (sum, constant) = match.withConstant(product),
      let number = match.number(constant), abs(number - 0.7978846) < 1e-3,
      let terms = match.producer(of: sum, .add), terms.inputs.contains(x),
      let cubic = terms.inputs.first(where: { $0 != x }) ?? nil,
      let scaled = match.producer(of: cubic, .mul)
    else { return false }
    var scale: Float = 1
    var factors: [ValueID] = []
    collect(match, scaled, depth: 3, &scale, &factors)
    if factors.contains(where: { $0 != x }) {
      // x to the power of 3 as one operator.
      guard factors.count == 1, let power = match.producer(of: factors[0], .pow), power.inputs[0] == x,
        match.number(power.inputs[1]) == 3
      else { return false }
      return abs(scale - 0.044715) < 1e-4
    }
    return factors.count == 3 && abs(scale - 0.044715) < 1e-4
  }
}
