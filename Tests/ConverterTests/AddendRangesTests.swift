import ModelFormat
import Testing

@testable import Converter

@Suite struct AddendRangesTests {
  @Test func whatMattersIsWhatTheSumReachesLessTheOtherAddend() {
    #expect(AddendRanges.useful(sum: -8...2, other: -1...2) == -10...3)
    #expect(AddendRanges.limited(-1e9...0, to: -10...3) == -10...0)
    #expect(AddendRanges.limited(-30...3, to: -10...3) == nil, "three times as far costs less than two bits")
  }

  /// `count` numbers between -1 and 1.2, others for each sample.
  private func numbers(_ count: Int, sample: Int) -> [UInt8] {
    let elements: [Float] = (0..<count).map { index in
      let step = (index * 7 + sample * 3) % 11
      return Float(step) / 5 - 1
    }
    return ConstantBytes(elements: elements).array
  }

  /// Scores of 8 classes, of which a mask hides the last four, before a softmax; quantized.
  private func masked(_ mask: Float) throws -> Graph {
    let builder = GraphBuilder()
    let x = builder.input([2, 8])
    let hidden: [Float] = [0, 0, 0, 0, mask, mask, mask, mask]
    let sum = try builder.add(builder.mul(x, 1.5), builder.constant(hidden))
    builder.graph.addOutput(try builder.emit(.softmax(), [sum]))
    builder.graph.nameUniquely()
    let samples = SampleList((0..<4).map { [numbers(16, sample: $0)] })
    let calibration = try Calibration.measure(builder.graph, samples)
    return try Quantizer.apply(QuantizationPlan(standard: .int8), calibration, to: builder.graph).graph
  }

  @Test(arguments: [-1e4, -1e9, -3.4028235e38, -Float.infinity])
  func aMaskLeavesLevelsToTheScores(mask: Float) throws {
    let output = try GraphExecutor(masked(mask)).outputs([numbers(16, sample: 1)])[0]
    let expected = try GraphExecutor(masked(-20)).outputs([numbers(16, sample: 1)])[0]
    let pairs = zip(ConstantBytes(output).elements(as: Float.self), ConstantBytes(expected).elements(as: Float.self))
    for (found, wanted) in pairs { #expect(abs(found - wanted) < 0.04) }
    #expect(Set(ConstantBytes(output).elements(as: Float.self)).count > 4, "scores differ")
  }

  @Test func aSoftmaxOfManyStaysFloatWhenNoneStandsOut() throws {
    let builder = GraphBuilder()
    builder.graph.addOutput(try builder.emit(.softmax(), [builder.input([1, 512])]))
    let samples = SampleList([[numbers(512, sample: 0)]])
    let calibration = try Calibration.measure(builder.graph, samples)
    let result = try Quantizer.apply(QuantizationPlan(standard: .int8), calibration, to: builder.graph)
    #expect(result.kept.map(\.operatorName) == ["SOFTMAX"])
    #expect(result.kept.first?.reason.contains("too small") == true)
  }
}
