import ModelFormat
import Testing

@testable import Converter

@Suite struct WeightRoundingTests {
  /// The first weight gives the scale 1; each of the others is 0.3 away from the nearest integer.
  private static let weights: [Float] = [127] + Array(repeating: 10.3, count: 8)

  /// Windows of which the first number goes its own way and the others are all one.
  private func moments(_ other: (Int) -> Float = { Float($0 * 5 % 7) - 3 }) -> InputMoments {
    var moments = InputMoments(depth: 9, channels: 1)
    for sample in 0..<20 {
      let window = [Float(sample % 3)] + Array(repeating: other(sample), count: 8)
      unsafe window.withUnsafeBufferPointer { buffer in
        if let base = buffer.baseAddress { unsafe moments.add(base, count: 1, isDepthwise: false) }
      }
    }
    return moments
  }

  private func sumOfErrors(_ stored: some Sequence<Int8>) -> Float {
    zip(Self.weights, stored).dropFirst().reduce(0) { $0 + $1.0 - Float($1.1) }
  }

  @Test func errorsOfInputsThatGoTogetherCancel() throws {
    let rounding = try #require(
      WeightRounding(Self.weights, scales: [1], isDepthwise: false, moments(), isCentered: true))
    #expect(abs(sumOfErrors(Self.weights.map { Int8($0.rounded()) })) > 2.3)
    #expect(abs(sumOfErrors(rounding.stored)) < 0.7)
    #expect(rounding.stored[0] == 127)
  }

  @Test func channelsOfDepthwiseLayersAreRoundedByThemselves() throws {
    var moments = InputMoments(depth: 4, channels: 2)
    for sample in 0..<12 {
      // Taps of channel 0 are one number, those of channel 1 are four.
      let window: [Float] = (0..<8).map { place in
        if place % 2 == 0 { return Float(sample % 5) - 2 }
        return (sample + 3 * (place / 2)) % 7 == 0 ? 4 : 0
      }
      unsafe window.withUnsafeBufferPointer { buffer in
        if let base = buffer.baseAddress { unsafe moments.add(base, count: 1, isDepthwise: true) }
      }
    }
    let weights: [Float] = [5.3, 5.3, 5.3, 5.3, 5.3, 5.3, 5.3, 5.3]
    let rounding = try #require(
      WeightRounding(weights, scales: [1, 1], isDepthwise: true, moments, isCentered: true))
    let first = stride(from: 0, to: 8, by: 2).reduce(Float(0)) { $0 + weights[$1] - Float(rounding.stored[$1]) }
    #expect(abs(first) < 0.6)
  }

  /// Channel 1 is dead.
  @Test func deadChannelsHaveTheNearestWeights() throws {
    var moments = InputMoments(depth: 4, channels: 2)
    for sample in 0..<12 {
      let window: [Float] = (0..<8).map { $0 % 2 == 0 ? Float(sample % 5) - 2 : 0 }
      unsafe window.withUnsafeBufferPointer { buffer in
        if let base = buffer.baseAddress { unsafe moments.add(base, count: 1, isDepthwise: true) }
      }
    }
    let rounding = try #require(
      WeightRounding(
        [Float](repeating: 5.3, count: 8), scales: [1, 1], isDepthwise: true, moments, isCentered: true))
    #expect(stride(from: 1, to: 8, by: 2).allSatisfy { rounding.stored[$0] == 5 })
    #expect(stride(from: 0, to: 8, by: 2).contains { rounding.stored[$0] == 6 })
  }

  @Test func meanErrorsAreWhatTheStoredWeightsLose() throws {
    let moments = moments { Float($0 % 4) }
    let rounding = try #require(
      WeightRounding(Self.weights, scales: [1], isDepthwise: false, moments, isCentered: true))
    let means = moments.means(0)
    let lost = zip(zip(Self.weights, rounding.stored), means).reduce(0.0) {
      $0 + (Double($1.0.0) - Double($1.0.1)) * $1.1
    }
    #expect(abs(rounding.meanErrors[0] - lost) < 1e-9)
  }

  @Test(arguments: [Float.nan, .infinity, 0]) func nothingIsMadeOfNumbersThatSayNothing(_ number: Float) {
    var moments = InputMoments(depth: 9, channels: 1)
    let window = [Float](repeating: number, count: 9)
    unsafe window.withUnsafeBufferPointer { buffer in
      if let base = buffer.baseAddress { unsafe moments.add(base, count: 1, isDepthwise: false) }
    }
    #expect(WeightRounding(Self.weights, scales: [1], isDepthwise: false, moments, isCentered: false) == nil)
  }

  @Test func constantDataLeavesWeightsNearestAndItsLayerIsNamed() throws {
    let builder = GraphBuilder()
    let y = try builder.convolution(builder.input([1, 4, 4, 2]))
    builder.graph.addOutput(y)
    let zeros = SampleList([[ConstantBytes(elements: [Float](repeating: 0, count: 32)).array]])
    let calibration = try Calibration.measure(builder.graph, zeros)
    var plan = QuantizationPlan(standard: .int8)
    plan.refinesWeights = true
    #expect(try Quantizer.apply(plan, calibration, to: builder.graph).roundedToNearest.count == 1)
    plan.refinesWeights = false
    #expect(try Quantizer.apply(plan, calibration, to: builder.graph).roundedToNearest.isEmpty)
  }

  /// Neighbours in a picture are much alike, so that errors of weights add up in every output.
  @Test func refinedNetworksAreNearerToFloat() throws {
    let builder = GraphBuilder()
    let weights = (0..<72).map { Float(($0 * 29) % 41) / 41 - 0.3 }
    let y = try builder.emit(
      .conv2D(strides: Extent(1, 1), dilations: Extent(1, 1), padding: .same),
      [
        builder.input([1, 12, 12, 2]), builder.constant(weights, shape: [4, 3, 3, 2]),
        builder.constant([0.1, -0.2, 0.3, 0]),
      ])
    builder.graph.addOutput(y)
    let samples = SampleList(
      (0..<8).map { sample in
        let picture = (0..<288).map { Float(($0 / 24 + $0 / 2 % 12 + 3 * sample) % 23) / 23 }
        return [ConstantBytes(elements: picture).array]
      })
    let calibration = try Calibration.measure(builder.graph, samples)
    var plan = QuantizationPlan(standard: .int16x8)
    plan.refinesWeights = true
    let refined = try error(Quantizer.apply(plan, calibration, to: builder.graph).graph, builder.graph, samples)
    plan.refinesWeights = false
    let nearest = try error(Quantizer.apply(plan, calibration, to: builder.graph).graph, builder.graph, samples)
    #expect(refined.decibels > nearest.decibels + 3)
  }

  private func error(_ quantized: Graph, _ float: Graph, _ samples: SampleList) throws -> Fidelity {
    let (one, other) = (try GraphExecutor(float), try GraphExecutor(quantized))
    var fidelity = Fidelity()
    for index in 0..<samples.count {
      let wanted = ConstantBytes(try one.outputs(samples.sample(index))[0]).elements(as: Float.self)
      let found = ConstantBytes(try other.outputs(samples.sample(index))[0]).elements(as: Float.self)
      fidelity.add(reference: wanted, found: found)
    }
    return fidelity
  }
}
