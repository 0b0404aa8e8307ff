import ModelFormat
import Testing
import TestSupport

/// The order of operators, the calls between subgraphs, signatures and metadata.
@Suite struct GraphTests {
  private static let first = FormatError.Subject.operator(0, subgraph: 0)

  @Test func refusesOutputsThatAreInputs() {
    var model = Fixtures.chain(1)
    model.subgraphs[0].operators[0].outputs = [0]
    expectRefusal(model, .aliasedOperands, Self.first, "outputs")
  }

  @Test(.timeLimit(.minutes(1))) func readsOperatorsWithManyOperandsInLinearTime() {
    var model = Fixtures.chain(1)
    model.subgraphs[0].operators[0].inputs = Array(repeating: 0, count: 100_000)
    model.subgraphs[0].operators[0].outputs = Array(repeating: 1, count: 100_000)
    expectRefusal(model, .writtenTwice, Self.first, "outputs")
  }

  @Test func refusesReadingWhatIsWrittenLater() {
    var model = Fixtures.chain(2)
    model.subgraphs[0].operators.swapAt(0, 1)
    expectRefusal(model, .readBeforeWritten, Self.first, "inputs")
  }

  @Test func refusesCircles() {
    var model = Fixtures.chain(2)
    model.subgraphs[0].operators[0].inputs = [2]
    expectRefusal(model, .readBeforeWritten, Self.first, "inputs")
  }

  @Test func refusesReadingWhatNothingWrites() {
    var model = Fixtures.fullyConnected()
    model.override(.tensor(1, subgraph: 0), field: 2, .uint32(0))
    expectRefusal(model, .readBeforeWritten, Self.first, "inputs")
  }

  @Test func readsVariablesThatNothingWrites() throws {
    var model = Fixtures.chain(1)
    model.subgraphs[0].inputs = []
    model.subgraphs[0].tensors[0].isVariable = true
    #expect(try read(model).subgraphs[0].tensors[0].isVariable)
  }

  @Test func refusesTensorsThatTwoOperatorsWrite() {
    var model = Fixtures.chain(2)
    model.subgraphs[0].operators[1] = model.subgraphs[0].operators[0]
    expectRefusal(model, .writtenTwice, .operator(1, subgraph: 0), "outputs")
    model = Fixtures.chain(1)
    model.subgraphs[0].operators[0].outputs = [1, 1]
    expectRefusal(model, .writtenTwice, Self.first, "outputs")
  }

  @Test func refusesWritingInputsOfTheSubgraph() {
    var model = Fixtures.chain(2)
    model.subgraphs[0].inputs = [0, 2]
    expectRefusal(model, .writtenTwice, .operator(1, subgraph: 0), "outputs")
  }

  @Test func refusesWritingConstants() {
    var model = Fixtures.chain(1)
    model.subgraphs[0].tensors[1].data = Array(repeating: 0, count: 16)
    expectRefusal(model, .constantWritten, Self.first, "outputs")
  }

  @Test func refusesOutputsThatNothingComputes() {
    var model = Fixtures.chain(1)
    model.subgraphs[0].outputs = [model.tensor("lost", .float32, [1])]
    expectRefusal(model, .readBeforeWritten, .subgraph(0), "outputs")
  }

  @Test func refusesFilesWithoutSubgraphs() {
    var model = ModelBuilder()
    model.subgraphs = []
    expectRefusal(model, .missing, .file, "subgraphs")
    model.override(.file, field: 2, nil)
    expectRefusal(model, .missing, .file, "subgraphs")
  }

  @Test func acceptsCallsThatEnd() throws {
    #expect(try read(Fixtures.calling([[1, 2], [2], [3], []])).subgraphs.count == 4)
  }

  @Test(
    arguments: [
      ([[0]], 0), ([[1], [0]], 0), ([[], [2], [1]], 1), ([[1], [2], [3], [1]], 1), ([[1, 2], [2], [0]], 0),
    ] as [([[Int]], Int)]) func refusesSubgraphsThatCallThemselves(calls: [[Int]], subgraph: Int)
  {
    expectRefusal(Fixtures.calling(calls), .callCycle, .subgraph(subgraph))
  }

