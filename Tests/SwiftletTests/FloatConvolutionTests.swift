import ModelFormat
import TestSupport
import Testing

@testable import Swiftlet

/// CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED on float32 activations: worked examples and refusals. The kernel suites
/// and the comparison with LiteRT cover the arithmetic.
@Suite struct FloatConvolutionTests {
  /// Options of CONV_2D; SAME is 0, VALID is 1.
  static func convolution(
    padding: Int8 = 1, stride: Int32 = 1, activation: Int8 = 0, dilation: Int32 = 1
  ) -> [Int: FieldValue] {
    [
      0: .int8(padding), 1: .int32(stride), 2: .int32(stride), 3: .int8(activation), 4: .int32(dilation),
      5: .int32(dilation),
    ]
  }

  static func depthwise(padding: Int8, multiplier: Int32) -> [Int: FieldValue] {
    [0: .int8(padding), 1: .int32(1), 2: .int32(1), 3: .int32(multiplier)]
  }

  static func code(_ node: OneNode) -> PrepareError.Code? {
    do {
      _ = try node.program()
      return nil
    } catch { return (error as? PrepareError)?.code }
  }

  @Test func convolvesWithinTheInput() throws {
    let node = OneNode(
      3,
      [
        .input(.float32, [1, 2, 3, 1]), .constant(.float32, [2, 2, 2, 1], [1, 2, 3, 4, 1, 0, 0, -1]),
        .constant(.float32, [2], [10, 0]),
      ], [.float32], options: Self.convolution())
    #expect(try node.run([1, 2, 3, 4, 5, 6]) == [[47, -4, 57, -4]])
    #expect(try node.shapes() == [[1, 1, 2, 2]])
  }

  @Test func samePaddingPutsTheLargerHalfBehind() throws {
    let node = OneNode(
      3, [.input(.float32, [1, 1, 4, 1]), .constant(.float32, [1, 1, 2, 1], [1, 10])], [.float32],
      options: Self.convolution(padding: 0))
    #expect(try node.run([1, 2, 3, 4]) == [[21, 32, 43, 4]])
  }

  @Test func dilationAndStrideSpreadTheWindow() throws {
    let node = OneNode(
      3, [.input(.float32, [1, 5, 5, 1]), .constant(.float32, [1, 2, 2, 1], [1, 1, 1, 1])], [.float32],
      options: Self.convolution(stride: 2, dilation: 2))
    let input = (0..<25).map { Double($0) }
    #expect(try node.run(input) == [[24, 32, 64, 72]])
  }

  @Test func groupsReadTheirOwnChannels() throws {
    let node = OneNode(
      3, [.input(.float32, [1, 1, 1, 4]), .constant(.float32, [2, 1, 1, 2], [1, 2, 3, 4])], [.float32],
      options: Self.convolution())
    #expect(try node.run([1, 10, 100, 1000]) == [[21, 4300]])
  }

  @Test func clampsToTheFusedActivation() throws {
    let node = OneNode(
      3, [.input(.float32, [1, 1, 3, 1]), .constant(.float32, [1, 1, 1, 1], [1])], [.float32],
      options: Self.convolution(activation: 3))
    #expect(try node.run([-1, 5, 7]) == [[0, 5, 6]])
  }

  @Test func depthwiseMultipliesChannels() throws {
    let node = OneNode(
      4, [.input(.float32, [1, 1, 2, 2]), .constant(.float32, [1, 1, 1, 4], [1, 2, 3, 4])], [.float32],
      options: Self.depthwise(padding: 1, multiplier: 2))
    #expect(try node.run([1, 10, 100, 1000]) == [[1, 2, 30, 40, 100, 200, 3000, 4000]])
  }

  @Test func weightsMayBeComputed() throws {
    for code in [3, 4] {
      let options = code == 3 ? Self.convolution(padding: 0) : Self.depthwise(padding: 0, multiplier: 1)
      let weights = code == 3 ? [3, 2, 2, 3] : [1, 2, 2, 3]
      let input = (0..<60).map { Double($0 % 7) - 3 }
      let values = (0..<weights.reduce(1, *)).map { Double($0 % 5) - 2 }
      let constant = OneNode(
        code, [.input(.float32, [1, 4, 5, 3]), .constant(.float32, weights, values)], [.float32], options: options)
      let computed = OneNode(
        code, [.input(.float32, [1, 4, 5, 3]), .input(.float32, weights)], [.float32], options: options)
      #expect(try computed.run(input, values) == constant.run(input))
    }
  }

  @Test(arguments: [false, true]) func fullyConnectedFlattensUnlessToldOtherwise(keeps: Bool) throws {
    let node = OneNode(
      9, [.input(.float32, [2, 1, 2]), .constant(.float32, [3, 2], [1, 0, 0, 1, 1, 1])], [.float32],
      options: [2: .bool(keeps)])
    #expect(try node.run([1, 2, 3, 4]) == [[1, 2, 3, 3, 4, 7]])
    #expect(try node.shapes() == [keeps ? [2, 1, 3] : [2, 3]])
  }

