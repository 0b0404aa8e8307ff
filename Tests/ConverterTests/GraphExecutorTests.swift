import ModelFormat
import Swiftlet
import Testing

@testable import Converter

@Suite struct GraphExecutorTests {
  /// What the runtime gives for the whole graph.
  private func reference(_ graph: Graph, _ inputs: [[UInt8]]) throws -> [[Float]] {
    let model = try Model(bytes: ModelBytes(copying: ModelWriter.write(graph)))
    let interpreter = try Interpreter(program: Program(model: model))
    for (index, bytes) in inputs.enumerated() {
      unsafe interpreter.withInputBytes(index) { unsafe $0.copyBytes(from: bytes) }
    }
    try interpreter.invoke()
    return graph.outputs.indices.map { index in
      unsafe interpreter.withOutputBytes(index) { unsafe Array($0.bindMemory(to: Float.self)) }
    }
  }

  private func check(_ build: (GraphBuilder) throws -> ValueID, _ shapes: [[Int]]) throws {
    let builder = GraphBuilder()
    builder.name = "t"
    let y = try build(builder)
    builder.graph.addOutput(y)
    let inputs = shapes.map { shape in
      ConstantBytes(elements: (0..<shape.reduce(1, *)).map { Float(($0 * 29) % 17) / 8 - 1 }).array
    }
    let executor = try GraphExecutor(builder.graph)
    let wanted = try reference(builder.graph, inputs)
    for _ in 0..<2 {
      for (found, expected) in zip(try executor.outputs(inputs), wanted) {
        let elements = ConstantBytes(found).elements(as: Float.self)
        #expect(elements.count == expected.count)
        for (a, b) in zip(elements, expected) { #expect(abs(a - b) < 1e-4) }
      }
    }
  }

  @Test(arguments: [Padding.same, .valid], [1, 2])
  func convolutionsAreProductsOfWindows(_ padding: Padding, _ stride: Int) throws {
    try check(
      { builder in
        let weights = builder.constant((0..<5 * 3 * 2 * 3).map { Float($0 % 7) - 3 }, shape: [5, 3, 2, 3])
        return try builder.emit(
          .conv2D(
            strides: Extent(stride, stride), dilations: Extent(stride == 1 ? 2 : 1, 1), padding: padding,
            activation: .relu6),
          [builder.input([2, 9, 7, 3]), weights, builder.constant([0, 1, 2, -1, -2])])
      }, [[2, 9, 7, 3]])
  }

  @Test func fullyConnectedLayersAreProducts() throws {
    try check(
      { builder in
        let weights = builder.constant((0..<6 * 4).map { Float($0 % 5) - 2 }, shape: [4, 6])
        return try builder.emit(.fullyConnected(activation: .relu), [builder.input([3, 6]), weights, nil])
      }, [[3, 6]])
  }

  @Test(arguments: [false, true], [false, true])
  func matricesAreMultipliedBatchByBatch(_ left: Bool, _ right: Bool) throws {
    let shapes = [left ? [2, 3, 4] : [2, 4, 3], right ? [2, 5, 3] : [2, 3, 5]]
    try check(
      { builder in
        try builder.emit(
          .batchMatMul(transposesLeft: left, transposesRight: right),
          [builder.input("a", shapes[0]), builder.input("b", shapes[1])])
      }, shapes)
  }

  @Test func otherLayersGoThroughTheRuntime() throws {
    try check(
      { builder in
        let x = builder.input([1, 4, 4, 2])
        let y = try builder.emit(Operation(.logistic), [x])
        return try builder.emit(.arithmetic(.mul), [x, y])
      }, [[1, 4, 4, 2]])
  }

  @Test func viewsOfWhatALayerReadsAreCopied() throws {
    try check(
      { builder in
        let flat = try builder.reshape(builder.input([1, 4, 4, 1]), [2, 8])
        return try builder.emit(Operation(.logistic), [flat])
      }, [[1, 4, 4, 1]])
  }

  /// Large enough that the bands of a layer are shared out.
  @Test func threadsChangeNothing() throws {
    let builder = GraphBuilder()
    let weights = builder.constant(
      (0..<1728).map { (index: Int) -> Float in Float(index % 7) - 3 }, shape: [24, 3, 3, 8])
    let wide = try builder.emit(
      .conv2D(strides: Extent(1, 1), dilations: Extent(1, 1), padding: .same, activation: .relu),
      [
        builder.input([1, 80, 70, 8]), weights,
        builder.constant((0..<24).map { (index: Int) -> Float in Float(index) - 12 }),
      ])
    let narrow = builder.constant(
      (0..<384).map { (index: Int) -> Float in Float(index % 5) - 2 }, shape: [16, 1, 1, 24])
    let y = try builder.emit(
      .conv2D(strides: Extent(1, 1), dilations: Extent(1, 1), padding: .same, activation: .none), [wide, narrow, nil])
    builder.graph.addOutput(y)
    let numbers = (0..<44800).map { (index: Int) -> Float in Float(index * 29 % 17) / 8 - 1 }
    let input = ConstantBytes(elements: numbers).array
    let found = try [1, 2, 3].map { try GraphExecutor(builder.graph, threads: $0).outputs([input]) }
    #expect(found[0] == found[1] && found[0] == found[2])
    let wanted = try reference(builder.graph, [input])[0]
    let elements = ConstantBytes(found[0][0]).elements(as: Float.self)
    #expect(elements.count == wanted.count)
    for (one, other) in zip(elements, wanted) where abs(one - other) > 1e-3 {
      Issue.record("\(one), expected \(other)")
    }
  }

  @Test func tensorsTakeTurnsInMemory() throws {
    let builder = GraphBuilder()
    var value = builder.input([1, 8, 8, 2])
    for _ in 0..<20 { value = try builder.emit(Operation(.tanh), [value]) }
    builder.graph.addOutput(value)
    let plan = try WorkspacePlan(builder.graph, order: builder.graph.executionOrder)
    #expect(plan.peak == 2 * 8 * 8 * 2 * 4)
  }

  @Test func inputsOfAnotherSizeAreRefused() throws {
    let builder = GraphBuilder()
    builder.graph.addOutput(try builder.emit(Operation(.tanh), [builder.input([4])]))
    let executor = try GraphExecutor(builder.graph)
    #expect(throws: ConversionError.self) { try executor.outputs([[0, 0]]) }
    #expect(throws: ConversionError.self) { try executor.outputs([]) }
  }
}
