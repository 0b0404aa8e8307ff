import ModelFormat
import TestSupport
import Testing

@testable import Swiftlet

/// Worked examples of the operators that combine elements; the comparison with LiteRT covers the rest.
@Suite struct ReductionTests {
  static let maximum = 82, minimum = 89, product = 81, mean = 40, sum = 74

  @Test(arguments: [(0, [5, 7, 9]), (1, [6, 15]), (-1, [6, 15])] as [(Int, [Double])])
  func sumsAlongAnAxis(axis: Int, expected: [Double]) throws {
    let node = OneNode(Self.sum, [.input(.float32, [2, 3]), .ints(axis)], [.float32])
    #expect(try node.run([1, 2, 3, 4, 5, 6]) == [expected])
  }

  @Test(arguments: [false, true]) func keepsReducedDimensionsOnRequest(keeps: Bool) throws {
    let node = OneNode(
      Self.mean, [.input(.float32, [2, 3, 4]), .ints(2, 0)], [.float32], options: [0: .bool(keeps)])
    #expect(try node.shapes() == [keeps ? [1, 3, 1] : [3]])
    #expect(try node.run(counting(24)) == [[7.5, 11.5, 15.5]])
  }

  @Test func reducesAlternatingAxes() throws {
    let node = OneNode(Self.sum, [.input(.int32, [2, 3, 2, 2]), .ints(0, 2)], [.int32])
    let values = counting(24)
    var expected = Array(repeating: 0.0, count: 6)
    for index in 0..<24 { expected[(index / 4 % 3) * 2 + index % 2] += values[index] }
    #expect(try node.run(values) == [expected])
  }

  @Test func everyAxisOrNone() throws {
    let all = OneNode(Self.maximum, [.input(.int8, [2, 2]), .ints(0, 1)], [.int8])
    #expect(try all.run([-5, -128, -7, -9]) == [[-5]])
    let none = OneNode(Self.sum, [.input(.float32, [3]), .constant(.int32, [0], [])], [.float32])
    #expect(try none.run([1, 2, 3]) == [[1, 2, 3]])
  }

  @Test(arguments: [ElementType.float32, .int8, .uint8, .int16, .int32, .int64])
  func extremesOfEveryType(type: ElementType) throws {
    let values: [Double] = [3, 9, 1, 7, 2, 8]
    let input = OneNode.Value.input(type, [2, 3])
    #expect(try OneNode(Self.maximum, [input, .ints(1)], [type]).run(values) == [[9, 8]])
    #expect(try OneNode(Self.minimum, [input, .ints(0)], [type]).run(values) == [[3, 2, 1]])
  }

  @Test func productsAndTruthValues() throws {
    let product = OneNode(Self.product, [.input(.int32, [2, 2]), .ints(1)], [.int32])
    #expect(try product.run([3, -4, 0, 9]) == [[-12, 0]])
    let any = OneNode(91, [.input(.bool, [2, 2]), .ints(1)], [.bool])
    #expect(try any.run([0, 1, 0, 0]) == [[1, 0]])
    let all = OneNode(140, [.input(.bool, [2, 2]), .ints(1)], [.bool])
    #expect(try all.run([1, 1, 0, 1]) == [[1, 0]])
  }

  @Test func anAxisWithoutElementsHasADefinedResult() throws {
    let empty = OneNode.Value.input(.bool, [2, 0])
    #expect(try OneNode(140, [empty, .ints(1)], [.bool]).run([]) == [[1, 1]])
    #expect(try OneNode(91, [empty, .ints(1)], [.bool]).run([]) == [[0, 0]])
    let mean = OneNode(Self.mean, [.input(.float32, [2, 0]), .ints(1)], [.float32])
    #expect(try mean.run([])[0].allSatisfy { $0.isNaN })
    let sum = OneNode(
      Self.sum, [.input(.int8, [2, 0], .perTensor(0.5, 3)), .ints(1)], [.int8], quantization: .perTensor(0.25, -7))
    #expect(try sum.run([]) == [[-7, -7]], "the sum of nothing is 0, the zero point")
  }

  @Test func averagesOfIntegersAreCut() throws {
    let node = OneNode(Self.mean, [.input(.int64, [2, 2]), .ints(1)], [.int64])
    #expect(try node.run([1, 2, -1, -2]) == [[1, -1]])
  }

  @Test func quantizedMeanChangesScaleAndZeroPoint() throws {
    let node = OneNode(
      Self.mean, [.input(.int8, [1, 4], .perTensor(0.5, 2)), .ints(1)], [.int8], quantization: .perTensor(0.25, -3))
    // Real values 4, 5, 6, 7: mean 5.5.
    #expect(try node.run([10, 12, 14, 16]) == [[22 - 3]])
  }

  @Test func softmaxOfFloats() throws {
    let node = OneNode(25, [.input(.float32, [2, 3])], [.float32], options: [0: .float(1)])
    let found = try node.run([0, 0, 0, 1000, 1000, -1000])[0]
    let expected: [Double] = [1 / 3, 1 / 3, 1 / 3, 0.5, 0.5, 0]
    for index in 0..<6 { #expect(abs(found[index] - expected[index]) < 1e-6) }
  }

  @Test func softmaxOfBytesSumsToOne() throws {
    let node = OneNode(
      25, [.input(.uint8, [1, 4], .perTensor(0.1, 128))], [.uint8], options: [0: .float(1)],
      quantization: .perTensor(1 / 256, 0))
    #expect(try node.run([128, 128, 128, 128]) == [[64, 64, 64, 64]])
    #expect(try node.run([255, 0, 0, 0]) == [[255, 0, 0, 0]])
  }

  @Test func logSoftmaxAndNormOfFloats() throws {
    let log = try OneNode(50, [.input(.float32, [1, 2])], [.float32]).run([3, 3])[0]
    for value in log { #expect(abs(value + 0.693147) < 1e-6) }
    let norm = try OneNode(11, [.input(.float32, [2, 2])], [.float32], options: [0: .int8(0)]).run([3, 4, 0, 0])[0]
    let expected: [Double] = [0.6, 0.8, 0, 0]
    for index in 0..<4 { #expect(abs(norm[index] - expected[index]) < 1e-6) }
  }

  @Test func threadsDoNotChangeASum() throws {
    let node = OneNode(Self.sum, [.input(.float32, [64, 50, 101]), .ints(1)], [.float32])
    let values: [Double] = (0..<323_200).map { (index: Int) -> Double in Double(Float(index % 977) * 0.37 - 11) }
    #expect(try node.run(values) == node.run(values, threads: 2))
  }

  @Test(arguments: [3, -4]) func refusesAnAxisOutside(axis: Int) {
    let node = OneNode(Self.mean, [.input(.float32, [2, 2, 2]), .ints(axis)], [.float32])
    #expect(throws: PrepareError.self) { try node.program() }
  }
}
