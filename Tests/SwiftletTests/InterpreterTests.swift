import CTestSupport
import ModelFormat
import TestSupport
import Testing

@testable import Swiftlet

/// Models that need no kernel but those of reshaping and variables.
enum TinyModels {
  /// input [2,3] -> RESHAPE -> output [3,2], float32.
  static func reshape(signature: [Int] = []) throws -> Model {
    var model = ModelBuilder()
    let input = model.tensor("input", .float32, [2, 3], signature: signature)
    let shape = model.constant("shape", .int32, [2], [Int32(-1), 2])
    let output = model.tensor("output", .float32, [3, 2])
    model.operation(22, inputs: [input, shape], outputs: [output])
    model.setInputs([input], outputs: [output])
    return try Model(bytes: ModelBytes(copying: model.build()))
  }

  /// Returns what the variable held before and stores the input in it: a delay of one invocation.
  static func delay() throws -> Model {
    var model = ModelBuilder()
    let name = OptionsSpec(111, [1: .string("line")])
    let input = model.tensor("input", .float32, [4])
    let handle = model.tensor("handle", .resource, [])
    let output = model.tensor("output", .float32, [4])
    model.operation(142, inputs: [], outputs: [handle], options: name)
    model.operation(143, inputs: [handle], outputs: [output])
    model.operation(144, inputs: [handle, input], outputs: [])
    model.setInputs([input], outputs: [output])
    return try Model(bytes: ModelBytes(copying: model.build()))
  }
}

@Suite struct InterpreterTests {
  @Test func stepsWithoutWorkAreLeftOut() throws {
    let delay = try Program(model: TinyModels.delay())
    #expect(delay.prepared.steps.count == 3)
    #expect(delay.prepared.list.indices.count == 2)  // the handle needs nothing
    let view = try Program(model: TinyModels.reshape())
    #expect(view.prepared.list.indices.isEmpty)  // the output lies where the input does
  }

  @Test func viewsAreLeftOutAndGiveTheirBytes() throws {
    var model = ModelBuilder()
    let input = model.tensor("input", .float32, [2, 3])
    let shape = model.constant("shape", .int32, [2], [Int32(3), 2])
    let (first, second) = (model.tensor("first", .float32, [2, 3]), model.tensor("second", .float32, [3, 2]))
    let output = model.tensor("output", .float32, [3, 2])
    model.operation(59, inputs: [input], outputs: [first])
    model.operation(22, inputs: [first, shape], outputs: [second])
    model.operation(59, inputs: [second], outputs: [output])
    model.setInputs([input], outputs: [output])
    let bytes = model.build()
    for fuses in [true, false] {
      var options = PrepareOptions()
      options.fuses = fuses
      let program = try Program(model: Model(bytes: ModelBytes(copying: bytes)), options: options)
      #expect(program.prepared.list.indices.count == (fuses ? 2 : 3))
      let interpreter = try Interpreter(program: program)
      try interpreter.setInput(0, to: [1, -2, 3, -4, 5, -6] as [Float])
      try interpreter.invoke()
      #expect(try interpreter.output(0, as: Float.self) == [1, -2, 3, -4, 5, -6])
    }
  }

  @Test func outputsFollowInputs() throws {
    let interpreter = try Interpreter(program: Program(model: TinyModels.reshape()))
    for offset in 0..<3 {
      let values = (0..<6).map { Float($0 + offset) }
      try interpreter.setInput(0, to: values)
      try interpreter.invoke()
      #expect(try interpreter.output(0, as: Float.self) == values)
    }
    #expect(interpreter.program.outputs[0].shape.dimensions == [3, 2])
  }

  @Test func variablesKeepTheirContents() throws {
    let interpreter = try Interpreter(program: Program(model: TinyModels.delay()))
    var previous: [Float] = [0, 0, 0, 0]
    for step in 1...3 {
      let values = (0..<4).map { Float($0 * 10 + step) }
      try interpreter.setInput(0, to: values)
      try interpreter.invoke()
      #expect(try interpreter.output(0, as: Float.self) == previous)
      previous = values
    }
    interpreter.resetVariables()
    try interpreter.invoke()
    #expect(try interpreter.output(0, as: Float.self) == [0, 0, 0, 0])
  }

  @Test func interpretersOfOneProgramHaveTheirOwnState() throws {
    let program = try Program(model: TinyModels.delay())
    let (a, b) = (try Interpreter(program: program), try Interpreter(program: program))
    try a.setInput(0, to: [1, 2, 3, 4] as [Float])
    try a.invoke()
    try b.invoke()
    try a.invoke()
    #expect(try a.output(0, as: Float.self) == [1, 2, 3, 4])
    #expect(try b.output(0, as: Float.self) == [0, 0, 0, 0])
  }

  @Test func inputsTakeNewShapesWhereTheSignatureAllows() throws {
    var options = PrepareOptions()
    options.inputShapes = [0: try #require(Shape([5, 4]))]
    let program = try Program(model: TinyModels.reshape(signature: [-1, -1]), options: options)
    #expect(program.outputs[0].shape.dimensions == [10, 2])
    let refused = #expect(throws: PrepareError.self) {
      try Program(model: TinyModels.reshape(signature: [-1, 3]), options: options)
    }
    #expect(refused?.code == .inputInvalid)
  }

