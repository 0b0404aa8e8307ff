import CTestSupport
import ModelFormat
import TestSupport
import Testing

@testable import Swiftlet

@Suite struct ControlFlowTests {
  private static func interpreter(
    _ model: ModelBuilder, limits: RunLimits = RunLimits()
  ) throws -> Interpreter {
    var options = PrepareOptions()
    options.limits = limits
    return try Interpreter(program: ControlFlowModels.program(model, options))
  }

  @Test(arguments: [0, 1, 2, 3, 10] as [Int32]) func loopsRunAsOftenAsTheirConditionSays(count: Int32) throws {
    let interpreter = try Self.interpreter(ControlFlowModels.power())
    try interpreter.setInput(0, to: [count])
    try interpreter.setInput(1, to: [0, 1, -2] as [Float])
    try interpreter.invoke()
    var expected: [Float] = [0, 1, -2]
    for _ in 0..<count { expected = expected.map { $0 * 2 + 1 } }
    #expect(try interpreter.output(0, as: Float.self) == expected)
    #expect(try interpreter.output(1, as: Int32.self) == [count])
  }

  @Test func variablesThatTradePlacesKeepTheirValues() throws {
    let interpreter = try Self.interpreter(ControlFlowModels.exchanging())
    for count in 0..<4 {
      try interpreter.setInput(0, to: [Int32(count)])
      try interpreter.setInput(1, to: [1, 2] as [Float])
      try interpreter.setInput(2, to: [3, 4] as [Float])
      try interpreter.invoke()
      #expect(try interpreter.output(0, as: Float.self) == (count % 2 == 0 ? [1, 2] : [3, 4]))
      #expect(try interpreter.output(1, as: Float.self) == (count % 2 == 0 ? [3, 4] : [1, 2]))
    }
  }

  @Test func aTensorGrowsInALoop() throws {
    let interpreter = try Self.interpreter(ControlFlowModels.growing())
    for count in [3, 0, 40, 1] as [Int32] {
      try interpreter.setInput(0, to: [count])
      try interpreter.setInput(1, to: [-7] as [Int32])
      try interpreter.invoke()
      #expect(try interpreter.output(0, as: Int32.self) == [-7] + (0..<count).map { $0 + 1 })
      #expect(interpreter.outputShape(0).dimensions == [Int(count) + 1])
    }
  }

  @Test func theConditionPicksABranch() throws {
    let interpreter = try Self.interpreter(ControlFlowModels.branches())
    try interpreter.setInput(1, to: [1, 2, 3] as [Float])
    for (flag, expected) in [(1, [2, 3, 4]), (0, [1, 4, 9])] as [(UInt8, [Float])] {
      try interpreter.setInput(0, to: [flag])
      try interpreter.invoke()
      #expect(try interpreter.output(0, as: Float.self) == expected)
    }
  }

  @Test func branchesMayGiveDifferentShapes() throws {
    let interpreter = try Self.interpreter(ControlFlowModels.branches(differentShapes: true))
    try interpreter.setInput(1, to: [1, 2, 3] as [Float])
    for (flag, expected) in [(0, [1, 2, 3, 1, 2, 3]), (1, [2, 3, 4])] as [(UInt8, [Float])] {
      try interpreter.setInput(0, to: [flag])
      try interpreter.invoke()
      #expect(try interpreter.output(0, as: Float.self) == expected)
      #expect(interpreter.outputShape(0).dimensions == [expected.count])
    }
    #expect(interpreter.program.outputs[0].hasRunTimeShape)
  }

  @Test func compositesRunTheirDecomposition() throws {
    let interpreter = try Self.interpreter(ControlFlowModels.doubling(depth: 3))
    try interpreter.setInput(0, to: [1] as [Float])
    try interpreter.invoke()
    #expect(try interpreter.output(0, as: Float.self) == [65536])  // 2^(2^4)
  }

  @Test func branchesShareTheirMemory() throws {
    func arena(_ model: ModelBuilder) throws -> Int { try ControlFlowModels.program(model).arenaBytes }
    var model = ControlFlowModels.branches()
    let one = try arena(model)
    model.subgraphs[2].tensors[0].shape = [3]
    model.subgraphs.append(model.subgraphs[1])
    let (flag, input) = (0, 1)
    let other = model.tensor("other", .float32, [3])
    model.operation(
      ControlFlowModels.ifCode, inputs: [flag, input], outputs: [other],
      options: OptionsSpec(92, [0: .int32(3), 1: .int32(2)]))
    model.subgraphs[0].outputs.append(other)
    #expect(try arena(model) == one + 64)  // the second output, and nothing for the branches
  }
}

