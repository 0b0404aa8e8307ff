package import ModelFormat

/// What tools look at: the subgraph that `invoke` runs, as the file has it and as it was prepared.
extension Program {
  package var entrySubgraph: Subgraph { model.subgraphs[entry] }

  /// Steps, tensors and memory plan of the subgraph that `invoke` runs.
  package var prepared: PreparedSubgraph { main }

  /// For each step the index of its operator in `entrySubgraph`. Operators that were folded or fused have no step.
  package var stepNodes: [Int] { main.steps.map(\.node) }
}

extension Model {
  /// "CONV_2D", or the name of a custom operator.
  package func operatorName(_ info: OperatorInfo) -> String { OperatorTable.name(of: operatorCodes[info.code]) }
}

extension OperatorTable {
  /// Every operator that the runtime has: its number, its name and the latest version accepted.
  package static var all: [(code: Int, name: String, latestVersion: Int)] {
    let builtin = (0..<BuiltinOperator.count).compactMap { code in
      self.builtin(code).map { (code, BuiltinOperator.name(of: code)?.string ?? "", $0.latestVersion) }
    }
    let custom = ["TFLite_Detection_PostProcess"].compactMap { name in
      self.custom(name).map { (BuiltinOperator.custom, name, $0.latestVersion) }
    }
    return builtin + custom
  }
}
