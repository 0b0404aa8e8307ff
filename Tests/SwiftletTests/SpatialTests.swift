import ModelFormat
import TestSupport
import Testing

@testable import Swiftlet

/// Worked examples of pooling, resizing and the products beside convolution; the comparison with LiteRT covers the rest.
@Suite struct SpatialTests {
  static let quantization = QuantizationSpec.perTensor(0.5, 3)

  static func pool(
    _ code: Int, _ type: ElementType, _ shape: [Int], filter: Int, stride: Int, same: Bool, activation: Int8 = 0
  ) -> OneNode {
    let stored = type == .int16 ? .perTensor(0.5, 0) : quantization
    let quantization = type == .float32 ? nil : stored
    return OneNode(
      code, [.input(type, shape, quantization)], [type],
      options: [
        0: .int8(same ? 0 : 1), 1: .int32(Int32(stride)), 2: .int32(Int32(stride)), 3: .int32(Int32(filter)),
        4: .int32(Int32(filter)), 5: .int8(activation),
      ], quantization: quantization)
  }

  @Test(arguments: [ElementType.float32, .int8, .uint8]) func averagesCellsInsideOnly(type: ElementType) throws {
    let node = Self.pool(1, type, [1, 3, 3, 1], filter: 2, stride: 2, same: true)
    #expect(try node.run([2, 4, 10, 6, 8, 20, 30, 40, 50]) == [[5, 15, 35, 50]])
  }

  @Test func averagesOfBytesRoundHalfAwayFromZero() throws {
    let node = Self.pool(1, .int8, [1, 1, 2, 2], filter: 2, stride: 1, same: true)
    // Windows of two cells and of one.
    #expect(try node.run([-1, 1, -2, 2]) == [[-2, 2, -2, 2]])
  }

  @Test(arguments: [ElementType.float32, .int8, .uint8]) func takesTheLargestOfEachWindow(type: ElementType) throws {
    let node = Self.pool(17, type, [1, 2, 4, 2], filter: 2, stride: 2, same: false)
    #expect(try node.shapes() == [[1, 1, 2, 2]])
    #expect(try node.run([1, 16, 2, 15, 3, 14, 4, 13, 5, 12, 6, 11, 7, 10, 8, 9]) == [[6, 16, 8, 14]])
  }

  /// Channels are pooled in parts of constant size, the last of which overlaps the one before.
  @Test(arguments: [ElementType.float32, .int8, .uint8, .int16], [1, 3, 4, 5, 7, 8, 12, 16, 17, 28, 33, 64, 65, 130])
  func poolsEveryNumberOfChannels(type: ElementType, channels: Int) throws {
    let (height, width) = (3, 5)
    let lowest = Double(type == .uint8 ? 0 : -100)
    let values = (0..<height * width * channels).map { Double($0 * 37 % 101) + lowest }
    for code in [1, 17] {
      let node = Self.pool(code, type, [1, height, width, channels], filter: 2, stride: 2, same: true)
      let expected = (0..<2 * 3 * channels).map { index -> Double in
        let (y, x, channel) = (index / channels / 3 * 2, index / channels % 3 * 2, index % channels)
        let cells = [(y, x), (y, x + 1), (y + 1, x), (y + 1, x + 1)].filter { $0 < height && $1 < width }
          .map { values[($0 * width + $1) * channels + channel] }
        if code == 17 { return cells.max() ?? 0 }
        let average = cells.reduce(0, +) / Double(cells.count)
        return type == .float32 ? average : average.rounded(.toNearestOrAwayFromZero)
      }
      #expect(try node.everywhere(values) == expected, "\(type) x \(channels), operator \(code)")
    }
  }

  @Test func aFusedActivationLimitsStoredValues() throws {
    let node = Self.pool(17, .int8, [1, 1, 2, 1], filter: 1, stride: 1, same: false, activation: 3)
    // RELU6 with scale 0.5 and zero point 3: 3...15.
    #expect(try node.run([-100, 100]) == [[3, 15]])
  }