  @Test func threadsDoNotChangeAProduct() throws {
    let weights = (0..<300 * 200).map { Double($0 % 17) / 8 - 1 }
    for rows in [1, 40] {
      let node = OneNode(
        9, [.input(.float32, [rows, 200]), .constant(.float32, [300, 200], weights)], [.float32],
        options: [0: .int8(0)])
      let input = (0..<rows * 200).map { Double($0 % 29) / 16 - 0.7 }
      #expect(try node.run(input, threads: 2) == node.run(input))
    }
  }

  @Test(arguments: [3, 9]) func hybridProductsStayWithinTheStepOfTheActivations(code: Int) throws {
    let depth = 40
    let scales: [Float] = [0.5, 0.25, 0.125]
    let stored = (0..<3 * depth).map { Double($0 * 37 % 255) - 127 }
    let real = stored.enumerated().map { $1 * Double(scales[$0 / depth]) }
    let shapes = code == 3 ? ([1, 2, 2, depth], [3, 1, 1, depth]) : ([4, depth], [3, depth])
    let options = code == 3 ? Self.convolution() : [0: .int8(0)]
    let input = (0..<4 * depth).map { Double($0 * 13 % 101) / 50 - 1 }
    let hybrid = OneNode(
      code, [.input(.float32, shapes.0), .constant(.int8, shapes.1, stored, .perChannel(scales, dimension: 0))],
      [.float32], options: options)
    let float = OneNode(
      code, [.input(.float32, shapes.0), .constant(.float32, shapes.1, real)], [.float32], options: options)
    let (found, expected) = (try hybrid.run(input)[0], try float.run(input)[0])
    // Each activation is off by at most half a step of 2 / 255.
    for index in found.indices {
      let weights = real[index % 3 * depth..<(index % 3 + 1) * depth]
      #expect(abs(found[index] - expected[index]) <= weights.reduce(0) { $0 + abs($1) } / 255)
    }
    #expect(found != expected, "the activations were not quantized")
  }

  /// A range of -127...128 makes the step of the activations 1.
  @Test func hybridDepthwiseQuantizesItsPicture() throws {
    let node = OneNode(
      4,
      [
        .input(.float32, [1, 1, 2, 2]),
        .constant(.int8, [1, 1, 1, 2], [100, -50], .perChannel([0.5, 0.25], dimension: 3)),
        .constant(.float32, [2], [0.5, 1]),
      ], [.float32], options: Self.depthwise(padding: 1, multiplier: 1))
    #expect(try node.run([1, 2.4, -127, 128]) == [[50.5, -24, -6349.5, -1599]])
  }

  @Test func hybridTransposedConvolutionQuantizesItsPicture() throws {
    let node = OneNode(
      67,
      [
        .ints(1, 1, 4, 1), .constant(.int8, [1, 1, 2, 1], [1, 10], .perTensor(0.5, 0)),
        .input(.float32, [1, 1, 3, 1]), .constant(.float32, [1], [0.5]),
      ], [.float32], options: [0: .int8(1), 1: .int32(1), 2: .int32(1)])
    #expect(try node.run([1.6, -127, 128]) == [[1.5, -53, -570.5, 640.5]])
  }

  @Test func refusesWhatDoesNotFit() throws {
    let input = OneNode.Value.input(.float32, [1, 4, 4, 2])
    let weights = OneNode.Value.constant(.float32, [1, 2, 2, 2], [Double](repeating: 1, count: 8))
    let options = Self.convolution()
    #expect(Self.code(OneNode(3, [input, weights], [.float32], options: options)) == nil)
    #expect(
      Self.code(OneNode(3, [input, weights], [.float32], options: Self.convolution(stride: 0))) == .optionInvalid)
    #expect(
      Self.code(OneNode(3, [input, weights], [.float32], options: Self.convolution(activation: 4)))
        == .optionUnsupported)
    #expect(
      Self.code(OneNode(3, [input, weights], [.float32], options: Self.convolution(dilation: 4))) == .shapeMismatch)
    #expect(
      Self.code(OneNode(3, [input, weights], [.int8], options: options, quantization: .perTensor(1, 0)))
        == .typeMismatch)
    let short = OneNode.Value.constant(.float32, [2], [1, 1])
    #expect(Self.code(OneNode(3, [input, weights, short], [.float32], options: options)) == .shapeMismatch)
    let thin = OneNode.Value.constant(.float32, [1, 2, 2, 3], [Double](repeating: 1, count: 12))
    #expect(Self.code(OneNode(3, [input, thin], [.float32], options: options)) == .shapeMismatch)
    let flat = OneNode.Value.constant(.float32, [1, 8], [Double](repeating: 1, count: 8))
    #expect(Self.code(OneNode(3, [input, flat], [.float32], options: options)) == .shapeMismatch)
    #expect(Self.code(OneNode(9, [input, flat], [.float32], options: [1: .int8(1)])) == .optionUnsupported)
    #expect(Self.code(OneNode(9, [input, flat], [.float32], options: [2: .bool(true)])) == .shapeMismatch)
  }
}
