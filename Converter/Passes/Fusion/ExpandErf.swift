extension Rule {
  /// The error function by Abramowitz and Stegun's formula 7.1.26: sign(x) (1 - p(t) exp(-x²)), t = 1 / (1 + 0.3275911 |x|);
  /// its error is below 1.5e-7.
  static let expandErf = Rule("expand error function") { match in
    guard match.kind == .erf, let x = match.input(0) else { return nil }
    let like = match.graph[match.output]
    var patch = Patch(match)
    let name = "\(like.name)/erf"
    func unary(_ kind: OperatorKind, _ input: ValueID) -> ValueID { patch.emit(Operation(kind), [input], like: like) }
    func binary(_ kind: OperatorKind, _ a: ValueID, _ b: ValueID) -> ValueID {
      patch.emit(.arithmetic(kind), [a, b], like: like)
    }
    func number(_ value: Float) -> ValueID { patch.floats([value], shape: [], name: name) }
    let magnitude = unary(.abs, x)
    let t = binary(.div, number(1), binary(.add, binary(.mul, magnitude, number(0.3275911)), number(1)))
    var polynomial = binary(.add, binary(.mul, t, number(1.061405429)), number(-1.453152027))
    for coefficient: Float in [1.421413741, -0.284496736, 0.254829592] {
      polynomial = binary(.add, binary(.mul, polynomial, t), number(coefficient))
    }
    polynomial = binary(.mul, polynomial, t)
    let decay = unary(.exp, unary(.neg, binary(.mul, x, x)))
    let rest = binary(.sub, number(1), binary(.mul, polynomial, decay))
    patch.replace(match.output, with: binary(.mul, unary(.sign, x), rest))
    return patch
  }
}
