import ModelFormat
import Swiftlet
import TestSupport

extension MalformedModel {
  /// Indices, the order of operators, calls between subgraphs and variables.
  static let graph: [MalformedModel] = operands + calls + variables

  private static let operation = FormatError.Subject.operator(0, subgraph: 0)

  private static let operands: [MalformedModel] = [
    MalformedModel(
      "CVE-2020-15209", .format(.readBeforeWritten, operation, "inputs"), ValidModels.fullyConnected
    ) { $0.override(.tensor(1, subgraph: 0), field: 2, .uint32(0)) },
    MalformedModel(
      "CVE-2020-15210", .format(.aliasedOperands, operation, "outputs"), ValidModels.chain
    ) { $0.subgraphs[0].operators[0].outputs = [0] },
    MalformedModel(
      "CVE-2020-15211 output -1", .format(.invalidIndex, operation, "outputs"), ValidModels.chain
    ) { $0.subgraphs[0].operators[0].outputs = [-1] },
    MalformedModel(
      "CVE-2021-29591 cycle", .format(.readBeforeWritten, operation, "inputs"), ValidModels.chain
    ) { $0.subgraphs[0].operators[0].inputs[0] = 3 },
    MalformedModel(
      "written by two operators", .format(.writtenTwice, .operator(1, subgraph: 0), "outputs"), ValidModels.chain
    ) {
      $0.subgraphs[0].operators[1].inputs[0] = 0
      $0.subgraphs[0].operators[1].outputs = [2]
    },
    MalformedModel(
      "read before it is written", .format(.readBeforeWritten, operation, "inputs"), ValidModels.chain
    ) { $0.subgraphs[0].operators.swapAt(0, 1) },
    MalformedModel("constant as input of the model", .runs, { ValidModels.binary(0, .float32) }) {
      $0.subgraphs[0].tensors[1].data = Array(repeating: 1, count: 16)
    },
    MalformedModel(
      "constant written", .format(.constantWritten, operation, "outputs"), ValidModels.chain
    ) { $0.subgraphs[0].tensors[2].data = Array(repeating: 0, count: 24) },
    MalformedModel(
      "opcode index", .format(.invalidIndex, operation, "opcode_index"), ValidModels.chain
    ) { $0.override(operation, field: 0, .uint32(1)) },
    MalformedModel(
      "opcode index 2^32 - 1", .format(.invalidIndex, operation, "opcode_index"), ValidModels.chain
    ) { $0.override(operation, field: 0, .uint32(.max)) },
    MalformedModel(
      "options of another operator", .format(.optionsMismatch, operation, "builtin_options_type"),
      ValidModels.convolution
    ) { $0.subgraphs[0].operators[0].options?.type = 5 },
    MalformedModel(
      "options missing", .prepare(.optionInvalid, .none, "stride"), ValidModels.convolution
    ) { $0.subgraphs[0].operators[0].options = nil },
    MalformedModel(
      "tflm #3076", .format(.invalidIndex, operation, "intermediates"), ValidModels.fullyConnected
    ) { $0.subgraphs[0].operators[0].intermediates = [40] },
    MalformedModel(
      "signature names a missing tensor", .format(.invalidIndex, .signature(0), "outputs"), ValidModels.fullyConnected
    ) { $0.signatures[0].outputs[0].tensor = 4 },
    MalformedModel(
      "signature of a missing subgraph", .format(.invalidIndex, .signature(0), "subgraph_index"),
      ValidModels.fullyConnected
    ) { $0.signatures[0].subgraph = 7 },
  ]

  private static let calls: [MalformedModel] = [
    MalformedModel(
      "CVE-2021-29591 WHILE", .format(.callCycle, operation, "builtin_options.body_subgraph_index"), ValidModels.chain
    ) { $0.call(119, OptionsSpec(93, [0: .int32(1), 1: .int32(1)])) },
    MalformedModel(
      "IF calls its own subgraph", .format(.callCycle, .subgraph(0), ""), ValidModels.chain
    ) { $0.call(118, OptionsSpec(92, [0: .int32(0), 1: .int32(1)])) },
    MalformedModel(
      "WHILE calls its own subgraph", .format(.callCycle, .subgraph(0), ""), ValidModels.chain
    ) { $0.call(119, OptionsSpec(93, [0: .int32(1), 1: .int32(0)])) },
    MalformedModel(
      "CALL_ONCE calls its own subgraph", .format(.callCycle, .subgraph(0), ""), ValidModels.chain
    ) { $0.call(129, OptionsSpec(103, [0: .int32(0)])) },
    MalformedModel(
      "composite calls its own subgraph", .format(.callCycle, .subgraph(0), ""), ValidModels.chain
    ) { $0.call(206, nil, OptionsSpec(21, [0: .string("odml.x"), 1: .int32(0)])) },
    MalformedModel(
      "subgraph index", .format(.invalidIndex, operation, "builtin_options.init_subgraph_index"), ValidModels.chain
    ) { $0.call(129, OptionsSpec(103, [0: .int32(2)])) },
    MalformedModel(
      "initial subgraph with inputs",
      .prepare(.optionInvalid, .none, "number of operands of the initial subgraph"), ValidModels.chain
    ) { $0.call(129, OptionsSpec(103, [0: .int32(1)]), passing: true) },
  ]

  private static let variables: [MalformedModel] = [
    MalformedModel(
      "accepted elsewhere: two types under one name",
      .prepare(.typeMismatch, .input(0), "type of the variable", node: 3),
      ValidModels.variables
    ) { $0.subgraphs[0].operators[2].options?.fields[1] = .string("a") },
    MalformedModel("accepted elsewhere: read before any assignment", .runs, ValidModels.unassignedVariable) { _ in },
    MalformedModel(
      "variable written with another shape", .prepare(.shapeMismatch, .output(0), "shape of the variable", node: 1),
      ValidModels.writtenVariable
    ) { $0.setShape(0, [1, 40]) },
    MalformedModel(
      "VAR_HANDLE of an INT32 constant", .format(.constantWritten, operation, "outputs"),
      ValidModels.unassignedVariable
    ) {
      $0.subgraphs[0].operators[0].outputs = [$0.constant("number", .int32, [1], [5] as [Int32])]
    },
    MalformedModel(
      "VAR_HANDLE that is no resource", .prepare(.typeMismatch, .output(0), ""), ValidModels.unassignedVariable
    ) { $0.subgraphs[0].tensors[0].type = .int32 },
    MalformedModel(
      "READ_VARIABLE of a number", .prepare(.variableInvalid, .input(0), "", node: 1), ValidModels.unassignedVariable
    ) {
      $0.subgraphs[0].operators[1].inputs = [$0.constant("number", .int32, [1], [5] as [Int32])]
    },
  ]
}

extension ModelBuilder {
  /// Puts an operator before the others that runs a second, empty subgraph.
  fileprivate mutating func call(
    _ code: Int, _ options: OptionsSpec?, _ options2: OptionsSpec? = nil, passing: Bool = false
  ) {
    var other = SubgraphSpec(name: "other")
    if passing {
      other.tensor("passed", .float32, [1])
      (other.inputs, other.outputs) = ([0], [0])
    }
    subgraphs.append(other)
    operation(code, inputs: [], outputs: [], options: options, options2: options2)
    subgraphs[0].operators.insert(subgraphs[0].operators.removeLast(), at: 0)
  }
}
