import Foundation
import ModelFormat
import TestSupport
import Testing

@testable import Swiftlet

/// The functions against the C library in Double.
@Suite struct ElementwiseFunctionTests {
  struct Function: Sendable, CustomTestStringConvertible {
    let name: String
    let code: Int
    var options: [Int: FieldValue] = [:]
    var version = 1
    var range: ClosedRange<Double> = -9...9
    let real: @Sendable (Double) -> Double

    var testDescription: String { name }
  }

  static let gelus: [Function] = [
    Function(name: "GELU", code: 150) { $0 * 0.5 * erfc(-$0 * 0.5.squareRoot()) },
    Function(name: "GELU tanh", code: 150, options: [0: .bool(true)]) {
      0.5 * $0 * (1 + tanh((2 / Double.pi).squareRoot() * ($0 + 0.044715 * $0 * $0 * $0)))
    },
  ]

  static let functions: [Function] = [
    Function(name: "RELU", code: 19) { max($0, 0) },
    Function(name: "RELU6", code: 21) { min(max($0, 0), 6) },
    Function(name: "RELU_N1_TO_1", code: 20) { min(max($0, -1), 1) },
    Function(name: "RELU_0_TO_1", code: 152) { min(max($0, 0), 1) },
    Function(name: "LEAKY_RELU", code: 98, options: [0: .float(0.25)]) { $0 < 0 ? $0 * 0.25 : $0 },
    Function(name: "LOGISTIC", code: 14) { 1 / (1 + exp(-$0)) },
    Function(name: "TANH", code: 28) { tanh($0) },
    Function(name: "HARD_SWISH", code: 117) { $0 * min(max($0 + 3, 0), 6) / 6 },
    Function(name: "ELU", code: 111) { $0 < 0 ? expm1($0) : $0 },
    Function(name: "EXP", code: 47) { exp($0) },
    Function(name: "LOG", code: 73, range: 0.01...50) { log($0) },
    Function(name: "SQRT", code: 75, range: 0...50) { $0.squareRoot() },
    Function(name: "RSQRT", code: 76, range: 0.01...50) { 1 / $0.squareRoot() },
    Function(name: "SIN", code: 66, range: -1e4...1e4) { sin($0) },
    Function(name: "COS", code: 108, range: -1e4...1e4) { cos($0) },
    Function(name: "ABS", code: 101) { abs($0) },
    Function(name: "NEG", code: 59) { -$0 },
    Function(name: "SQUARE", code: 92) { $0 * $0 },
    Function(name: "FLOOR", code: 8) { $0.rounded(.down) },
    Function(name: "CEIL", code: 104) { $0.rounded(.up) },
    Function(name: "ROUND", code: 116) { $0.rounded(.toNearestOrEven) },
    Function(name: "SIGN", code: 158) { $0 == 0 ? 0 : $0 < 0 ? -1 : 1 },
  ]

  @Test(arguments: functions) func isWithinTwoAndAHalfUnitsOnFloat32(function: Function) throws {
    let count = 8001
    let step = (function.range.upperBound - function.range.lowerBound) / Double(count - 1)
    let values = (0..<count).map { Double(Float(function.range.lowerBound + step * Double($0))) }
    let node = OneNode(function.code, [.input(.float32, [count])], [.float32], options: function.options)
    var worst = 0.0
    for (x, found) in zip(values, try node.everywhere(values)) {
      let expected = function.real(x)
      worst = max(worst, abs(found - expected) / Double(max(Float(abs(expected)).ulp, Float.leastNormalMagnitude)))
    }
    #expect(worst <= 2.5)
  }

  @Test(arguments: gelus) func geluIsNearForItsArgument(function: Function) throws {
    let values = (-12000...12000).map { Double(Float($0) / 1000) } + [1e-30, -1e-30, 40, -40, 1e12, -1e12]
    let node = OneNode(function.code, [.input(.float32, [values.count])], [.float32], options: function.options)
    let worst =
      zip(values, try node.everywhere(values)).map { x, found in
        abs(found - function.real(x)) / max(abs(x), Double(Float.leastNormalMagnitude))
      }.max() ?? 0
    #expect(worst <= 2.6e-7)
  }

  static let specials: [(String, Int, [Double])] = [
    ("EXP", 47, [0, .infinity, 1, 0]), ("LOGISTIC", 14, [0, 1, 0.5, 0]), ("TANH", 28, [-1, 1, 0, -1]),
    ("ELU", 111, [-1, .infinity, 0, -1]), ("FLOOR", 8, [-.infinity, .infinity, 0, -3e38]),
    ("SIGN", 158, [-1, 1, 0, -1]), ("RELU6", 21, [0, 6, 0, 0]),
  ]

  @Test(arguments: specials) func infinitiesAndNaNHaveTheirLimits(name: String, code: Int, expected: [Double]) throws {
    let node = OneNode(code, [.input(.float32, [5])], [.float32])
    let found = try node.everywhere([-.infinity, .infinity, 0, -3e38, .nan])
    #expect(found[0] == expected[0] && found[1] == expected[1] && found[2] == expected[2])
    #expect(abs(found[3] - expected[3]) <= abs(expected[3]) * 1e-6)
    #expect(found[4].isNaN)
  }

  @Test func logarithmsAndRootsOfNegativeNumbersAreNaN() throws {
    for code in [73, 75, 76] {
      #expect(try OneNode(code, [.input(.float32, [1])], [.float32]).everywhere([-1])[0].isNaN)
    }
    #expect(try OneNode(73, [.input(.float32, [1])], [.float32]).everywhere([0]) == [-.infinity])
  }

