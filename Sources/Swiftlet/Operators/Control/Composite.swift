import ModelFormat

/// STABLEHLO_COMPOSITE: a named piece of a graph, run as the subgraph that it stands for.
///
/// Option 1 of the second option table names the subgraph. The name and the attributes are for runtimes that have a
/// kernel for the whole.
package enum Composite: Operator {
  package static func infer(_ node: Node) throws(PrepareError) {
    let results = try node.results(of: instance(node), count: node.outputCount)
    for position in 0..<node.outputCount { try node.setOutput(position, as: results[position]) }
  }

  private static func instance(_ node: Node) throws(PrepareError) -> Int {
    var arguments: [CallArgument] = []
    for position in 0..<node.inputCount { arguments.append(try node.argument(position)) }
    return try node.instance(of: node.options2.int32(1), arguments: arguments)
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> SubgraphCall {
    var inputs: [TensorReference?] = []
    for position in 0..<node.inputCount { inputs.append(try node.passedReference(position)) }
    let outputs = (0..<node.outputCount).map { node.givenReference($0) }
    return node.call(try instance(node), inputs: inputs, outputs: outputs)
  }

  package static func run(_ plan: SubgraphCall, _ invocation: borrowing Invocation) { _ = plan.run(invocation) }
}
