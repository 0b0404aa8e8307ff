import ModelFormat
import TestSupport
import Testing

@testable import Swiftlet

@Suite struct ElementwiseArithmeticTests {
  static let shapes: [([Int], [Int])] = [
    ([], []), ([1], [1]), ([7], [7]), ([7], []), ([1], [9]), ([2, 3], [3]), ([3], [2, 3]), ([2, 3], [2, 1]),
    ([4, 1, 5], [1, 6, 1]), ([2, 1, 3, 1, 2], [1, 4, 1, 5, 1]), ([100, 100, 3], [3]), ([40, 300], [300]),
    ([300, 40], [300, 1]), ([2, 2, 2, 2, 2, 2, 2, 2], [2, 1, 2, 1, 2, 1, 2, 1]), ([5000], [1]), ([2, 0], [2, 1]),
    ([300, 1], [17]), ([17], [300, 1]), ([2, 150, 1], [1, 9]),
  ]

  /// The element of an operand at an index of the output, by NumPy's rule.
  private func element(_ index: Int, of shape: [Int], in output: [Int]) -> Int {
    var (rest, position, stride) = (index, 0, 1)
    for (d, size) in output.enumerated().reversed() {
      let own = d - (output.count - shape.count)
      let coordinate = rest % size
      rest /= size
      guard own >= 0 else { continue }
      position += shape[own] == 1 ? 0 : coordinate * stride
      stride *= shape[own]
    }
    return position
  }

  @Test(arguments: shapes, [ElementType.float32, .int32, .int64, .int16])
  func subtractsWithBroadcasting(shapes: ([Int], [Int]), type: ElementType) throws {
    let quantization: QuantizationSpec? = type == .int16 ? .perTensor(0.25, 0) : nil
    let node = OneNode(
      41, [.input(type, shapes.0, quantization), .input(type, shapes.1, quantization)], [type],
      quantization: quantization)
    let output = try node.shapes()[0]
    let a = (0..<shapes.0.reduce(1, *)).map { Double($0 % 97) }
    let b = (0..<shapes.1.reduce(1, *)).map { Double($0 % 89) * 2 }
    let expected = (0..<output.reduce(1, *)).map {
      a[element($0, of: shapes.0, in: output)] - b[element($0, of: shapes.1, in: output)]
    }
    #expect(try node.everywhere(a, b) == expected)
  }

  @Test(arguments: [0, 1]) func bytesBroadcastRowsAgainstColumns(position: Int) throws {
    let quantization = QuantizationSpec.perTensor(0.25, 0)
    let shapes = position == 0 ? [[300, 1], [17]] : [[17], [300, 1]]
    let node = OneNode(
      55, shapes.map { .input(.int8, $0, quantization) }, [.int8], quantization: quantization)
    let column = (0..<300).map { Double($0 % 97) }
    let row = (0..<17).map { Double($0 * 5) }
    let expected = column.flatMap { element in row.map { max($0, element) } }
    let found = try position == 0 ? node.everywhere(column, row) : node.everywhere(row, column)
    #expect(found == expected)
  }

  @Test(arguments: [
    (0, 5.0), (41, 1.0), (18, 6.0), (42, 1.5), (55, 3.0), (57, 2.0), (99, 1.0), (78, 9.0), (90, 1.0), (95, 1.0),
  ])
  func computesOnFloat32(code: Int, expected: Double) throws {
    let node = OneNode(code, [.input(.float32, [1]), .input(.float32, [1])], [.float32])
    #expect(try node.everywhere([3], [2]) == [expected])
  }

  @Test(arguments: [(0, [0, 6, 2.5]), (1, [0, 8, 2.5]), (2, [-1, 1, 1]), (3, [0, 6, 2.5])] as [(Int8, [Double])])
  func limitsByTheActivation(code: Int8, expected: [Double]) throws {
    let node = OneNode(
      0, [.input(.float32, [3]), .input(.float32, [3])], [.float32], options: [0: .int8(code)])
    let sums = try node.everywhere([-3, 4, 2], [1, 4, 0.5])
    #expect(sums == (code == 0 ? [-2, 8, 2.5] : expected))
  }

  @Test func refusesAnActivationThatIsNoLimit() {
    let node = OneNode(0, [.input(.float32, [3]), .input(.float32, [3])], [.float32], options: [0: .int8(4)])
    #expect(node.refusal()?.code == .optionUnsupported)
  }

  @Test(
    arguments: [(42, [0, 2_147_483_647, -3, 0]), (90, [0, 2_147_483_647, -4, 0]), (95, [0, 0, 1, 0])]
      as [(Int, [Double])])
  func definesEveryIntegerDivision(code: Int, expected: [Double]) throws {
    let node = OneNode(code, [.input(.int32, [4]), .input(.int32, [4])], [.int32])
    #expect(try node.everywhere([5, -2_147_483_648, -7, -2_147_483_648], [0, -1, 2, 0]) == expected)
  }