  @Test(arguments: [0, 1 << 30, -1]) func refusesAnImpossibleFilter(size: Int) {
    #expect(throws: PrepareError.self) {
      try Self.pool(1, .float32, [1, 4, 4, 1], filter: size, stride: 1, same: true).program()
    }
  }

  @Test func interpolatesBetweenCells() throws {
    let node = OneNode(23, [.input(.float32, [1, 1, 2, 1]), .ints(1, 4)], [.float32])
    #expect(try node.run([0, 8]) == [[0, 4, 8, 8]])
    let corners = OneNode(23, [.input(.float32, [1, 1, 2, 1]), .ints(1, 5)], [.float32], options: [2: .bool(true)])
    #expect(try corners.run([0, 8]) == [[0, 2, 4, 6, 8]])
    let centers = OneNode(23, [.input(.float32, [1, 1, 2, 1]), .ints(1, 4)], [.float32], options: [3: .bool(true)])
    #expect(try centers.run([0, 8]) == [[0, 2, 6, 8]])
  }

  @Test func interpolatesBytes() throws {
    let node = OneNode(
      23, [.input(.int8, [1, 2, 1, 1], Self.quantization), .ints(4, 1)], [.int8], quantization: Self.quantization)
    #expect(try node.run([-9, 0]) == [[-9, -4, 0, 0]])
  }

  @Test func aLargeResizeStaysInside() throws {
    // One step is 153.6 / 1024 of a cell, which rounds up: the last positions lie behind the picture.
    let node = OneNode(
      23, [.input(.int8, [1, 1, 1500, 1], Self.quantization), .ints(1, 10000)], [.int8],
      quantization: Self.quantization)
    let values = (0..<1500).map { Double($0 % 100) }
    #expect(try node.run(values)[0].last == 99)
  }

  @Test func copiesTheNearestCell() throws {
    let node = OneNode(97, [.input(.int8, [1, 2, 2, 1]), .ints(3, 4)], [.int8])
    #expect(try node.run([1, 2, 3, 4]) == [[1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4]])
  }

  @Test func refusesBothWaysToAlign() {
    let node = OneNode(
      23, [.input(.float32, [1, 2, 2, 1]), .ints(4, 4)], [.float32], options: [2: .bool(true), 3: .bool(true)])
    #expect(throws: PrepareError.self) { try node.program() }
  }

  @Test(arguments: [(false, false), (true, false), (false, true), (true, true)])
  func multipliesMatrices(turnsLeft: Bool, turnsRight: Bool) throws {
    let node = OneNode(
      126,
      [.input(.float32, turnsLeft ? [3, 2] : [2, 3]), .input(.float32, turnsRight ? [2, 3] : [3, 2])], [.float32],
      options: [0: .bool(turnsLeft), 1: .bool(turnsRight)])
    let left: [Double] = turnsLeft ? [1, 4, 2, 5, 3, 6] : [1, 2, 3, 4, 5, 6]
    let right: [Double] = turnsRight ? [1, 0, 2, 0, 1, 3] : [1, 0, 0, 1, 2, 3]
    #expect(try node.run(left, right) == [[7, 11, 16, 23]])
  }

  @Test func matricesBroadcastOverBatches() throws {
    let node = OneNode(126, [.input(.float32, [2, 1, 1, 2]), .input(.float32, [3, 2, 1])], [.float32])
    #expect(try node.shapes() == [[2, 3, 1, 1]])
    #expect(try node.run([1, 2, 3, 4], [1, 1, 0, 1, 2, 0]) == [[3, 2, 2, 7, 4, 6]])
  }

  @Test func quantizedMatricesLoseTheirZeroPoints() throws {
    let node = OneNode(
      126, [.input(.int8, [1, 2], .perTensor(0.5, 1)), .input(.int8, [2, 1], .perTensor(0.25, -2))], [.int8],
      quantization: .perTensor(0.125, 5))
    // (3 - 1) * (2 + 2) + (5 - 1) * (0 + 2) = 16, times 0.125 / 0.125.
    #expect(try node.run([3, 5], [2, 0]) == [[21]])
  }

  /// MediaPipe's transposed convolution from three channels to two, stride 2 and windows of 2 x 3, `padding` 1 = SAME.
  static func transposedWithBias(_ shape: [Int], padding: Int32 = 1, output: [Int] = []) -> OneNode {
    var node = OneNode(
      OperatorCode.custom,
      [
        .input(.float32, shape), .constant(.float32, [2, 2, 3, 3], (0..<36).map { Double($0) - 17 }),
        .constant(.float32, [2], [0.5, -1]),
      ], [.float32])
    node.custom = "Convolution2DTransposeBias"
    node.customOptions = [padding, 2, 2].flatMap { number in
      (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }
    node.outputs[0].shape = output
    return node
  }

  @Test(arguments: [(1, [1, 4, 6, 2]), (2, [1, 4, 7, 2])] as [(Int32, [Int])])
  func transposedConvolutionWithABiasIsThatOfTheBuiltinOperator(padding: Int32, shape: [Int]) throws {
    let node = Self.transposedWithBias([1, 2, 3, 3], padding: padding)
    #expect(try node.shapes() == [shape])
    let builtin = OneNode(
      67, [.ints(shape[0], shape[1], shape[2], shape[3]), node.inputs[1], node.inputs[0], node.inputs[2]], [.float32],
      options: [0: .int8(Int8(padding - 1)), 1: .int32(2), 2: .int32(2)])
    #expect(try node.run(counting(18)) == builtin.run(counting(18)))
  }

  @Test func theFileMayWantAnotherSizeThatTheStrideAllows() throws {
    #expect(try Self.transposedWithBias([1, 2, 3, 3], output: [1, 3, 5, 2]).shapes() == [[1, 3, 5, 2]])
    #expect(try Self.transposedWithBias([1, 2, 3, 3], output: [1, 9, 9, 2]).shapes() == [[1, 4, 6, 2]])
  }

  @Test func refusesCustomOptionsThatAreNone() {
    var node = Self.transposedWithBias([1, 2, 3, 3])
    for options in [
      [], Array(node.customOptions.dropLast()), [UInt8](repeating: 0, count: 12), [UInt8](repeating: 255, count: 12),
    ] {
      node.customOptions = options
      #expect(node.refusal()?.code == .optionInvalid)
    }
  }

  @Test func transposedConvolutionScattersItsWindows() throws {
    let node = OneNode(
      67,
      [
        .ints(1, 1, 4, 1), .constant(.float32, [1, 1, 2, 1], [1, 10]), .input(.float32, [1, 1, 3, 1]),
        .constant(.float32, [1], [0.5]),
      ], [.float32], options: [0: .int8(1), 1: .int32(1), 2: .int32(1)])
    #expect(try node.run([1, 2, 3]) == [[1.5, 12.5, 23.5, 30.5]])
  }
}
