import ModelFormat
import Testing

@testable import Converter

@Suite struct SquareErrorRangeTests {
  /// The calibration of `build`, whose input takes the samples.
  private func calibration(
    _ shape: [Int], _ samples: [[Float]],
    _ build: (GraphBuilder, ValueID) throws -> ValueID
  ) throws -> (Graph, Calibration) {
    let builder = GraphBuilder()
    let output = try build(builder, builder.input(shape))
    builder.graph.addOutput(output)
    let source = SampleList(samples.map { [ConstantBytes(elements: $0).array] })
    return (builder.graph, try Calibration.measure(builder.graph, source))
  }

  private func numbers(samples: Int, count: Int, _ number: (Int, Int) -> Float) -> [[Float]] {
    (0..<samples).map { sample in (0..<count).map { number(sample, $0) } }
  }

  private func range(_ value: ValueID, _ calibration: Calibration) throws -> ClosedRange<Float> {
    try #require(calibration.ranges(.meanSquareError)[value])
  }

  @Test func fewNumbersLeaveRoomForOthers() throws {
    let few = numbers(samples: 4, count: 8) { sample, place in Float((place * 5 + sample * 3) % 32) / 32 }
    let (graph, calibration) = try calibration([1, 8], few) { try $0.emit(Operation(.abs), [$1]) }
    #expect(try range(graph.inputs[0], calibration).upperBound > 1.05)
  }

  /// As many numbers, of which the largest lie close together on the one side and far apart on the other.
  @Test func roomIsWhereTheLargestNumbersLieFarApart() throws {
    let crowded = (0..<32).map { 1 - Float($0) / 40 }
    let scattered = (0..<32).map { 1 / Float($0 + 1) }
    for (numbers, isRoomy) in [(crowded, false), (scattered, true)] {
      let (graph, calibration) = try calibration([1, 32], [numbers]) { try $0.emit(Operation(.abs), [$1]) }
      #expect((try range(graph.inputs[0], calibration).upperBound > 1.4) == isRoomy)
    }
  }

  @Test func manyNumbersHaveTheRangeThatWasSeen() throws {
    let many = numbers(samples: 8, count: 8192) { sample, place in Float((place * 7 + sample) % 1024) / 1024 }
    let (graph, calibration) = try calibration([1, 8192], many) { try $0.emit(Operation(.abs), [$1]) }
    #expect(try range(graph.inputs[0], calibration).upperBound < 1.02)
  }

  @Test func noRangeReachesBeyondWhatAnActivationGives() throws {
    let few: [[Float]] = [[1, 2, 3, 5], [5.5, 1, 0, -7]]
    var operation = Operation.arithmetic(.add)
    operation.activation = .relu6
    let (graph, calibration) = try calibration([1, 4], few) {
      try $0.emit(operation, [$1, $0.constant([0, 0, 0, 0], shape: [1, 4])])
    }
    let found = try range(graph.outputs[0], calibration)
    #expect(found.lowerBound == 0 && found.upperBound <= 6)
  }

  /// Of the addend -8...1 only what lifts the sum above 0 matters, and the other addend is at most 1.
  @Test func whatARectifiedSumCutsOffNeedsNoRange() throws {
    let numbers = numbers(samples: 4, count: 4096) { sample, place in Float((place * 11 + sample) % 900) / 100 - 8 }
    for (activation, isCut) in [(Activation.relu, true), (Activation.none, false)] {
      let (graph, calibration) = try calibration([1, 4096], numbers) { builder, x in
        let addend = try builder.emit(.arithmetic(.mul), [x, builder.constant([1], shape: [1, 1])])
        let other = try builder.emit(Operation(.relu), [x])
        return try builder.emit(.arithmetic(.add, activation: activation), [addend, other])
      }
      let sum = try #require(graph.producer(of: graph.outputs[0])?.node)
      let found = try range(try #require(sum.inputs[0]), calibration)
      #expect((found.lowerBound > -2) == isCut, "\(activation)")
    }
  }

  /// A class at -40 has no part in the softmax, so that its digits are worth nothing; it must stay out of the question.
  @Test func logitsOfClassesOutOfTheQuestionNeedNoRange() throws {
    let numbers = numbers(samples: 40, count: 3) { sample, place in
      place == 2 ? -40 - Float(sample) : Float(sample % (5 + 2 * place))
    }
    let (graph, calibration) = try calibration([1, 3], numbers) { builder, x in
      try builder.emit(.softmax(), [builder.emit(.arithmetic(.add), [x, builder.constant([1], shape: [1, 1])])])
    }
    let softmax = try #require(graph.producer(of: graph.outputs[0])?.node)
    let found = try range(try #require(softmax.inputs[0]), calibration)
    #expect(found.lowerBound > -12 && found.lowerBound < -4 && found.upperBound >= 7)
  }
}

@Suite struct TailTests {
  /// Excesses that halve with every step, as the exponential distribution's do.
  @Test func expectsAsMuchBeyondAsThereWasBefore() throws {
    let tail = try #require(Tail(mean: 2, variance: 4, largest: 9, count: 1000))
    #expect(abs(tail.expectedSquare(beyond: 0) - 8) < 0.1)
    #expect(abs(tail.expectedSquare(beyond: 2) - 8 * 0.3679) < 0.1)
  }

  @Test func numbersThatEndAtOnceHaveNothingBeyond() {
    #expect(
      Tail(mean: 0.5, variance: 1.0 / 12, largest: 1, count: 1e9).map { $0.expectedSquare(beyond: 0) } ?? 0 < 1e-9)
    #expect(Tail(mean: 0, variance: 0, largest: 0, count: 8) == nil)
  }

  @Test func nothingIsExpectedBeyondTheEndOfTheTail() throws {
    let tail = try #require(Tail(mean: 0.5, variance: 1.0 / 12, largest: 1, count: 8))
    #expect(tail.expectedSquare(beyond: 0) > 0)
    #expect(tail.expectedSquare(beyond: 10) == 0)
  }
}
