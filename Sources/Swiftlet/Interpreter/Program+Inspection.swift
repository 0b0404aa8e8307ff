package import ModelFormat

/// What tools look at: the subgraph that `invoke` runs, as the file has it and as it was prepared.
extension Program {
  package var entrySubgraph: Subgraph { model.subgraphs[entry] }

  /// Steps, tensors and memory plan of the subgraph that `invoke` runs.
  package var prepared: PreparedSubgraph { main }

  /// For each step the index of its operator in `entrySubgraph`; of a chain of operators that of the last one. Operators
  /// that were folded or fused have no step.
  package var stepNodes: [Int] { main.steps.map { $0.node } }

  /// For each step the indices of all operators that it runs: several for a chain that runs some rows at a time.
  package var stepChains: [[Int]] { main.steps.map { $0.chain.isEmpty ? [$0.node] : $0.chain } }

  /// The names of operators of `entrySubgraph` that run as one step, each once: "CONV_2D, DEPTHWISE_CONV_2D".
  package func operatorNames(ofChain nodes: [Int]) -> String {
    var text = ""
    var names: [String] = []
    for node in nodes {
      let name = model.operatorName(entrySubgraph.operators[node])
      if names.contains(name) { continue }
      text += names.isEmpty ? name : ", " + name
      names.append(name)
    }
    return text
  }
}

extension Model {
  /// "CONV_2D", or the name of a custom operator.
  package func operatorName(_ info: OperatorInfo) -> String { operatorCodes[info.code].name }
}

extension OperatorTable {
  package static func custom(_ name: String) -> OperatorEntry? { custom(Text(name)) }

  package struct Row: Sendable {
    /// The number in the schema; 32 for custom operators.
    package let code: Int
    package let name: String
    /// The latest version accepted.
    package let latestVersion: Int
    /// The types of the data; empty for operators without data.
    package let types: [StaticString]
    /// The kernels that it runs; empty for operators that only move bytes, name shapes or call subgraphs.
    package let families: [KernelFamily]
  }

  /// Every operator that the runtime has.
  package static var all: [Row] {
    var all: [Row] = []
    for (code, name) in OperatorCode.builtinNames.enumerated() {
      guard let entry = builtin(code) else { continue }
      all.append(
        Row(
          code: code, name: name, latestVersion: entry.latestVersion, types: data(of: code)?.types.names ?? [],
          families: families(of: code)))
    }
    for (text, types) in customNames {
      let name = Text(text)
      guard let entry = custom(name) else { continue }
      all.append(
        Row(
          code: OperatorCode.custom, name: name.string, latestVersion: entry.latestVersion, types: types,
          families: [.scalar]))
    }
    return all
  }
}