  @Test func limitsHowDeepCallsNest() {
    let calls = (0..<3000).map { $0 < 2999 ? [$0 + 1] : [] }
    expectRefusal(Fixtures.calling(calls), .limitExceeded, .subgraph(2935))
    expectRefusal(Fixtures.calling([[1], [2], []]), .limitExceeded, .subgraph(0), limits: ModelLimits(callDepth: 2))
    #expect(throws: Never.self) { try read(Fixtures.calling([[1], [2], []]), limits: ModelLimits(callDepth: 3)) }
  }

  @Test(arguments: [-1, 2, Int32.max]) func refusesCallsOfSubgraphsThatDoNotExist(index: Int32) {
    var model = Fixtures.calling([[1], []])
    model.subgraphs[0].operators[0].options?.fields[1] = .int32(index)
    expectRefusal(model, .invalidIndex, Self.first, "builtin_options.else_subgraph_index")
    model = Fixtures.chain(1)
    model.subgraphs[0].operators[0].builtin = 206
    model.subgraphs[0].operators[0].options2 = OptionsSpec(21, [0: .string("n"), 1: .int32(index)])
    expectRefusal(model, .invalidIndex, Self.first, "builtin_options_2.decomposition_subgraph_index")
  }

  @Test func refusesCallsWithoutOptions() {
    for (code, field) in [(118, "builtin_options"), (119, "builtin_options"), (129, "builtin_options")] {
      var model = Fixtures.chain(1)
      model.subgraphs[0].operators[0].builtin = code
      expectRefusal(model, .missing, Self.first, field)
    }
    var model = Fixtures.chain(1)
    model.subgraphs[0].operators[0].builtin = 206
    expectRefusal(model, .missing, Self.first, "builtin_options_2")
  }

  @Test func refusesLoopsWhoseBodyIsTheirCondition() {
    var model = Fixtures.calling([[1], []])
    model.subgraphs[0].operators[0].builtin = 119
    model.subgraphs[0].operators[0].options?.type = 93
    expectRefusal(model, .callCycle, Self.first, "builtin_options.body_subgraph_index")
  }

  @Test func refusesBrokenSignatures() {
    var model = Fixtures.fullyConnected()
    model.signatures[0].subgraph = 1
    expectRefusal(model, .invalidIndex, .signature(0), "subgraph_index")
    model = Fixtures.fullyConnected()
    model.signatures[0].outputs[0].tensor = 4
    expectRefusal(model, .invalidIndex, .signature(0), "outputs")
    model = Fixtures.fullyConnected()
    model.signatures[0].inputs[0].tensor = 1
    expectRefusal(model, .invalidIndex, .signature(0), "inputs")
    model = Fixtures.fullyConnected()
    model.signatures[0].inputs.append(("x", 0))
    expectRefusal(model, .duplicate, .signature(0), "inputs")
    model = Fixtures.fullyConnected()
    model.signatures.append(model.signatures[0])
    expectRefusal(model, .duplicate, .signature(1), "signature_key")
  }

  @Test func refusesMetadataWithoutABuffer() {
    var model = Fixtures.fullyConnected()
    model.override(.metadata(0), field: 1, .uint32(4))
    expectRefusal(model, .invalidIndex, .metadata(0), "buffer")
  }

  @Test(
    arguments: [
      ([1, 1, 2, 0], .sizeMismatch), ([1, 1, 3, 0, 0], .sizeMismatch), ([], .sizeMismatch), ([1, 1], .sizeMismatch),
      ([1, 1, 2, 0, -2], .invalidValue),
    ] as [([Int32], FormatError.Code)]) func refusesBrokenOfflinePlans(plan: [Int32], code: FormatError.Code)
  {
    var model = Fixtures.chain(1)
    model.metadata = [MetadataSpec("OfflineMemoryAllocation", unsafe plan.withUnsafeBytes { unsafe Array($0) })]
    expectRefusal(model, code, .metadata(0), "buffer")
  }
}
