import CKernels
import ModelFormat
import TestSupport
import Testing

@testable import Swiftlet

/// CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED on int8 and uint8: worked examples and refusals. The kernel suites and
/// the comparison with LiteRT cover the arithmetic.
@Suite struct QuantizedConvolutionTests {
  private typealias Value = OneNode.Value

  /// A pointwise convolution of one pixel of two channels to two filters: inputs in halves, outputs in units.
  private func pointwise(
    _ type: ElementType = .int8, weights: QuantizationSpec = .perChannel([0.5, 0.25], dimension: 0),
    bias: Value? = .constant(.int32, [2], [4, -8]), output: QuantizationSpec = .perTensor(1, 10), activation: Int8 = 0
  ) -> OneNode {
    OneNode(
      3,
      [
        .input(type, [1, 1, 1, 2], .perTensor(0.5, 2)), .constant(type, [2, 1, 1, 2], [1, 2, 3, 4], weights),
      ] + (bias.map { [$0] } ?? []), [type],
      options: FloatConvolutionTests.convolution(activation: activation), quantization: output)
  }

  private func code(_ node: OneNode) -> PrepareError.Code? { FloatConvolutionTests.code(node) }

  @Test func convolvesPerChannel() throws {
    // Filter 0: ((10 - 2) * 1 + (6 - 2) * 2 + 4) * 0.25 = 5; filter 1: ((10 - 2) * 3 + (6 - 2) * 4 - 8) * 0.125 = 4.
    #expect(try pointwise().run([10, 6]) == [[15, 14]])
  }

  @Test func halvesRoundToEven() throws {
    // 6 * 0.25 = 1.5 and 10 * 0.25 = 2.5 both become 2.
    for (bias, expected) in [(6.0, 12.0), (10.0, 12.0), (-6.0, 8.0), (-10.0, 8.0)] {
      let node = pointwise(bias: .constant(.int32, [2], [bias, 0]))
      #expect(try node.run([2, 2])[0][0] == expected)
    }
  }

  @Test func uint8WeightsHaveAZeroPoint() throws {
    // ((10 - 2) * (1 - 3) + (6 - 2) * (2 - 3) + 4) * 0.25 = -4 and ((10 - 2) * 0 + (6 - 2) * 1 - 8) * 0.25 = -1.
    #expect(try pointwise(.uint8, weights: .perTensor(0.5, 3)).run([10, 6]) == [[6, 9]])
  }

  @Test func activationLimitsRoundAfterTheZeroPoint() throws {
    // 6 / 4 + 1 = 2.5 rounds to 2, where 6 / 4 rounded and then moved would be 3.
    let node = pointwise(bias: .constant(.int32, [2], [9999, -9999]), output: .perTensor(4, 1), activation: 3)
    #expect(try node.run([2, 2]) == [[2, 1]])
  }

  @Test func fullyConnectedTakesRows() throws {
    let node = OneNode(
      9,
      [
        .input(.int8, [2, 2], .perTensor(0.5, 0)), .constant(.int8, [3, 2], [1, 0, 0, 1, 1, 1], .perTensor(1, 0)),
      ], [.int8], options: [0: .int8(0)], quantization: .perTensor(0.5, -1))
    #expect(try node.run([1, 2, 3, 4]) == [[0, 1, 2, 2, 3, 6]])
  }

  @Test func depthwiseMultipliesChannels() throws {
    let node = OneNode(
      4,
      [
        .input(.int8, [1, 1, 2, 2], .perTensor(1, 1)),
        .constant(.int8, [1, 1, 1, 4], [1, 2, 3, 4], .perChannel([1, 1, 2, 0.5], dimension: 3)),
      ], [.int8], options: FloatConvolutionTests.depthwise(padding: 1, multiplier: 2), quantization: .perTensor(1, 0))
    #expect(try node.run([2, 3, 4, 5]) == [[1, 2, 12, 4, 3, 6, 24, 8]])
  }

  @Test func paddingIsTheZeroPoint() throws {
    let node = OneNode(
      3,
      [
        .input(.int8, [1, 1, 2, 1], .perTensor(1, 5)), .constant(.int8, [1, 1, 3, 1], [1, 10, 100], .perTensor(1, 0)),
      ], [.int8], options: FloatConvolutionTests.convolution(padding: 0), quantization: .perTensor(10, 0))
    // The differences to the zero point are 1 and 2: 10 + 200 and 1 + 20, in tens.
    #expect(try node.run([6, 7]) == [[21, 2]])
  }

  @Test func weightsMayBeComputed() throws {
    let options: [Int: FieldValue] = [0: .int8(0)]
    let weights = (0..<20 * 30).map { Double($0 * 37 % 255) - 127 }
    let input = (0..<3 * 30).map { Double($0 * 11 % 255) - 127 }
    let data = Value.input(.int8, [3, 30], .perTensor(0.5, 3))
    let constant = OneNode(
      9, [data, .constant(.int8, [20, 30], weights, .perTensor(0.01, 0))], [.int8], options: options,
      quantization: .perTensor(4, 0))
    let computed = OneNode(
      9, [data, .input(.int8, [20, 30], .perTensor(0.01, 0))], [.int8], options: options,
      quantization: .perTensor(4, 0))
    let expected = try constant.run(input)
    #expect(try computed.run(input, weights) == expected)
    #expect(Set(expected[0]).count > 10)
  }

  @Test func fourBitWeightsAreTheSameNumbersAsEightBitOnes() throws {
    let numbers: [Double] = [-8, 7, -1, 3]
    func node(_ type: ElementType, _ stored: [Double]) -> OneNode {
      OneNode(
        3,
        [
          .input(.int8, [1, 1, 1, 2], .perTensor(0.5, 2)), .constant(type, [2, 1, 1, 2], stored, .perTensor(0.5, 0)),
        ], [.int8], options: FloatConvolutionTests.convolution(), quantization: .perTensor(1, 0))
    }
    let expected = try node(.int8, numbers).run([100, -20])
    #expect(expected == [[-128, -41]])
    // Low nibble first: 0x78 is -8 and 7, 0x3F is -1 and 3.
    #expect(try node(.int4, [0x78, 0x3F]).run([100, -20]) == expected)
  }

  @Test func threadsDoNotChangeTheBytes() throws {
    let weights = (0..<64 * 9 * 16).map { Double($0 * 37 % 255) - 127 }
    let node = OneNode(
      3,
      [
        .input(.int8, [1, 30, 30, 16], .perTensor(0.5, 3)),
        .constant(.int8, [64, 3, 3, 16], weights, .perTensor(0.01, 0)),
      ], [.int8], options: FloatConvolutionTests.convolution(padding: 0), quantization: .perTensor(8, 0))
    let input = (0..<30 * 30 * 16).map { Double($0 * 11 % 255) - 127 }
    #expect(try node.run(input, threads: 2) == node.run(input))
  }

  @Test func refusesWhatDoesNotFit() throws {
    #expect(code(pointwise()) == nil)
    #expect(code(pointwise(weights: .perChannel([1, 1], dimension: 3))) == .quantizationInvalid)
    #expect(code(pointwise(weights: .perTensor(0.5, 3))) == .quantizationInvalid)
    #expect(code(pointwise(.uint8, weights: .perChannel([1, 1], dimension: 0))) == .quantizationInvalid)
    #expect(code(pointwise(weights: .perTensor(3e38, 0), output: .perTensor(1e-30, 0))) == .quantizationInvalid)
    #expect(code(pointwise(bias: .constant(.float32, [2], [1, 2]))) == .typeUnsupported)
    #expect(code(pointwise(activation: 4)) == .optionUnsupported)
  }
}
