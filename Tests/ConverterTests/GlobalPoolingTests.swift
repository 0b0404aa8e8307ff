import ModelFormat
import Testing

@testable import Converter

@Suite struct GlobalPoolingTests {
  private func pooled(_ window: Extent, activation: Activation = .none) throws -> Graph {
    let builder = GraphBuilder()
    var operation = Operation.pool(.averagePool2D, window: window, strides: window, padding: .valid)
    operation.activation = activation
    let y = try builder.emit(operation, [builder.input([1, 4, 4, 2])])
    builder.graph[y].name = "y"
    builder.graph.addOutput(y)
    return builder.graph
  }

  private func kinds(_ graph: Graph) -> [OperatorKind] { graph.nodeIDs.compactMap { graph[$0]?.operation.kind } }

  @Test func averagesOverThePictureAreMeans() throws {
    let graph = try pooled(Extent(4, 4))
    let result = GlobalPooling.asMeans(in: graph)
    #expect(kinds(result) == [.mean])
    #expect(result[result.outputs[0]].name == "y")
    #expect(result[result.outputs[0]].shape == [1, 1, 1, 2])
    let input = [ConstantBytes(elements: (0..<32).map { Float($0 * 7 % 13) }).array]
    let wanted = ConstantBytes(try GraphExecutor(graph).outputs(input)[0]).elements(as: Float.self)
    let found = ConstantBytes(try GraphExecutor(result).outputs(input)[0]).elements(as: Float.self)
    for (a, b) in zip(wanted, found) { #expect(abs(a - b) < 1e-5) }
  }

  @Test func otherPoolsStay() throws {
    #expect(kinds(GlobalPooling.asMeans(in: try pooled(Extent(2, 2)))) == [.averagePool2D])
    #expect(kinds(GlobalPooling.asMeans(in: try pooled(Extent(4, 4), activation: .relu))) == [.averagePool2D])
  }

  /// Single places reach 100, means only a few.
  @Test func meansHaveAGridOfTheirOwn() throws {
    let graph = GlobalPooling.asMeans(in: try pooled(Extent(4, 4)))
    let samples = SampleList(
      (0..<9).map { sample in
        [ConstantBytes(elements: (0..<32).map { $0 == sample ? 100 : Float($0 % 3) }).array]
      })
    let calibration = try Calibration.measure(graph, samples)
    let result = try Quantizer.apply(QuantizationPlan(standard: .int8), calibration, to: graph).graph
    let mean = try #require(result.nodeIDs.compactMap { result[$0] }.first { $0.operation.kind == .mean })
    let scales = [mean.inputs[0], mean.outputs[0]].map { $0.flatMap { result[$0].quantization?.scales.first } ?? 0 }
    #expect(scales[1] < scales[0] / 4)
  }
}
