import CTestSupport
import ModelFormat
import TestSupport
import Testing

@testable import Swiftlet

/// Models that ask for more memory than there is.
@Suite struct MalformedMemoryTests {
  struct Request: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let model: @Sendable () -> ModelBuilder

    init(_ name: String, _ model: @escaping @Sendable () -> ModelBuilder) {
      testDescription = name
      self.model = model
    }
  }

  static let requests: [Request] = [
    Request("2^40 bytes of activations") {
      ValidModels.operation(2, .float32, [[1 << 19, 1 << 18], [1 << 19, 1 << 18]], [1 << 20, 1 << 18], axis(0))
    },
    Request("TILE") { ValidModels.withIntegers(69, [2, 3], [([2], [1 << 20, 1 << 20])], []) },
    Request("TILE of a constant") { folded(69, [([2], [1 << 20, 1 << 20])]) },
    Request("BROADCAST_TO") { ValidModels.withIntegers(130, [1, 3], [([2], [1 << 30, 3])], []) },
    Request("BROADCAST_TO of a constant") { folded(130, [([4], [1 << 15, 1 << 15, 2, 3])]) },
    Request("RESIZE_BILINEAR") { ValidModels.withIntegers(23, [1, 2, 2, 1], [([2], [1 << 20, 1 << 20])], []) },
    Request("RESIZE_NEAREST_NEIGHBOR") {
      ValidModels.withIntegers(97, [1, 2, 2, 1], [([2], [1 << 20, 1 << 20])], [])
    },
    Request("PAD") { ValidModels.withIntegers(34, [2, 3], [([2, 2], [1 << 20, 0, 1 << 20, 0])], []) },
    Request("PAD of a constant") { folded(34, [([2, 2], [1 << 20, 0, 1 << 20, 0])]) },
    Request("PAD beyond 64 bits") {
      ValidModels.withIntegers(34, [2, 3], [([2, 2], [.max, .max, .max, .max])], [])
    },
    Request("FILL") { fill() },
    Request("RANGE") { range() },
  ]

  /// An operator whose data is a constant [2,3], so that it runs while preparing.
  private static func folded(_ code: Int, _ constants: [(shape: [Int], values: [Int32])]) -> ModelBuilder {
    var model = ValidModels.withIntegers(code, [2, 3], constants, [])
    model.setInputs([], outputs: model.subgraphs[0].outputs)
    model.subgraphs[0].tensors[0].data = Array(repeating: 0, count: 24)
    return model
  }

  private static func fill() -> ModelBuilder {
    var model = ModelBuilder()
    let dimensions = model.constant("dimensions", .int32, [2], [1 << 20, 1 << 20] as [Int32])
    let value = model.constant("value", .float32, [], [1] as [Float])
    let output = model.tensor("output", .float32, [])
    model.operation(94, inputs: [dimensions, value], outputs: [output])
    model.setInputs([], outputs: [output])
    return model
  }

  private static func range() -> ModelBuilder {
    var model = ModelBuilder()
    let bounds = [0, .max, 1].map { model.constant("bound \($0)", .int32, [], [$0] as [Int32]) }
    let output = model.tensor("output", .int32, [])
    model.operation(96, inputs: bounds, outputs: [output])
    model.setInputs([], outputs: [output])
    return model
  }

  private static func axis(_ axis: Int32) -> OptionsSpec { OptionsSpec(10, [0: .int32(axis)]) }

  @Test(arguments: requests) func isRefusedBeforeAnythingIsAllocated(request: Request) throws {
    let model = try Model(bytes: ModelBytes(copying: request.model().build()))
    let code = model.operatorCodes[0].builtin
    let error = #expect(throws: PrepareError.self) { try Interpreter(program: Program(model: model)) }
    guard OperatorTable.builtin(code) != nil else {
      #expect(error?.code == .operatorUnsupported)
      return
    }
    #expect(error?.code.isResource == true || error?.code == .shapeUnsupported, "\(error?.message ?? "")")
  }

  @Test(arguments: requests) func isRefusedWithoutABudgetToo(request: Request) throws {
    let model = try Model(bytes: ModelBytes(copying: request.model().build()))
    var options = PrepareOptions()
    options.memoryBudget = Int.max
    // An allocator that has nothing left for anybody.
    swt_fail_aligned_allocation(1)
    defer { swt_fail_aligned_allocation(0) }
    #expect(throws: PrepareError.self) { try Interpreter(program: Program(model: model, options: options)) }
  }
}

/// Models that ask for more time than anybody has.
@Suite struct MalformedTimeTests {
  @Test func limitsTheNumberOfOperators() throws {
    let bytes = ValidModels.chain().build()
    let error = #expect(throws: FormatError.self) {
      try Model(bytes: ModelBytes(copying: bytes), limits: ModelLimits(operators: 1))
    }
    #expect(error?.code == .limitExceeded && error?.subject == .subgraph(0) && error?.field == "operators")
    #expect(try Model(bytes: ModelBytes(copying: bytes), limits: ModelLimits(operators: 2)).subgraphs.count == 1)
  }
}

/// An allocator that fails at one request, for every request that preparing a model makes.
@Suite struct AllocationFailureTests {
  static let models: [MalformedMemoryTests.Request] = [
    .init("CONV_2D", ValidModels.convolution), .init("DEPTHWISE_CONV_2D", ValidModels.depthwise),
    .init("FULLY_CONNECTED", ValidModels.fullyConnected), .init("AVERAGE_POOL_2D", ValidModels.averagePool),
    .init("SOFTMAX", ValidModels.quantizedSoftmax), .init("RESIZE_BILINEAR", ValidModels.resize),
    .init("PAD", ValidModels.pad), .init("GATHER", ValidModels.gather), .init("variables", ValidModels.variables),
    .init("folded TRANSPOSE") {
      var model = ValidModels.transpose()
      model.setInputs([], outputs: model.subgraphs[0].outputs)
      model.subgraphs[0].tensors[0].data = Array(repeating: 0, count: 24)
      return model
    },
  ]

  @Test(arguments: models) func everyFailedRequestIsAnError(request: MalformedMemoryTests.Request) throws {
    let model = try Model(bytes: ModelBytes(copying: request.model().build()))
    defer { swt_fail_aligned_allocation(0) }
    swt_fail_aligned_allocation(0)
    try Interpreter(program: Program(model: model)).invoke()
    let count = swt_aligned_allocation_count()
    #expect(count >= 3, "arena, variables and pointers at least")
    for number in 1...count {
      swt_fail_aligned_allocation(number)
      let error = #expect(throws: PrepareError.self) { try Interpreter(program: Program(model: model)) }
      #expect(error?.code == .outOfMemory, "request \(number): \(error?.message ?? "")")
      swt_fail_aligned_allocation(0)
      try Interpreter(program: Program(model: model)).invoke()
    }
  }
}
