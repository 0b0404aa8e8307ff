import ModelFormat
import Testing

@testable import Converter

@Suite struct EqualizationTests {
  /// Two 1x1 convolutions; the first makes one channel a hundred times as large as the other.
  private func network() throws -> Graph {
    let builder = GraphBuilder()
    let x = builder.input([1, 4, 4, 2])
    let plain = Operation.conv2D(strides: Extent(1, 1), dilations: Extent(1, 1), padding: .valid, activation: .relu)
    let first = try builder.emit(
      plain, [x, builder.constant([100, 50, 1, 2], shape: [2, 1, 1, 2]), builder.constant([3, 0.5])])
    let second = try builder.emit(
      plain, [first, builder.constant([0.01, 1, -0.02, 3], shape: [2, 1, 1, 2]), builder.constant([0, 1])])
    builder.graph.addOutput(second)
    return builder.graph
  }

  private let samples = SampleList(
    (0..<4).map { sample in [ConstantBytes(elements: (0..<32).map { Float(($0 * 5 + sample) % 9) / 4 - 1 }).array] })

  @Test func theFloatModelComputesTheSameBits() throws {
    let graph = try network()
    let equalized = try Equalization.apply(to: graph, samples)
    #expect(equalized.text != graph.text)
    let (one, other) = (try GraphExecutor(graph), try GraphExecutor(equalized))
    for index in 0..<samples.count {
      #expect(try one.outputs(samples.sample(index)) == other.outputs(samples.sample(index)))
    }
  }

  @Test func channelsReachNearlyAsFar() throws {
    let graph = try network()
    let equalized = try Equalization.apply(to: graph, samples)
    let middle = try #require(graph.executionOrder.first.flatMap { graph[$0]?.outputs.first })
    func ratio(_ graph: Graph) throws -> Float {
      let found = try #require(ChannelMagnitudes.measure(graph, of: [middle], samples, threads: 1)[middle])
      return found[0] / found[1]
    }
    #expect(try ratio(graph) > 30)
    #expect(try ratio(equalized) < 4)
  }

  @Test func channelsThatOtherLayersReadStay() throws {
    let builder = GraphBuilder()
    let x = try builder.convolution(builder.input([1, 4, 4, 2]))
    let y = try builder.convolution(try builder.emit(Operation(.tanh), [x]))
    builder.graph.addOutput(y)
    #expect(ChannelGroups(builder.graph).groups.isEmpty)
  }
}
