extension Rule {
  /// A node whose inputs are all constant is computed.
  static let foldConstants = Rule("fold constants") { match in
    guard match.node.outputs.count == 1, match.node.inputs.allSatisfy({ $0.map { match.graph[$0].isConstant } ?? true })
    else { return nil }
    let output = match.graph[match.output]
    let inputs = match.node.inputs.map { $0.map { match.graph[$0] } }
    guard
      let result = Folding.evaluate(
        match.node.operation, inputs, outputs: [output], limit: 1 << 26, source: match.node.source)
    else { return nil }
    var patch = Patch(match)
    let constant = patch.constant(result[0], type: output.type, shape: output.shape, name: output.name)
    patch.replace(match.output, with: constant)
    return patch
  }
}
