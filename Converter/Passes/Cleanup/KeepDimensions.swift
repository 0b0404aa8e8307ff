internal import ModelFormat

extension Rule {
  /// A reduction whose dimensions a RESHAPE puts back, as in squeeze-and-excite blocks of Keras, keeps them itself.
  static let keepDimensions = Rule("keep reduced dimensions") { match in
    guard match.kind == .reshape,
      let reduction = match.onlyProducer(of: match.input(0), .mean, .sum, .reduceMax, .reduceMin),
      let source = reduction.inputs[0], let axes = reduction.inputs[1], match.graph[axes].type == .int32,
      let elements = match.graph[axes].constant?.elements(as: Int32.self)
    else { return nil }
    let shape = match.graph[source].shape
    let reduced = Set(elements.map { $0 < 0 ? Int($0) + shape.count : Int($0) })
    let output = match.graph[match.output]
    guard output.shape == shape.indices.map({ reduced.contains($0) ? 1 : shape[$0] }) else { return nil }
    var patch = Patch(match)
    let kept = patch.emit(
      .reduction(reduction.operation.kind, keepsDimensions: true), [source, axes], like: output, shape: output.shape)
    patch.replace(match.output, with: kept)
    return patch
  }
}
