/// Chains of steps that run some rows at a time.
extension SubgraphPreparation {
  /// Puts one step in the place of `part`'s last one. The others are to be removed when all chains have been made.
  func chain(_ run: RowRun, _ part: RowChaining.Part, bandRows: Int) {
    let layout = RowChainLayout(run.layers[part.first..<part.end], bandRows: bandRows)
    let nodes = Array(run.nodes[part.first..<part.end])
    let (input, output, last) = (run.tensors[part.first], run.tensors[part.end], nodes[nodes.count - 1])
    for node in nodes.dropLast() { graph.nodes[node].isRemoved = true }
    for tensor in run.tensors[part.first + 1..<part.end] { operands[tensor] = nil }
    graph.nodes[last].inputs[0] = input
    scratches.removeAll { nodes.contains($0.step) }
    let area = scratch(layout.partBytes.multipliedSaturated(by: program.options.threads), step: last)
    let layers = Array(run.layers[part.first..<part.end])
    let chain = RowChain(
      layers, layout, input: operand(input), output: operand(output), area: area, grain: grain(layers))
    steps[run.steps[part.end - 1]] = Step(node: last, chain: nodes) { invocation in chain.run(invocation) }
  }

  /// How many rows of the last layer take about ten microseconds. Not so few that threads would get several ranges, at
  /// the ends of which rows are computed twice.
  private func grain(_ layers: [RowLayer]) -> Int {
    let (options, rows) = (program.options, layers[0].batches * layers[layers.count - 1].rows.output)
    guard options.bandRows == nil else { return 1 }
    let products = layers.reduce(0) { $0.addingSaturated($1.products) }
    return max(WorkRate.int8.grain(products: products / max(1, rows), options.isa), rows / (3 * options.threads) + 1)
  }

  func removeChainedSteps() { steps.removeAll { graph.nodes[$0.node].isRemoved } }
}
