internal import ModelFormat

extension Rule {
  /// Differences and quotients with a constant become sums and products, which later rules look for; constants of
  /// neighbouring sums or products are combined.
  static let normalizeArithmetic = Rule("normalize arithmetic with constants") { match in
    guard [.add, .sub, .mul, .div].contains(match.kind), match.node.operation.activation == .none,
      match.graph[match.output].type == .float32, let constant = match.input(1), let elements = match.floats(constant),
      let data = match.input(0), !match.graph[data].isConstant
    else { return swapped(match) }
    let output = match.graph[match.output]
    let (shape, name) = (match.graph[constant].shape, match.graph[constant].name)
    var patch = Patch(match)
    switch match.kind {
    case .sub:
      let negative = patch.floats(elements.map { -$0 }, shape: shape, name: name)
      patch.replace(match.output, with: patch.emit(.arithmetic(.add), [data, negative], like: output))
    case .div:
      guard elements.allSatisfy({ $0.isNormal && (1 / $0).isNormal }) else { return nil }
      let inverse = patch.floats(elements.map { 1 / $0 }, shape: shape, name: name)
      patch.replace(match.output, with: patch.emit(.arithmetic(.mul), [data, inverse], like: output))
    default: return combined(match, data: data, elements: elements, shape: shape)
    }
    return patch
  }

  /// The constant second.
  private static func swapped(_ match: Match) -> Patch? {
    guard match.kind == .add || match.kind == .mul, let a = match.input(0), let b = match.input(1),
      match.graph[a].isConstant, !match.graph[b].isConstant, match.graph[a].type == .float32
    else { return nil }
    var patch = Patch(match)
    let output = match.graph[match.output]
    patch.replace(match.output, with: patch.emit(match.node.operation, [b, a], like: output))
    return patch
  }

  /// (x + a) + b and (x * a) * b, where one of the constants is a single number.
  private static func combined(_ match: Match, data: ValueID, elements: [Float], shape: [Int]) -> Patch? {
    guard let inner = match.onlyProducer(of: data, match.kind), inner.operation.activation == .none,
      let source = inner.inputs[0], let other = match.floats(inner.inputs[1]), let first = inner.inputs[1],
      elements.count == 1 || other.count == 1 || match.graph[first].shape == shape
    else { return nil }
    let count = max(elements.count, other.count)
    let combine: (Float, Float) -> Float = match.kind == .add ? { $0 + $1 } : { $0 * $1 }
    let result = (0..<count).map { combine(other[other.count == 1 ? 0 : $0], elements[elements.count == 1 ? 0 : $0]) }
    let value = match.graph[first]
    var patch = Patch(match)
    let output = match.graph[match.output]
    let wide = elements.count >= other.count ? shape : value.shape
    let constant = patch.floats(result, shape: wide, name: value.name)
    patch.replace(match.output, with: patch.emit(match.node.operation, [source, constant], like: output))
    return patch
  }
}
