import ModelFormat
import ONNXFormat
import Testing

@testable import Converter

/// Weights that many layers read: those of a recurrent layer at each of its steps.
@Suite struct SharedWeightsTests {
  static let steps = 50
  static let size = 32
  let folder: Folder

  init() throws { folder = try Folder() }

  private func network(_ type: String) -> ONNXModel {
    let size = Self.size
    let rows = (type == "LSTM" ? 4 : 3) * size
    var model = ONNXModel()
    model.input("x", [Int64(Self.steps), 1, Int64(size)])
    for (name, offset) in [("w", 0), ("r", 5)] {
      model.weights(
        name, [1, Int64(rows), Int64(size)], (0..<rows * size).map { Float(($0 * 7 + offset) % 23 - 11) / 64 })
    }
    model.node(type, ["x", "w", "r"], ["y", "last"], ints: ["hidden_size": []])
    model.proto.graph.node[0].attribute[0].i = Int64(size)
    model.proto.graph.node[0].attribute[0].type = 2
    model.output("last")
    return model
  }

  /// Of weights that layers read, once for each value.
  private func weightBytes(_ graph: Graph) -> Int {
    graph.values.indices.map { ValueID(index: $0) }.filter { !graph.consumers(of: $0).isEmpty }
      .compactMap { graph[$0].count >= Self.size * Self.size ? graph[$0].constant?.count : nil }.reduce(0, +)
  }

  private func count(_ name: String, _ graph: Graph) -> Int {
    graph.operatorCounts.first { $0.name == name }?.count ?? 0
  }

  @Test(arguments: ["LSTM", "GRU"]) func areStoredOnceInEveryScheme(type: String) throws {
    let float = try folder.convert(network(type))
    let bytes = weightBytes(float.graph)
    #expect(bytes == (type == "LSTM" ? 8 : 6) * Self.size * Self.size * 4)
    #expect(count("FULLY_CONNECTED", float.graph) >= Self.steps)
    for (scheme, divisor) in [(QuantizationScheme.float16, 2), (.dynamic, 4)] {
      var options = Conversion.Options()
      options.quantization = scheme
      let conversion = try folder.convert(network(type), options)
      #expect(weightBytes(conversion.graph) == bytes / divisor, "\(scheme)")
      #expect(conversion.file.count < float.file.count, "\(scheme)")
    }
    let samples = SampleList([
      [ConstantBytes(elements: (0..<Self.steps * Self.size).map { Float($0 % 13) / 13 }).array]
    ])
    let calibration = try Calibration.measure(float.graph, samples)
    for scheme in [LayerScheme.int8, .weightOnly] {
      let plan = QuantizationPlan(standard: scheme)
      let quantized = try Quantizer.apply(plan, calibration, to: float.graph).graph
      #expect(weightBytes(quantized) == bytes / 4, "\(scheme)")
    }
  }

  @Test func float16WidensThemOnce() throws {
    var options = Conversion.Options()
    options.quantization = .float16
    let graph = try folder.convert(network("LSTM"), options).graph
    let wide = graph.nodeIDs.compactMap { graph[$0] }.filter { $0.operation.kind == .dequantize }
    #expect(wide.filter { graph[$0.outputs[0]].count > 4 * Self.size }.count == 2)
  }

  @Test func constantsOfDifferentMeaningStayApart() throws {
    let builder = GraphBuilder()
    let x = builder.input([4])
    let numbers: [Float] = [1, 2, 3, 4]
    var sum = try builder.add(builder.mul(x, builder.constant(numbers)), builder.constant(numbers))
    let column = try builder.mul(builder.reshape(x, [4, 1]), builder.constant(numbers, shape: [4, 1]))
    sum = try builder.add(sum, builder.constant([1, 2, 3, 5]))
    var stated = builder.constant(numbers)
    builder.graph[stated].statedGrid = StatedGrid(.int8, Quantization(scales: [1], zeroPoints: [0]))
    stated = try builder.sub(sum, stated)
    for output in [stated, column] { builder.graph.addOutput(output) }
    let before = builder.graph.text
    builder.graph.shareEqualConstants()
    builder.graph.dropUnusedConstants()
    #expect(builder.graph.text == before)
    #expect(builder.graph.values.filter { $0.isConstant && $0.type == .float32 }.count == 4)
  }
}
