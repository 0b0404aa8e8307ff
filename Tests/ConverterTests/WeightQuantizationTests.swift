import ModelFormat
import Testing

@testable import Converter

@Suite struct WeightQuantizationTests {
  @Test func roundsToTheNearestHalf() {
    let cases: [(Float, UInt16)] = [
      (0, 0), (-0.0, 0x8000), (1, 0x3C00), (-2, 0xC000), (65504, 0x7BFF), (1e9, 0x7BFF), (-.infinity, 0xFBFF),
      (0x1p-14, 0x0400), (0x1p-24, 1), (0x1p-25, 0), (0x1.8p-24, 2), (1 + 0x1p-11, 0x3C00), (1 + 0x1.8p-10, 0x3C02),
      (0x1p-14 - 0x1p-26, 0x0400),
    ]
    for (number, bits) in cases { #expect(WeightQuantization.halfBits(number) == bits, "\(number)") }
  }

  @Test func scalesEachChannelByItsLargestWeight() throws {
    let weights = Value(
      name: "w", type: .float32, shape: [2, 2], constant: ConstantBytes(elements: [127, -63.5, 0, 0] as [Float]))
    let quantized = try #require(SymmetricWeights.quantize(weights, dimension: 0))
    #expect(quantized.constant?.elements(as: Int8.self) == [127, -64, 0, 0])
    #expect(quantized.quantization == Quantization(scales: [1, 1], zeroPoints: [0, 0], dimension: 0))
    let byColumn = try #require(SymmetricWeights.quantize(weights, dimension: 1))
    #expect(byColumn.quantization?.scales == [1, 0.5])
    #expect(byColumn.constant?.elements(as: Int8.self) == [127, -127, 0, 0])
  }

  private func large() throws -> GraphBuilder {
    let builder = GraphBuilder()
    let x = builder.input([1, 64])
    let weights = builder.constant((0..<4096).map { Float($0 % 13) / 13 }, shape: [64, 64])
    let y = try builder.emit(.fullyConnected(), [x, weights, builder.constant(Array(repeating: 0, count: 64))])
    builder.graph.addOutput(y)
    return builder
  }

  @Test func dynamicStoresWeightsAsInt8() throws {
    let builder = try large()
    let before = try ModelWriter.write(builder.graph).count
    WeightQuantization.apply(.dynamic, to: &builder.graph)
    #expect(builder.graph.text.contains("FULLY_CONNECTED(x, int8[64,64], float32[64])"))
    #expect(try ModelWriter.write(builder.graph).count < before / 2)
  }

  @Test func float16WidensEachConstantOnce() throws {
    let builder = try large()
    WeightQuantization.apply(.float16, to: &builder.graph)
    #expect(builder.graph.operatorCounts.first { $0.name == "DEQUANTIZE" }?.count == 2)
    #expect(builder.graph.text.contains("DEQUANTIZE(float16[64,64])"))
  }

  @Test func smallLayersStay() throws {
    let builder = GraphBuilder()
    let y = try builder.convolution(builder.input([1, 1, 1, 2]))
    builder.graph.addOutput(y)
    let before = builder.graph.text
    WeightQuantization.apply(.dynamic, to: &builder.graph)
    #expect(builder.graph.text == before)
  }
}
