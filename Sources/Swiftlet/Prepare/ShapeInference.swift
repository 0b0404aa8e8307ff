package import ModelFormat

/// The shape rules alone, for tools that build models: nothing is packed, planned or computed beyond constants.
package enum ShapeInference {
  /// The shapes of the outputs of the first subgraph; `nil` where they depend on data.
  ///
  /// - Throws: `PrepareError` when an operator is not known or its operands do not fit.
  package static func outputShapes(of model: Model) throws(PrepareError) -> [Shape?] {
    let program = ProgramPreparation(model: model, options: PrepareOptions())
    let preparation = SubgraphPreparation(program: program, graph: Graph(model: model, subgraph: 0))
    try preparation.setInputShapes()
    for index in preparation.graph.nodes.indices { try preparation.infer(index) }
    return preparation.graph.outputs.map { preparation.graph.tensors[$0].shape }
  }
}
