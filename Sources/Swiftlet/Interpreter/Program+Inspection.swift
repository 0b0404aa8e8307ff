package import ModelFormat

/// What tools look at: the subgraph that `invoke` runs, as the file has it and as it was prepared.
extension Program {
  package var entrySubgraph: Subgraph { model.subgraphs[entry] }

  /// Steps, tensors and memory plan of the subgraph that `invoke` runs.
  package var prepared: PreparedSubgraph { main }

  /// For each step the index of its operator in `entrySubgraph`. Operators that were folded or fused have no step.
  package var stepNodes: [Int] { main.steps.map { $0.node } }
}

extension Model {
  /// "CONV_2D", or the name of a custom operator.
  package func operatorName(_ info: OperatorInfo) -> String { OperatorTable.name(of: operatorCodes[info.code]) }
}

extension OperatorTable {
  /// Every operator that the runtime has: its number, its name and the latest version accepted.
  package static var all: [(code: Int, name: String, latestVersion: Int)] {
    var all: [(code: Int, name: String, latestVersion: Int)] = []
    for code in 0..<BuiltinOperator.count {
      guard let entry = builtin(code), let name = BuiltinOperator.name(of: code) else { continue }
      all.append((code, name.string, entry.latestVersion))
    }
    for name in ["TFLite_Detection_PostProcess"] {
      if let entry = custom(name) { all.append((BuiltinOperator.custom, name, entry.latestVersion)) }
    }
    return all
  }
}