  @Test func aSmallBudgetIsAnErrorBeforeAnythingIsAllocated() throws {
    var options = PrepareOptions()
    options.memoryBudget = 10
    let error = #expect(throws: PrepareError.self) { try Program(model: TinyModels.reshape(), options: options) }
    #expect(error?.code == .memoryBudget)
    #expect(error?.code.isResource == true)
  }

  @Test func cancellationAndDeadlineEndAnInvocation() throws {
    let interpreter = try Interpreter(program: Program(model: TinyModels.delay()))
    let cancellation = Cancellation()
    try interpreter.invoke(within: 60_000_000_000, cancellation: cancellation)
    cancellation.cancel()
    #expect(throws: InvokeError.cancelled) { try interpreter.invoke(cancellation: cancellation) }
    cancellation.reset()
    try interpreter.invoke(cancellation: cancellation)
    let late = #expect(throws: InvokeError.self) { try interpreter.invoke(within: 0) }
    if case .deadlineExceeded = late {} else { Issue.record("\(String(describing: late))") }
  }

  @Test func wrongInputsAreRefusedWithTheirNumbers() throws {
    let interpreter = try Interpreter(program: Program(model: TinyModels.reshape()))
    let count = #expect(throws: PrepareError.self) { try interpreter.setInput(0, to: [1, 2] as [Float]) }
    #expect(count?.message == "number of elements of input 0 is 2, expected 6 (input does not fit)")
    #expect(throws: PrepareError.self) { try interpreter.setInput(0, to: [1, 2, 3, 4, 5, 6] as [UInt8]) }
    #expect(throws: PrepareError.self) { try interpreter.setInput(1, to: [1] as [Float]) }
    #expect(throws: PrepareError.self) { try interpreter.output(-1, as: Float.self) }
  }

  @Test func anUnknownOperatorIsNamedWithItsPlace() throws {
    var model = ModelBuilder()
    let input = model.tensor("input", .float32, [2])
    let output = model.tensor("logits", .float32, [2])
    model.operation(32, custom: "MyOperator", inputs: [input], outputs: [output])
    model.setInputs([input], outputs: [output])
    let bytes = try ModelBytes(copying: model.build())
    let error = #expect(throws: PrepareError.self) { try Program(model: Model(bytes: bytes)) }
    #expect(error?.code == .operatorUnsupported)
    #expect(error?.message.hasPrefix("node 0 'logits' (MyOperator): operator not supported") == true)
  }

  @Test func exhaustedMemoryIsAnErrorAndNothingIsLost() throws {
    let program = try Program(model: TinyModels.delay())
    for number in 1...3 {  // arena, variables, pointers
      swt_fail_aligned_allocation(UInt64(number))
      let result = Result { () throws(PrepareError) in try Interpreter(program: program) }
      swt_fail_aligned_allocation(0)
      switch result {
      case .success: Issue.record("allocation \(number) did not fail")
      case .failure(let error): #expect(error.code == .outOfMemory)
      }
    }
    try Interpreter(program: program).invoke()
  }
}

@Suite struct SteadyStateTests {
  @Test func invokeAllocatesNothing() throws {
    for model in [try TinyModels.delay(), try TinyModels.reshape()] + RealModels.models() {
      let interpreter = try Interpreter(program: Program(model: model))
      try interpreter.invoke()
      let before = swt_allocation_count()
      try interpreter.invoke()
      #expect(swt_allocation_count() == before, "allocating: \(allocatingOperators(interpreter))")
    }
  }

  private func allocatingOperators(_ interpreter: Interpreter) -> Set<String> {
    let steps = interpreter.program.main.steps
    let model = interpreter.program.model
    var names: Set<String> = []
    for index in steps.indices {
      let before = swt_allocation_count()
      interpreter.run(step: index)
      guard swt_allocation_count() != before else { continue }
      names.insert(model.operatorCodes[model.subgraphs[0].operators[steps[index].node].code].name)
    }
    return names
  }

  @Test func invokeMakesNoSystemCall() throws {
    for model in [try TinyModels.delay(), try TinyModels.reshape()] + RealModels.models() {
      let interpreter = try Interpreter(program: Program(model: model))
      try interpreter.invoke()
      let context = unsafe Unmanaged.passUnretained(interpreter)
      let status = unsafe swt_run_without_system_calls(
        { context in
          guard let context = unsafe context else { return }
          let interpreter = unsafe Unmanaged<Interpreter>.fromOpaque(context).takeUnretainedValue()
          try? interpreter.invoke()
        }, context.toOpaque())
      #expect(status == 0, "killed by signal \(status)")
    }
  }

  @Test func theCounterCounts() {
    let before = swt_allocation_count()
    let array = [Int](repeating: 1, count: 1000 + Int(before % 2))
    #expect(swt_allocation_count() > before)
    #expect(array.count >= 1000)
  }
}