  @Test func wrapsIntegersAround() throws {
    let node = OneNode(18, [.input(.int32, [2]), .input(.int32, [2])], [.int32])
    #expect(try node.everywhere([65536, -2_147_483_648], [65536, -1]) == [0, -2_147_483_648])
    let power = OneNode(78, [.input(.int32, [4]), .input(.int32, [4])], [.int32])
    #expect(try power.everywhere([3, 2, -1, 2], [4, 32, -3, -1]) == [81, 0, -1, 0])
  }

  @Test func remaindersHaveTheSignOfTheDivisor() throws {
    let node = OneNode(95, [.input(.float32, [4]), .input(.float32, [4])], [.float32])
    #expect(try node.everywhere([7.5, -7.5, 7.5, -7.5], [2, 2, -2, -2]) == [1.5, 0.5, -0.5, -1.5])
  }

  @Test func minimumAndMaximumOfNaNGiveTheSecondOperand() throws {
    for code in [55, 57] {
      let node = OneNode(code, [.input(.float32, [2]), .input(.float32, [2])], [.float32])
      let result = try node.everywhere([.nan, 1], [1, .nan])
      #expect(result[0] == 1 && result[1].isNaN)
    }
  }

  @Test func arcTangentsCoverAllQuadrants() throws {
    let node = OneNode(156, [.input(.float32, [5]), .input(.float32, [5])], [.float32])
    let result = try node.everywhere([1, 1, -1, -1, 0], [1, -1, -1, 1, -2])
    for (found, expected) in zip(result, [0.25, 0.75, -0.75, -0.25, 1]) {
      #expect(abs(found - expected * Double.pi) < 1e-6)
    }
  }

  // MARK: Quantized

  static let quantizations: [(Double, Double)] = [(0.02, 3), (0.007, -5), (0.11, 0)]

  /// All pairs of stored numbers against real arithmetic, within one unit.
  @Test(arguments: [0, 41, 18, 99, 42, 54], [ElementType.int8, .uint8])
  func quantizedArithmeticIsWithinOneUnit(code: Int, type: ElementType) throws {
    guard code != 99 || type == .int8 else { return }
    let zero = type == .int8 ? 0.0 : 128.0
    let (a, b, output) = (Self.quantizations[0], Self.quantizations[1], Self.quantizations[2])
    let node = OneNode(
      code,
      [
        .input(type, [256, 1], .perTensor(Float(a.0), Int64(a.1 + zero))),
        .input(type, [1, 256], .perTensor(Float(b.0), Int64(b.1 + zero))),
      ], [type], quantization: .perTensor(Float(output.0), Int64(output.1 + zero)))
    guard code != 54 else { return try checkPReLU(type, zero) }
    let values = allStored(type)
    let found = try node.everywhere(values, values)
    var worst = 0.0
    for (i, qa) in values.enumerated() {
      for (j, qb) in values.enumerated() {
        let (x, y) = ((qa - a.1 - zero) * Double(Float(a.0)), (qb - b.1 - zero) * Double(Float(b.0)))
        guard code != 42 || y != 0 else { continue }
        let expected = stored(real(code, x, y), type, Double(Float(output.0)), output.1 + zero)
        worst = max(worst, abs(found[i * 256 + j] - expected))
      }
    }
    #expect(worst <= 1)
  }

  private func real(_ code: Int, _ x: Double, _ y: Double) -> Double {
    switch code {
    case 0: x + y
    case 41: x - y
    case 18: x * y
    case 42: x / y
    default: (x - y) * (x - y)
    }
  }

  private func checkPReLU(_ type: ElementType, _ zero: Double) throws {
    let node = OneNode(
      54, [.input(type, [256], .perTensor(0.02, Int64(zero))), .input(type, [1], .perTensor(0.01, Int64(zero)))],
      [type], quantization: .perTensor(0.015, Int64(zero)))
    let values = allStored(type)
    let found = try node.everywhere(values, [zero + 50])
    for (q, result) in zip(values, found) {
      let x = (q - zero) * Double(Float(0.02))
      let expected = stored(x < 0 ? x * 0.5 : x, type, Double(Float(0.015)), zero)
      #expect(abs(result - expected) <= 1)
    }
  }

  @Test(arguments: [true, false]) func adds16BitsOfAnyScale(isPowerOfTwo: Bool) throws {
    let (a, b) = isPowerOfTwo ? (0x1p-12, 0x1p-11) : (0.0003, 0.0007)
    let node = OneNode(
      0, [.input(.int16, [4], .perTensor(Float(a), 0)), .input(.int16, [4], .perTensor(Float(b), 0))], [.int16],
      quantization: .perTensor(Float(b), 0))
    let (x, y) = ([30000.0, -30000, 101, 32767], [1234.0, -5678, 7, 32767])
    let found = try node.everywhere(x, y)
    for index in 0..<4 {
      let expected = stored(x[index] * Double(Float(a)) + y[index] * Double(Float(b)), .int16, Double(Float(b)), 0)
      #expect(abs(found[index] - expected) <= 1)
    }
  }

