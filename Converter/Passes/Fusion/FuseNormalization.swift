internal import ModelFormat

extension Rule {
  /// SUM divided by the number of summed elements is MEAN.
  static let fuseMean = Rule("fuse mean") { match in
    guard match.kind == .mul, match.node.operation.activation == .none,
      let (data, constant) = match.withConstant(match.node),
      let sum = match.onlyProducer(of: data, .sum), let axes = match.integers(sum.inputs[1]),
      let source = sum.inputs[0],
      let number = match.number(constant), match.graph[data].shape == match.graph[match.output].shape
    else { return nil }
    let shape = match.graph[source].shape
    let count = axes.reduce(1) { $0 * shape[$1 < 0 ? $1 + shape.count : $1] }
    guard abs(number * Float(count) - 1) < 1e-5 else { return nil }
    var operation = sum.operation
    operation.kind = .mean
    var patch = Patch(match)
    let result = patch.emit(operation, sum.inputs, like: match.graph[match.output])
    patch.replace(match.output, with: result)
    return patch
  }

  /// 1 / sqrt(x) is RSQRT, and a quotient by sqrt(x) a product with it: the heart of layer normalization.
  static let fuseReciprocalRoot = Rule("fuse reciprocal square root") { match in
    guard match.kind == .div, match.node.operation.activation == .none, match.graph[match.output].type == .float32,
      let root = match.onlyProducer(of: match.input(1), .sqrt), let numerator = match.input(0),
      let divisor = match.input(1)
    else { return nil }
    // A square root that may be zero stays: x / 0 and x * (1 / 0) differ where x is zero.
    guard let sum = match.producer(of: root.inputs[0], .add), let (_, epsilon) = match.withConstant(sum),
      (match.number(epsilon) ?? 0) > 0
    else { return nil }
    var patch = Patch(match)
    let inverse = patch.emit(Operation(.rsqrt), root.inputs, like: match.graph[divisor])
    let output = match.graph[match.output]
    let result =
      match.number(numerator) == 1 && match.graph[divisor].shape == output.shape
      ? inverse : patch.emit(.arithmetic(.mul), [numerator, inverse], like: output)
    patch.replace(match.output, with: result)
    return patch
  }

  /// exp(x - max(x)) / sum(exp(x - max(x))) along the last dimension is SOFTMAX, with or without the maximum.
  static let fuseSoftmax = Rule("fuse softmax") { match in
    guard match.kind == .div, match.node.operation.activation == .none, let numerator = match.input(0),
      let exponential = match.producer(of: numerator, .exp), let sum = match.producer(of: match.input(1), .sum),
      sum.inputs[0] == numerator, sum.operation.bool(0), isLastAxis(match, sum), var source = exponential.inputs[0]
    else { return nil }
    if let difference = match.producer(of: source, .sub),
      let maximum = match.producer(of: difference.inputs[1], .reduceMax),
      maximum.inputs[0] == difference.inputs[0], isLastAxis(match, maximum), let x = difference.inputs[0]
    {
      source = x
    }
    guard match.graph[source].shape == match.graph[match.output].shape else { return nil }
    var patch = Patch(match)
    let result = patch.emit(.softmax(), [source], like: match.graph[match.output])
    patch.replace(match.output, with: result)
    return patch
  }

  private static func isLastAxis(_ match: Match, _ reduction: Node) -> Bool {
    guard let axes = match.integers(reduction.inputs[1]), axes.count == 1, let input = reduction.inputs[0] else {
      return false
    }
    return axes[0] == -1 || axes[0] == match.graph[input].shape.count - 1
  }

  /// What a maximum with a tiny number keeps from zero.
  private static func unguarded(_ match: Match, _ value: ValueID?) -> ValueID? {
    guard let guarded = match.producer(of: value, .maximum), let (data, tiny) = match.withConstant(guarded),
      let number = match.number(tiny), number > 0, number < 1e-6
    else { return value }
    return data
  }

  /// x / sqrt(sum(x²)) along the last dimension is L2_NORMALIZATION.
  static let fuseL2Normalization = Rule("fuse L2 normalization") { match in
    guard match.kind == .div, match.node.operation.activation == .none, let x = match.input(0),
      let root = match.producer(of: unguarded(match, match.input(1)), .sqrt),
      let sum = match.producer(of: root.inputs[0], .sum), sum.operation.bool(0), isLastAxis(match, sum),
      let square = match.producer(of: sum.inputs[0], .mul, .square),
      square.inputs.allSatisfy({ $0 == x }), match.graph[x].shape == match.graph[match.output].shape
    else { return nil }
    var patch = Patch(match)
    let result = patch.emit(Operation(.l2Normalization, [0: .int8(0)]), [x], like: match.graph[match.output])
    patch.replace(match.output, with: result)
    return patch
  }

  /// 1 / (1 + exp(-x)) is LOGISTIC.
  static let fuseLogistic = Rule("fuse logistic") { match in
    guard match.kind == .div, match.number(match.input(0)) == 1, let sum = match.producer(of: match.input(1), .add),
      let (data, one) = match.withConstant(sum), match.number(one) == 1,
      let exponential = match.producer(of: data, .exp), let negative = match.producer(of: exponential.inputs[0], .neg),
      let x = negative.inputs[0], match.graph[x].shape == match.graph[match.output].shape
    else { return nil }
    var patch = Patch(match)
    let result = patch.emit(Operation(.logistic), [x], like: match.graph[match.output])
    patch.replace(match.output, with: result)
    return patch
  }
}