  // MARK: 8 and 16 bits

  static let onBytes = (functions + gelus).filter {
    !["SIN", "COS", "SQUARE", "FLOOR", "CEIL", "ROUND", "SIGN", "RELU_0_TO_1"].contains($0.name)
  }

  @Test(arguments: onBytes) func tablesAreWithinOneUnit(function: Function) throws {
    for type in [ElementType.int8, .uint8] where hasBytes(function, type) {
      let isPositive = function.range.lowerBound >= 0
      let zero = isPositive ? (type == .int8 ? -129.0 : -1.0) : (type == .int8 ? 5.0 : 120.0)
      let inputZero = max(zero, type == .int8 ? -128 : 0)
      let values = allStored(type).filter { !isPositive || $0 > inputZero }
      let output = outputQuantization(function, type)
      let node = OneNode(
        function.code, [.input(type, [values.count], .perTensor(0.03, Int64(inputZero)))], [type],
        options: function.options, quantization: .perTensor(Float(output.0), Int64(output.1)))
      for (q, found) in zip(values, try node.everywhere(values)) {
        let expected = stored(function.real((q - inputZero) * 0.03), type, output.0, output.1)
        #expect(abs(found - expected) <= 1, "\(function.name) of \(q)")
      }
    }
  }

  private func hasBytes(_ function: Function, _ type: ElementType) -> Bool {
    type == .int8 || !["EXP", "LOG", "SQRT", "RSQRT", "ABS", "NEG", "ELU"].contains(function.name)
  }

  private func outputQuantization(_ function: Function, _ type: ElementType) -> (Double, Double) {
    let lowest = type == .int8 ? -128.0 : 0.0
    return switch function.name {
    case "LOGISTIC": (1 / 256, lowest)
    case "TANH": (1 / 128, lowest + 128)
    case "EXP": (0.2, lowest)
    default: (0.04, lowest + 120)
    }
  }

  static let on16Bits: [(String, Double, Double)] = [
    ("LOGISTIC", 1 / 4096, 1 / 32768), ("TANH", 1 / 4096, 1 / 32768), ("LOGISTIC", 0.0007, 1 / 32768),
    ("TANH", 0.0007, 1 / 32768), ("RELU", 0.0003, 0.0002), ("RELU6", 0.0003, 0.0002), ("LEAKY_RELU", 0.0003, 0.0002),
    ("ABS", 0.0003, 0.0002), ("NEG", 0.0003, 0.0003), ("EXP", 0.0001, 0.001), ("GELU", 0.0002, 0.0003),
    ("SQRT", 0.0003, 0.0002),
  ]

  @Test(arguments: on16Bits) func sixteenBitsAreWithinFourUnits(name: String, input: Double, output: Double) throws {
    let function = try #require((Self.functions + Self.gelus).first { $0.name == name })
    let isPositive = function.range.lowerBound >= 0
    let values = stride(from: isPositive ? 0 : -32768, to: 32768, by: 37).map { Double($0) }
    let node = OneNode(
      function.code, [.input(.int16, [values.count], .perTensor(Float(input), 0))], [.int16],
      options: function.options, quantization: .perTensor(Float(output), 0))
    for (q, found) in zip(values, try node.everywhere(values)) {
      let expected = stored(function.real(q * Double(Float(input))), .int16, Double(Float(output)), 0)
      #expect(abs(found - expected) <= 4, "\(name) of \(q)")
    }
  }

  @Test func logarithmOfNothingIsTheLowestAndTheInverseRootTheHighest() throws {
    let quantization = QuantizationSpec.perTensor(0.05, 0)
    let log = OneNode(73, [.input(.int8, [2], quantization)], [.int8], quantization: quantization)
    #expect(try log.everywhere([0, -5]) == [-128, -128])
    let root = OneNode(76, [.input(.int8, [1], quantization)], [.int8], quantization: quantization)
    #expect(try root.everywhere([0]) == [127])
  }

  @Test func negatingTheLowestIntegerSaturates() throws {
    let node = OneNode(59, [.input(.int32, [3])], [.int32])
    #expect(try node.everywhere([-2_147_483_648, 5, 0]) == [2_147_483_647, -5, 0])
  }

  // MARK: Refusals

  @Test(arguments: [(47, ElementType.uint8), (66, .int8), (117, .int16), (14, .int32), (8, .bool)])
  func refusesTypesItDoesNotHave(code: Int, type: ElementType) {
    let node = OneNode(code, [.input(type, [2], .perTensor(0.1, 0))], [type], quantization: .perTensor(0.1, 0))
    #expect(node.refusal()?.code == .typeUnsupported)
  }

  @Test func refusesAnotherOutputTypeAndMissingQuantization() {
    #expect(OneNode(19, [.input(.float32, [2])], [.int8]).refusal()?.code == .typeMismatch)
    #expect(OneNode(19, [.input(.int8, [2])], [.int8]).refusal()?.code == .quantizationInvalid)
  }

  @Test func refusesA16BitLogisticOfAnotherOutputScale() {
    let node = OneNode(
      14, [.input(.int16, [2], .perTensor(0.001, 0))], [.int16], quantization: .perTensor(0.001, 0))
    #expect(node.refusal()?.operand == .output(0))
  }
}
