package import ModelFormat

extension Model {
  /// Every reason why the model would not run, not only the first: nodes of the entry subgraph that the runtime does not
  /// have or that their operator refuses, and nodes that it does not have in the subgraphs that these call. Empty when
  /// preparing succeeds.
  ///
  /// Nodes that read what a refused node would compute are judged by their operator alone, unless the file gives that
  /// tensor a fixed shape.
  package func problems(_ options: PrepareOptions) -> [PrepareError] {
    var problems: [PrepareError] = []
    do throws(PrepareError) {
      problems = try Diagnosis(of: self, options).problems
      if problems.isEmpty { _ = try Program(model: self, options: options) }
    } catch {
      problems.append(error)
    }
    return problems
  }
}

/// Prepares the nodes of a subgraph one by one and goes on after an error.
private struct Diagnosis {
  private(set) var problems: [PrepareError] = []
  private let subgraph: SubgraphPreparation
  /// By node of the subgraph.
  private var isRefused: [Bool]

  init(of model: Model, _ options: PrepareOptions) throws(PrepareError) {
    let program = ProgramPreparation(model: model, options: options)
    defer { program.dissolve() }
    let entry = try Program.entry(of: model, signature: options.signatureText)
    subgraph = SubgraphPreparation(program: program, graph: Graph(model: model, subgraph: entry))
    isRefused = Array(repeating: false, count: subgraph.graph.nodes.count)
    try subgraph.setInputShapes()
    for node in isRefused.indices { infer(node) }
    for node in isRefused.indices where !isRefused[node] { prepare(node) }
    // Of the other subgraphs only those are reported that the entry calls and that failed.
    for index in Set(problems.map { $0.subgraph }) where index >= 0 && index != entry {
      lookUpOperators(of: index, in: program)
    }
    problems.sort { ($0.subgraph, $0.node) < ($1.subgraph, $1.node) }
  }

  private mutating func infer(_ node: Int) {
    attempt(node) { (subgraph) throws(PrepareError) in
      try subgraph.located(node) { () throws(PrepareError) in _ = try subgraph.entry(of: node) }
    }
    if !isRefused[node], subgraph.graph.nodes[node].inputs.contains(where: { hasNoShape($0) }) {
      isRefused[node] = true  // only because of a node before it
    }
    if !isRefused[node] {
      attempt(node) { (subgraph) throws(PrepareError) in try subgraph.infer(node) }
    }
    if isRefused[node], !isConstant(node) { assumeShapes(of: subgraph.graph.nodes[node].outputs) }
  }

  private func hasNoShape(_ tensor: Int) -> Bool {
    guard tensor >= 0, subgraph.graph.tensors[tensor].shape == nil else { return false }
    if case .runTime = subgraph.graph.tensors[tensor].storage { return false }
    return true
  }

  /// Whether the node would have been computed while preparing. Its readers cannot be judged without the values.
  private func isConstant(_ node: Int) -> Bool {
    subgraph.graph.nodes[node].inputs.allSatisfy { $0 < 0 || subgraph.constant($0) != nil }
  }

  /// Believes the file where it states fixed shapes.
  private func assumeShapes(of tensors: [Int]) {
    for tensor in tensors where hasNoShape(tensor) {
      let info = subgraph.graph.tensors[tensor].info
      guard info.hasRank, !info.shapeSignature.contains(-1) else { continue }
      subgraph.graph.tensors[tensor].shape = Shape(info.shape)
    }
  }

  private mutating func prepare(_ node: Int) {
    guard !subgraph.graph.nodes[node].isRemoved, !subgraph.graph.nodes[node].isRunTime else { return }
    attempt(node) { (subgraph) throws(PrepareError) in
      try subgraph.located(node) { () throws(PrepareError) in
        _ = try subgraph.entry(of: node).prepare(Node(preparation: subgraph, index: node))
      }
    }
  }

  private mutating func lookUpOperators(of index: Int, in program: ProgramPreparation) {
    let other = SubgraphPreparation(program: program, graph: Graph(model: program.model, subgraph: index))
    let known = Set(problems.filter { $0.subgraph == index }.map { $0.node })
    for node in other.graph.nodes.indices where !known.contains(node) {
      do throws(PrepareError) {
        try other.located(node) { () throws(PrepareError) in _ = try other.entry(of: node) }
      } catch {
        problems.append(error)
      }
    }
  }

  private mutating func attempt(_ node: Int, _ body: (SubgraphPreparation) throws(PrepareError) -> Void) {
    do throws(PrepareError) {
      try body(subgraph)
    } catch {
      isRefused[node] = true
      problems.append(error)
    }
  }
}
