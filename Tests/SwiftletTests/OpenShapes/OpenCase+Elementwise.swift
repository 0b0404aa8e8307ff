import ModelFormat
import TestSupport

@testable import Swiftlet

extension OpenCase {
  private static let f = ElementType.float32
  private static let eighth = QuantizationSpec.perTensor(0.125, 3)
  private static let rows = [12, 7]

  private static func unary(_ code: Int, _ type: ElementType, _ output: QuantizationSpec? = nil) -> OpenCase {
    OpenCase(
      "unary \(code) \(type.name)", code, [.open(type, .a, .b)], [type], largest: rows,
      quantization: type.isQuantized ? output ?? eighth : nil)
  }

  private static func binary(_ code: Int, _ type: ElementType, _ output: ElementType? = nil) -> OpenCase {
    OpenCase(
      "binary \(code) \(type.name)", code, [.open(type, .a, .b), .open(type, .a, .b)], [output ?? type], largest: rows,
      quantization: type.isQuantized ? eighth : nil,
      element: { input, type, index in
        type == .int32 ? Double(index % 5 + 1) : type == .uint8 ? Double(index % 120 + 4) : pattern(input, type, index)
      })
  }

  static let elementwise: [OpenCase] = unaries + binaries + otherElementwise

  private static let unaries: [OpenCase] = {
    let codes = [8, 14, 19, 20, 21, 28, 47, 59, 66, 73, 75, 76, 92, 98, 101, 104, 108, 111, 116, 117, 150, 152, 158]
    var cases = codes.map { unary($0, f) }
    for code in [19, 28, 101, 98] { cases.append(unary(code, .int8)) }
    cases.append(unary(14, .int8, .perTensor(1 / 256, -128)))
    cases.append(unary(14, .int16, .perTensor(1 / 32768, 0)))
    return cases
  }()

  private static let binaries: [OpenCase] = {
    var cases = [0, 18, 41, 42, 55, 57, 78, 90, 95, 99, 156].map { binary($0, f) }
    for code in [0, 18, 41, 55] { cases += [binary(code, .int8), binary(code, .uint8)] }
    for code in [90, 95, 160, 161] { cases.append(binary(code, .int32)) }
    for code in [58, 61, 62, 63, 71, 72] { cases += [binary(code, f, .bool), binary(code, .int8, .bool)] }
    for code in [84, 86] { cases.append(binary(code, .bool)) }
    return cases
  }()

  private static let otherElementwise: [OpenCase] =
    [
      OpenCase("LOGICAL_NOT", 87, [.open(.bool, .a, .b)], [.bool], largest: rows),
      OpenCase("CAST", 53, [.open(f, .a, .b)], [.int32], largest: rows),
      OpenCase("QUANTIZE", 114, [.open(f, .a, .b)], [.int8], largest: rows, quantization: eighth),
      OpenCase(
        "QUANTIZE per channel", 114, [.open(f, .a, 3)], [.int8], largest: [72],
        quantization: .perChannel([0.5, 0.25, 0.125], dimension: 1), outputShape: [1, 3]),
      OpenCase("DEQUANTIZE", 6, [.open(.int8, .a, .b)], [f], largest: rows),
      OpenCase(
        "DEQUANTIZE per channel", 6, [.piece(.int8, [.a, 3], .perChannel([0.5, 0.25, 0.125], dimension: 1))], [f],
        largest: [72]),
      OpenCase("ADD_N", 106, [.open(f, .a, .b), .open(f, .a, .b), .open(f, .a, .b)], [f], largest: rows),
      OpenCase("PRELU", 54, [.open(f, .a, .b, 3), .constant([3])], [f], largest: rows),
      OpenCase(
        "PRELU int8", 54, [.open(.int8, .a, .b, 3), .constant([3], .int8)], [.int8], largest: rows, quantization: eighth
      ),
      OpenCase("ZEROS_LIKE", 93, [.open(f, .a, .b)], [f], largest: rows),
      OpenCase(
        "FAKE_QUANT", 80, [.open(f, .a, .b)], [f], largest: rows,
        options: [0: .float(-1), 1: .float(1), 2: .int32(8)]),
      OpenCase("BUCKETIZE", 147, [.open(f, .a, .b)], [.int32], largest: rows, options: [0: .floatVector([-1, 0, 2])]),
      OpenCase("SELECT", 64, [.open(.bool, .a), .open(f, .a, .b), .open(f, .a, .b)], [f], largest: rows),
      OpenCase("SELECT_V2", 123, [.open(.bool, .a, 1), .open(f, .a, .b), .constant([])], [f], largest: rows),
    ]

  static let reductions: [OpenCase] = plainReductions + normalizations

  private static let plainReductions: [OpenCase] = {
    var cases: [OpenCase] = []
    for code in [74, 40, 82, 89, 81] {
      for axis in 0...1 {
        cases.append(
          OpenCase("reduction \(code) of axis \(axis)", code, [.open(f, .a, .b), .ints(axis)], [f], largest: rows))
      }
    }
    for code in [74, 40, 82, 81] {
      for type in [ElementType.int8, .int16] {
        cases.append(
          OpenCase(
            "reduction \(code) \(type.name)", code, [.open(type, .a, .b), .ints(0)], [type], largest: rows,
            quantization: .perTensor(0.125, type == .int16 ? 0 : 3)))
      }
    }
    for code in [91, 140] {
      cases.append(OpenCase("reduction \(code)", code, [.open(.bool, .a, .b), .ints(1)], [.bool], largest: rows))
    }
    for code in [56, 79] {
      cases.append(OpenCase("ARG \(code)", code, [.open(f, .a, .b), .scalar(1)], [.int32], largest: rows))
    }
    return cases
  }()

  private static let normalizations: [OpenCase] =
    [
      OpenCase("SOFTMAX", 25, [.open(f, .a, .b)], [f], largest: rows, options: [0: .float(1)]),
      OpenCase(
        "SOFTMAX int8", 25, [.open(.int8, .a, .b)], [.int8], largest: rows, options: [0: .float(1)],
        quantization: .perTensor(1 / 256, -128)),
      OpenCase("LOG_SOFTMAX", 50, [.open(f, .a, .b)], [f], largest: rows),
      OpenCase(
        "LOG_SOFTMAX int8", 50, [.open(.int8, .a, .b)], [.int8], largest: rows,
        quantization: .perTensor(16 / 256, 127)),
      OpenCase("L2_NORMALIZATION", 11, [.open(f, .a, .b)], [f], largest: rows, options: [0: .int8(0)]),
      OpenCase(
        "L2_NORMALIZATION int8", 11, [.open(.int8, .a, .b)], [.int8], largest: rows, options: [0: .int8(0)],
        quantization: .perTensor(1 / 128, 0)),
      OpenCase(
        "LOCAL_RESPONSE_NORMALIZATION", 13, [.open(f, 1, .a, .b, 4)], [f], largest: rows,
        options: [0: .int32(1), 1: .float(1), 2: .float(0.5), 3: .float(0.5)]),
      OpenCase("CUMSUM", 128, [.open(f, .a, .b), .scalar(0)], [f], largest: rows, options: [0: .bool(true)]),
    ]
}
