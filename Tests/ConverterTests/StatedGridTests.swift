import ModelFormat
import Testing

@testable import Converter

@Suite struct StatedGridTests {
  private let grid = StatedGrid(.int8, Quantization(scales: [0.5], zeroPoints: [3]))

  /// x, rounded to the grid and back.
  private func rounded(_ builder: GraphBuilder, _ x: ValueID) throws -> ValueID {
    let stored = builder.emit(
      Operation(.quantize), [x], types: [.int8], shapes: [builder.shape(x)], quantization: grid.quantization)[0]
    let result = try builder.emit(Operation(.dequantize), [stored], type: .float32)
    builder.graph[result].statedGrid = grid
    return result
  }

  private func restored(_ build: (GraphBuilder) throws -> ValueID) throws -> Graph {
    let builder = GraphBuilder()
    builder.name = "value"
    let output = try build(builder)
    builder.graph[output].name = "out"
    builder.graph.addOutput(output)
    builder.graph.nameUniquely()
    var graph = builder.graph
    var driver = PassDriver()
    driver.run(Passes.quantization, on: &graph)
    GridMarking.mark(&graph)
    driver.run(Passes.patterns + Passes.standard, on: &graph)
    if let quantized = try Quantizer.restoring(graph) { graph = quantized.graph }
    driver.run(Passes.conversions, on: &graph)
    return graph
  }

  private func operators(_ graph: Graph) -> [String] {
    graph.executionOrder.compactMap { graph[$0]?.operation.name }
  }

  @Test func roundedLayersBecomeIntegers() throws {
    let graph = try restored { builder in
      let x = try rounded(builder, builder.input([1, 4]))
      return try rounded(builder, builder.add(x, x))
    }
    #expect(operators(graph) == ["QUANTIZE", "ADD", "DEQUANTIZE"])
  }

  @Test func layersBetweenFloatEdgesStayFloat() throws {
    let graph = try restored { builder in
      let x = try rounded(builder, builder.input([1, 4]))
      return try builder.unary(.exp, builder.add(x, x))
    }
    #expect(operators(graph) == ["QUANTIZE", "DEQUANTIZE", "ADD", "EXP"])
  }

  @Test func roundingBetweenFloatLayersIsKept() throws {
    let graph = try restored { builder in
      let floor = try builder.unary(.floor, builder.input([1, 4]))
      return try builder.unary(.floor, rounded(builder, floor))
    }
    #expect(operators(graph) == ["FLOOR", "QUANTIZE", "DEQUANTIZE", "FLOOR"])
  }

  @Test func aRoundedLayerIsNotFusedIntoTheNext() throws {
    let graph = try restored { builder in
      let x = try rounded(builder, builder.input([1, 4]))
      return try rounded(builder, builder.unary(.relu, rounded(builder, builder.add(x, x))))
    }
    #expect(operators(graph) == ["QUANTIZE", "ADD", "RELU", "DEQUANTIZE"])
  }

  @Test func weightsKeepTheirIntegers() throws {
    let scales: [Float] = [0.25, 0.125]
    let integers: [Float] = [-128, 1, 2, 3, 4, 5, 6, 100]
    let graph = try restored { builder in
      let x = try rounded(builder, builder.input([1, 4]))
      let weights = builder.constant(integers.enumerated().map { $1 * scales[$0 / 4] }, shape: [2, 4])
      builder.graph[weights].statedGrid = StatedGrid(.int8, Quantization(scales: scales, zeroPoints: [0, 0]))
      return try rounded(builder, builder.emit(.fullyConnected(), [x, weights, builder.constant([0, 0])]))
    }
    let layer = try #require(graph.nodeIDs.compactMap { graph[$0] }.first { $0.operation.kind == .fullyConnected })
    let weights = graph[try #require(layer.inputs[1])]
    #expect(weights.constant?.elements(as: Int8.self) == integers.map { Int8($0) })
    #expect(weights.quantization?.scales == scales)
  }

  @Test func weightsWithAZeroPointStayFloat() throws {
    let graph = try restored { builder in
      let x = try rounded(builder, builder.input([1, 2]))
      let weights = builder.constant([1, 2], shape: [1, 2])
      builder.graph[weights].statedGrid = StatedGrid(.uint8, Quantization(scales: [1], zeroPoints: [7]))
      return try rounded(builder, builder.emit(.fullyConnected(), [x, weights, builder.constant([0])]))
    }
    #expect(operators(graph).contains("FULLY_CONNECTED"))
    let layer = try #require(graph.nodeIDs.compactMap { graph[$0] }.first { $0.operation.kind == .fullyConnected })
    #expect(graph[layer.outputs[0]].type == .float32)
  }

  @Test func channelsFollowTheirDimension() {
    let channels = StatedGrid(.int8, Quantization(scales: [1, 2], zeroPoints: [0, 0], dimension: 0))
    #expect(channels.permuted([1, 2, 0])?.quantization.dimension == 2)
    #expect(channels.reshaped(from: [2, 6], to: [1, 2, 3, 2])?.quantization.dimension == 1)
    #expect(channels.reshaped(from: [2, 6], to: [3, 4]) == nil)
    #expect(channels.sliced(begin: [1, 0], size: [1, 6])?.quantization.scales == [2])
  }
}
