import ModelFormat
import Swiftlet
import Testing

@testable import Converter

@Suite struct RowSplittingTests {
  /// A wide layer between two narrow ones, and one after them.
  private func block(stride: Int, padding: Padding) throws -> Graph {
    let builder = GraphBuilder()
    func layer(_ x: ValueID, _ kind: (Extent) -> Operation, weights: [Int], channels: Int, _ stride: Int) throws
      -> ValueID
    {
      let elements = (0..<weights.reduce(1, *)).map { Float($0 % 7 - 3) / 8 }
      let bias = builder.constant((0..<channels).map { Float($0) / 16 })
      return try builder.emit(kind(Extent(stride, stride)), [x, builder.constant(elements, shape: weights), bias])
    }
    builder.source = "block"
    builder.name = "value"
    let x = builder.graph.add(Value(name: "x", type: .float32, shape: [1, 17, 12, 4]))
    builder.graph.addInput(x)
    let conv: (Extent) -> Operation = { .conv2D(strides: $0, dilations: Extent(1, 1), padding: padding) }
    let depthwise: (Extent) -> Operation = {
      .depthwiseConv2D(strides: $0, dilations: Extent(1, 1), multiplier: 1, padding: padding)
    }
    var y = try layer(x, conv, weights: [24, 1, 1, 4], channels: 24, 1)
    y = try builder.unary(.relu6, y)
    y = try layer(y, depthwise, weights: [1, 3, 3, 24], channels: 24, stride)
    y = try layer(y, conv, weights: [4, 1, 1, 24], channels: 4, 1)
    builder.graph[y].name = "y"
    builder.graph.addOutput(y)
    builder.graph.nameUniquely()
    return builder.graph
  }

  private func outputs(_ graph: Graph) throws -> [UInt8] {
    let model = try Model(bytes: ModelBytes(copying: ModelWriter.write(graph)))
    let interpreter = try Interpreter(program: Program(model: model))
    unsafe interpreter.withInputBytes(0) { bytes in
      unsafe bytes.withMemoryRebound(to: Float.self) { floats in
        for index in floats.indices { unsafe floats[index] = Float((index * 37) % 101) / 50 - 1 }
      }
    }
    try interpreter.invoke()
    return unsafe interpreter.withOutputBytes(0) { unsafe [UInt8]($0) }
  }

  @Test(arguments: [(1, Padding.same), (2, .same), (1, .valid), (2, .valid), (3, .same)])
  func partsGiveTheSameBytesInLessMemory(stride: Int, padding: Padding) throws {
    let whole = try block(stride: stride, padding: padding)
    var graph = whole
    let splitting = try RowSplitting(&graph, limit: 0)
    #expect(splitting.bytes < splitting.bytesBefore * 2 / 3)
    #expect(!splitting.splits.isEmpty)
    #expect(try outputs(graph) == outputs(whole))
    #expect(graph[graph.outputs[0]].name == "y")
  }

  @Test func aModelUnderTheLimitStaysAsItIs() throws {
    var graph = try block(stride: 1, padding: .same)
    let before = graph.text
    let splitting = try RowSplitting(&graph, limit: 1 << 30)
    #expect(splitting.splits.isEmpty)
    #expect(splitting.bytes == splitting.bytesBefore)
    #expect(graph.text == before)
  }

  @Test func aValueThatOthersReadStaysWhole() throws {
    let builder = GraphBuilder()
    let x = builder.graph.add(Value(name: "x", type: .float32, shape: [1, 8, 8, 2]))
    builder.graph.addInput(x)
    builder.name = "wide"
    let wide = try builder.concatenate([x, x, x, x], axis: 3)
    let y = try builder.unary(.relu, wide)
    builder.graph.addOutput(y)
    builder.name = "mean"
    builder.graph.addOutput(try builder.reduce(.mean, wide, axes: [1, 2]))
    builder.graph.nameUniquely()
    var graph = builder.graph
    let splitting = try RowSplitting(&graph, limit: 0)
    #expect(splitting.splits.isEmpty)
  }
}
