import ModelFormat
import Swiftlet
import TestSupport

extension MalformedModel {
  /// IF, WHILE, STABLEHLO_COMPOSITE, WHERE and NON_MAX_SUPPRESSION.
  static let control: [MalformedModel] = loops + branches + composites + selections

  private static let loops: [MalformedModel] = [
    MalformedModel(
      "WHILE with fewer outputs", .prepare(.operandCount, .none, "number of outputs"), { ControlFlowModels.power() }
    ) {
      $0.subgraphs[0].operators[0].outputs.removeLast()
      $0.subgraphs[0].outputs = [3]
    },
    MalformedModel(
      "WHILE body with fewer inputs", .prepare(.operandCount, .none, "number of inputs of the called subgraph"),
      { ControlFlowModels.exchanging() }
    ) {
      $0.subgraphs[2].inputs.removeLast()
      $0.subgraphs[2].outputs = [5, 1, 2, 2]
    },
    MalformedModel(
      "WHILE body with fewer outputs", .prepare(.operandCount, .none, "number of outputs of the called subgraph"),
      { ControlFlowModels.power() }
    ) { $0.subgraphs[2].outputs.removeLast() },
    MalformedModel(
      "WHILE condition with more inputs", .prepare(.operandCount, .none, "number of inputs of the called subgraph"),
      { ControlFlowModels.power() }
    ) { $0.subgraphs[1].inputs.append($0.subgraphs[1].tensor("more", .float32, [1])) },
    MalformedModel(
      "WHILE condition without a result", .prepare(.operandCount, .none, "number of outputs of the called subgraph"),
      { ControlFlowModels.power() }
    ) { $0.subgraphs[1].outputs = [] },
    MalformedModel(
      "WHILE condition that is a number", .prepare(.typeMismatch, .none, "condition"), { ControlFlowModels.power() }
    ) { $0.subgraphs[1].outputs = [1] },
    MalformedModel(
      "WHILE body that changes a type", .prepare(.typeMismatch, .output(0), "type of the body's result"),
      { ControlFlowModels.power() }
    ) { $0.subgraphs[2].outputs[0] = 2 },
    MalformedModel(
      "WHILE variable of another type", .prepare(.typeMismatch, .none, "input of the called subgraph"),
      { ControlFlowModels.power() }
    ) { $0.subgraphs[2].tensors[2].type = .int32 },
    MalformedModel(
      "WHILE body with one tensor as two inputs", .prepare(.variableInvalid, .none, "input of the called subgraph"),
      { ControlFlowModels.exchanging() }
    ) {
      $0.subgraphs[2].inputs[3] = 2
      $0.subgraphs[2].outputs = [5, 1, 2, 2]
    },
  ]

  private static let branches: [MalformedModel] = [
    MalformedModel(
      "IF condition that is a number", .prepare(.typeMismatch, .input(0), "condition"),
      { ControlFlowModels.branches() }
    ) { $0.subgraphs[0].tensors[0].type = .int32 },
    MalformedModel(
      "IF with two conditions", .prepare(.shapeMismatch, .input(0), "elements of the condition"),
      { ControlFlowModels.branches() }
    ) { $0.setShape(0, [2]) },
    MalformedModel(
      "IF without operands", .prepare(.operandCount, .none, "number of inputs"), { ControlFlowModels.branches() }
    ) {
      $0.subgraphs[0].operators[0].inputs = []
    },
    MalformedModel(
      "IF without an operand", .prepare(.operandMissing, .input(1), ""), { ControlFlowModels.branches() }
    ) { $0.subgraphs[0].operators[0].inputs[1] = -1 },
    MalformedModel(
      "IF branch with more inputs", .prepare(.operandCount, .none, "number of inputs of the called subgraph"),
      { ControlFlowModels.branches() }
    ) { $0.subgraphs[1].inputs.append($0.subgraphs[1].tensor("more", .float32, [1])) },
    MalformedModel(
      "IF else branch without outputs", .prepare(.operandCount, .none, "number of outputs of the called subgraph"),
      { ControlFlowModels.branches() }
    ) { $0.subgraphs[2].outputs = [] },
    MalformedModel(
      "IF branches of different types", .prepare(.typeMismatch, .output(0), "type of the else branch"),
      { ControlFlowModels.branches() }
    ) {
      let flag = $0.subgraphs[2].constant("flag", .bool, [3], [1, 1, 1] as [UInt8])
      $0.subgraphs[2].outputs = [flag]
    },
    MalformedModel(
      "IF branches that call each other", .format(.callCycle, .subgraph(1), ""), { ControlFlowModels.branches() }
    ) { model in
      for (from, to) in [(1, 2), (2, 1)] {
        let result = model.subgraphs[from].tensor("result", .float32, [3])
        model.subgraphs[from].operation(
          ControlFlowModels.composite, inputs: [0], outputs: [result],
          options2: OptionsSpec(21, [0: .string("x"), 1: .int32(Int32(to))]))
      }
    },
  ]