/// What keeps an invocation from going on for ever.
@Suite struct RunLimitTests {
  private static func interpreter(_ model: ModelBuilder, _ limits: RunLimits = RunLimits()) throws -> Interpreter {
    var options = PrepareOptions()
    options.limits = limits
    return try Interpreter(program: ControlFlowModels.program(model, options))
  }

  @Test func aLoopEndsAtTheStepLimit() throws {
    let interpreter = try Self.interpreter(ControlFlowModels.power(), RunLimits(steps: 1000))
    try interpreter.setInput(1, to: [0, 1, -2] as [Float])
    try interpreter.setInput(0, to: [Int32.max])
    #expect(throws: InvokeError.stepLimitExceeded(limit: 1000)) { try interpreter.invoke() }
    try interpreter.setInput(0, to: [2] as [Int32])
    try interpreter.invoke()
    #expect(try interpreter.output(0, as: Float.self) == [3, 7, -5])
  }

  @Test func theLimitCountsEachRunOfAnOperator() throws {
    // One WHILE, and for each iteration one operator of the condition and three of the body; one more condition.
    for (steps, fits) in [(1 + 5 * 4 + 1, true), (5 * 4 + 1, false)] {
      let interpreter = try Self.interpreter(ControlFlowModels.power(), RunLimits(steps: steps))
      try interpreter.setInput(0, to: [5] as [Int32])
      if fits {
        try interpreter.invoke()
      } else {
        #expect(throws: InvokeError.stepLimitExceeded(limit: steps)) { try interpreter.invoke() }
      }
    }
  }

  @Test func aLoopEndsAtTheTimeLimit() throws {
    let interpreter = try Self.interpreter(
      ControlFlowModels.power(), RunLimits(steps: Int.max, nanoseconds: 20_000_000))
    try interpreter.setInput(0, to: [Int32.max])
    let late = #expect(throws: InvokeError.self) { try interpreter.invoke() }
    if case .deadlineExceeded = late {} else { Issue.record("\(String(describing: late))") }
  }

  @Test func loopsMayHaveATimeLimitOfTheirOwn() throws {
    let limits = RunLimits(steps: Int.max, loopNanoseconds: 20_000_000)
    let interpreter = try Self.interpreter(ControlFlowModels.power(), limits)
    try interpreter.setInput(0, to: [Int32.max])
    let late = #expect(throws: InvokeError.self) { try interpreter.invoke() }
    if case .deadlineExceeded = late {} else { Issue.record("\(String(describing: late))") }
    try interpreter.setInput(0, to: [Int32(3)])
    try interpreter.invoke()
  }

  @Test func aLoopCanBeCancelled() throws {
    let interpreter = try Self.interpreter(ControlFlowModels.power(), RunLimits(steps: Int.max))
    try interpreter.setInput(0, to: [Int32.max])
    let cancellation = Cancellation()
    cancellation.cancel()
    #expect(throws: InvokeError.cancelled) { try interpreter.invoke(cancellation: cancellation) }
  }

  @Test func callsThatDoubleEndAtTheStepLimit() throws {
    let interpreter = try Self.interpreter(ControlFlowModels.doubling(depth: 60), RunLimits(steps: 10000))
    #expect(throws: InvokeError.stepLimitExceeded(limit: 10000)) { try interpreter.invoke() }
  }

  @Test func callsNestNoDeeperThanAllowed() throws {
    var options = PrepareOptions()
    options.limits.callDepth = 4
    _ = try ControlFlowModels.program(ControlFlowModels.doubling(depth: 3), options)
    let error = #expect(throws: PrepareError.self) {
      try ControlFlowModels.program(ControlFlowModels.doubling(depth: 4), options)
    }
    #expect(error?.code == .limitExceeded)
    #expect(error?.code.isResource == true)
  }

  @Test func loopsAndBranchesAllocateNothing() throws {
    let models = [
      ControlFlowModels.power(), ControlFlowModels.exchanging(), ControlFlowModels.branches(),
      ControlFlowModels.branches(differentShapes: true), ControlFlowModels.doubling(depth: 3),
    ]
    for (number, model) in models.enumerated() {
      let interpreter = try Self.interpreter(model)
      if interpreter.program.inputs[0].type == .int32 { try interpreter.setInput(0, to: [9] as [Int32]) }
      try interpreter.invoke()
      let before = swt_allocation_count()
      for _ in 0..<3 { try interpreter.invoke() }
      #expect(swt_allocation_count() == before, "model \(number)")
    }
  }
}