  @Test func dividingQuantizedNumbersByZeroSaturates() throws {
    let quantization = QuantizationSpec.perTensor(0.1, 0)
    let node = OneNode(
      42, [.input(.int8, [3], quantization), .input(.int8, [3], quantization)], [.int8], quantization: quantization)
    #expect(try node.everywhere([5, -5, 0], [0, 0, 0]) == [127, -128, 0])
  }

  /// Ratios of scales far outside the multipliers' range saturate or vanish; nothing overflows.
  @Test(arguments: [0, 18], [Float(1e-35), 1e30]) func extremeScalesSaturate(code: Int, scale: Float) throws {
    let quantization = QuantizationSpec.perTensor(0.1, 0)
    let node = OneNode(
      code, [.input(.int8, [4], quantization), .input(.int8, [4], quantization)], [.int8],
      quantization: .perTensor(scale, 0))
    #expect(try node.everywhere([5, -5, 0, 1], [5, 5, 0, 1])[0] == (scale < 1 ? 127 : 0))
  }

  /// A constant of one value turns the operator into a table, which has to hold what the kernel gives.
  @Test(arguments: [0, 41, 18, 42], [0, 1]) func constantsGiveWhatComputedOperandsGive(code: Int, position: Int) throws
  {
    let all = allStored(.int8) + [-128, 0, 127]
    let one = [-53.0]
    let (first, second) = (QuantizationSpec.perTensor(0.7, 3), QuantizationSpec.perTensor(1e-5, -9))
    func node(_ other: OneNode.Value) -> OneNode {
      let variable = OneNode.Value.input(.int8, [all.count], first)
      return OneNode(
        code, position == 0 ? [variable, other] : [other, variable], [.int8], quantization: .perTensor(0.3, 1))
    }
    let computed = node(.input(.int8, [1], second))
    let expected = try position == 0 ? computed.everywhere(all, one) : computed.everywhere(one, all)
    for count in [1, all.count] {
      let constant = OneNode.Value.constant(.int8, [count], Array(repeating: one[0], count: count), second)
      #expect(try node(constant).everywhere(all) == expected)
    }
    let mixed = one + Array(repeating: 50, count: all.count - 1)
    let computedMixed = node(.input(.int8, [all.count], second))
    let different = try position == 0 ? computedMixed.everywhere(all, mixed) : computedMixed.everywhere(mixed, all)
    #expect(try node(.constant(.int8, [all.count], mixed, second)).everywhere(all) == different)
  }

  // MARK: Refusals

  @Test func refusesWhatDoesNotBroadcast() {
    let error = OneNode(0, [.input(.float32, [2, 3]), .input(.float32, [2])], [.float32]).refusal()
    #expect(error?.code == .shapeMismatch)
    #expect(error?.operand == .input(1))
  }

  @Test func refusesMixedTypes() {
    #expect(OneNode(0, [.input(.float32, [2]), .input(.int32, [2])], [.float32]).refusal()?.operand == .input(1))
    #expect(OneNode(0, [.input(.int32, [2]), .input(.int32, [2])], [.float32]).refusal()?.operand == .output(0))
  }

  @Test(arguments: [(0, ElementType.bool), (78, .int8), (156, .int32), (42, .int64), (99, .uint8)])
  func refusesTypesItDoesNotHave(code: Int, type: ElementType) {
    let node = OneNode(code, [.input(type, [2]), .input(type, [2])], [type])
    #expect(node.refusal()?.code == .typeUnsupported)
  }

  @Test(arguments: [0, 1, 2]) func refusesOperandsWithoutQuantization(missing: Int) {
    let quantization = (0..<3).map { $0 == missing ? nil : QuantizationSpec.perTensor(0.1, 0) }
    let node = OneNode(
      18, [.input(.int8, [2], quantization[0]), .input(.int8, [2], quantization[1])], [.int8],
      quantization: quantization[2])
    #expect(node.refusal()?.code == .quantizationInvalid)
    #expect(node.refusal()?.operand == (missing == 2 ? .output(0) : .input(missing)))
  }

  @Test func refuses16BitsWithAZeroPoint() {
    let quantization = QuantizationSpec.perTensor(0.1, 4)
    let node = OneNode(
      0, [.input(.int16, [2], quantization), .input(.int16, [2], quantization)], [.int16], quantization: quantization)
    #expect(node.refusal()?.field.description == "zero point")
  }
}
