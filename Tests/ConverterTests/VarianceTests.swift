import ModelFormat
import Testing

@testable import Converter

@Suite struct VarianceTests {
  /// Rows of 8 numbers between -1 and 1, the first 200 times as large: each less its mean, over the root of its variance.
  private func normalization() throws -> (graph: Graph, sample: [UInt8]) {
    let builder = GraphBuilder()
    let x = builder.input([4, 8])
    let centered = try builder.sub(x, builder.reduce(.mean, x, axes: [1]))
    let variance = try builder.reduce(.mean, builder.mul(centered, centered), axes: [1])
    let factor = try builder.unary(.rsqrt, builder.add(variance, 1e-5))
    builder.graph.addOutput(try builder.mul(centered, factor))
    builder.graph.nameUniquely()
    let elements: [Float] = (0..<32).map { ($0 < 8 ? 200 : 1) * (Float($0 * 7 % 11) / 5 - 1) }
    return (builder.graph, ConstantBytes(elements: elements).array)
  }

  @Test func rowsKeepTheirVarianceBesideOneFarFromThem() throws {
    let (graph, sample) = try normalization()
    let calibration = try Calibration.measure(graph, SampleList([[sample]]))
    let result = try Quantizer.apply(QuantizationPlan(standard: .int16x8), calibration, to: graph)
    #expect(Set(result.kept.map(\.operatorName)) == ["RSQRT", "ADD", "MEAN", "MUL"])
    let found = ConstantBytes(try GraphExecutor(result.graph).outputs([sample])[0]).elements(as: Float.self)
    let expected = ConstantBytes(try GraphExecutor(graph).outputs([sample])[0]).elements(as: Float.self)
    for (a, b) in zip(found, expected) { #expect(abs(a - b) < 0.05) }
  }

  @Test func rootsOfOtherThingsAreNoVariances() throws {
    let builder = GraphBuilder()
    let x = builder.input([4, 8])
    let plain = try builder.unary(.sqrt, builder.reduce(.mean, x, axes: [1]))
    builder.graph.addOutput(plain)
    let node = try #require(builder.graph.producers[plain.index])
    #expect(Variance.nodes(rootOf: node, in: builder.graph).isEmpty)
  }
}