  private static let composites: [MalformedModel] = [
    MalformedModel(
      "composite of a cycle", .format(.callCycle, .subgraph(1), ""), { ControlFlowModels.doubling(depth: 2) }
    ) { $0.subgraphs[2].operators[0] = $0.subgraphs[0].operators[0] },
    MalformedModel(
      "composite with other inputs", .prepare(.operandCount, .none, "number of inputs of the called subgraph"),
      { ControlFlowModels.doubling(depth: 1) }
    ) {
      $0.subgraphs[1].inputs = []; $0.subgraphs[1].tensors[0].data = [0, 0, 0, 0]
    },
    MalformedModel(
      "composite of a missing subgraph",
      .format(.invalidIndex, .operator(0, subgraph: 0), "builtin_options_2.decomposition_subgraph_index"),
      { ControlFlowModels.doubling(depth: 1) }
    ) { $0.subgraphs[0].operators[0].options2?.fields[1] = .int32(9) },
    MalformedModel(
      "composites that nest too deeply", .format(.limitExceeded, .subgraph(0), "calls between subgraphs"),
      { ControlFlowModels.doubling(depth: 1) }
    ) { $0 = ControlFlowModels.doubling(depth: 64) },
  ]

  private static let selections: [MalformedModel] = [
    MalformedModel(
      "NON_MAX_SUPPRESSION boxes of three numbers", .prepare(.shapeMismatch, .input(0), ""), ValidModels.suppression
    ) { $0.setShape(0, [3, 3]) },
    MalformedModel(
      "NON_MAX_SUPPRESSION with too few scores", .prepare(.shapeMismatch, .input(1), ""), ValidModels.suppression
    ) { $0.setShape(1, [2]) },
    MalformedModel(
      "NON_MAX_SUPPRESSION of -1 boxes", .prepare(.valueInvalid, .input(2), "number of boxes"),
      ValidModels.suppression
    ) { $0.setValues(2, [-1]) },
    MalformedModel(
      "NON_MAX_SUPPRESSION overlap of 2", .prepare(.valueInvalid, .input(3), "overlap"), ValidModels.suppression
    ) { $0.subgraphs[0].tensors[3].data = ElementType.float32.bytes(of: 2) },
    MalformedModel(
      "NON_MAX_SUPPRESSION overlap that is no number", .prepare(.valueInvalid, .input(3), "overlap"),
      ValidModels.suppression
    ) { $0.subgraphs[0].tensors[3].data = ElementType.float32.bytes(of: .nan) },
    MalformedModel(
      "NON_MAX_SUPPRESSION sigma of -1", .prepare(.valueInvalid, .input(5), "sigma"), ValidModels.suppression
    ) { $0.subgraphs[0].tensors[5].data = ElementType.float32.bytes(of: -1) },
    MalformedModel(
      "NON_MAX_SUPPRESSION scores that are no numbers", .runs, ValidModels.suppression
    ) {
      $0.subgraphs[0].tensors[1].data = [Float.nan, .nan, .nan].flatMap { ElementType.float32.bytes(of: Double($0)) }
      $0.subgraphs[0].inputs = [0]
    },
    MalformedModel("WHERE into int32", .prepare(.typeMismatch, .output(0), ""), ValidModels.positions) {
      $0.subgraphs[0].tensors[1].type = .int32
    },
    MalformedModel("WHERE of a dimension of 0", .runs, ValidModels.positions) { $0.setShape(0, [0]) },
    MalformedModel(
      "WHERE beyond the budget", .prepare(.memoryBudget, .none, "bytes needed", node: -1), ValidModels.positions
    ) { $0.setShape(0, [1 << 25]) },
  ]
}
