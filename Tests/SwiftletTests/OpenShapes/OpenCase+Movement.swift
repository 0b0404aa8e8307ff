import ModelFormat
import TestSupport

@testable import Swiftlet

extension OpenCase {
  private static let f = ElementType.float32
  private static let eighth = QuantizationSpec.perTensor(0.125, 3)
  private static let sides = [12, 9]

  private static let padding = OpenOperand.closed(.pairs(1, 2, 0, 3))

  static let movement: [OpenCase] = [
    OpenCase("PAD", 34, [.open(f, .a, .b), padding], [f], largest: sides),
    OpenCase("PAD int8", 34, [.open(.int8, .a, .b), padding], [.int8], largest: sides, quantization: eighth),
    OpenCase("PADV2", 60, [.open(f, .a, .b), padding, .constant([])], [f], largest: sides),
    OpenCase(
      "PAD by a computed number", 34, [.open(f, 2, 3), .closed(.input(.int32, [2, 2]))], [f], largest: [],
      element: { input, type, index in input == 1 ? Double(index) : pattern(input, type, index) }),
    OpenCase(
      "MIRROR_PAD", 100, [.open(f, .a, .b), .closed(.pairs(1, 2, 2, 0))], [f], largest: [12, 11], least: [0: 3, 1: 3],
      options: [0: .int8(0)]),
    OpenCase(
      "MIRROR_PAD at the edge", 100, [.open(f, .a, .b), .closed(.pairs(1, 2, 2, 0))], [f], largest: sides,
      least: [0: 2, 1: 2], options: [0: .int8(1)]),
    OpenCase("SPLIT", 49, [.scalar(0), .open(f, .twoA, .b)], [f, f], largest: sides, options: [0: .int32(2)]),
    OpenCase(
      "SPLIT_V", 102, [.open(f, .a, .bAnd2), .ints(-1, 2), .scalar(1)], [f, f], largest: sides,
      options: [0: .int32(2)]),
    OpenCase(
      "PACK", 83, [.open(f, .a, .b), .open(f, .a, .b)], [f], largest: sides, options: [0: .int32(2), 1: .int32(1)]),
    OpenCase("UNPACK", 88, [.open(f, .a, 3, .b)], [f, f, f], largest: sides, options: [0: .int32(3), 1: .int32(1)]),
    OpenCase("CONCATENATION", 2, [.open(f, .a, .b), .open(f, .a, .b)], [f], largest: sides, options: [0: .int32(1)]),
    OpenCase(
      "CONCATENATION uint8 between quantizations", 2,
      [.piece(.uint8, [.a, .b], .perTensor(0.25, 7)), .open(.uint8, .a, .b)], [.uint8], largest: sides,
      options: [0: .int32(0)], quantization: eighth),
    OpenCase("TRANSPOSE", 39, [.open(f, .a, .b, 2), .ints(1, 2, 0)], [f], largest: sides),
    OpenCase("SQUEEZE", 43, [.open(f, 1, .a, 1, .b)], [f], largest: sides, options: [0: .int32Vector([0, 2])]),
    OpenCase("EXPAND_DIMS", 70, [.open(f, .a, .b), .scalar(1)], [f], largest: sides),
    OpenCase("RESHAPE", 22, [.open(f, .twoA, .b), .ints(-1, 2)], [f], largest: sides),
    OpenCase("SHAPE", 77, [.open(f, .a, .b)], [.int32], largest: sides),
    OpenCase("RANK", 110, [.open(f, .a, .b)], [.int32], largest: sides),
    OpenCase("SLICE", 65, [.open(f, .a, .b), .ints(0, 0), .ints(-1, 1)], [f], largest: sides),
    OpenCase(
      "STRIDED_SLICE", 45, [.open(f, .a, .b), .ints(0, 0), .ints(0, 0), .ints(2, -1)], [f], largest: sides,
      options: [0: .int32(3), 1: .int32(3)]),
    OpenCase("TILE", 69, [.open(f, .a, .b), .ints(2, 3)], [f], largest: sides),
    OpenCase("FILL", 94, [.deciding([.a, .b]), .scalar(7)], [.int32], largest: sides),
    OpenCase("BROADCAST_TO", 130, [.constant([1, 4]), .deciding([.a, .b, 4])], [f], largest: sides),
    OpenCase("REVERSE_V2", 105, [.open(f, .a, .b), .ints(0)], [f], largest: sides),
    OpenCase(
      "REVERSE_SEQUENCE", 112, [.open(f, .a, .b), .open(.int32, .a)], [f], largest: sides,
      options: [0: .int32(1), 1: .int32(0)]),
    OpenCase("MATRIX_DIAG", 113, [.open(f, .a, .b)], [f], largest: sides),
    OpenCase("MATRIX_SET_DIAG", 115, [.open(f, .a, 3, .bAnd3), .open(f, .a, 3)], [f], largest: sides),
    OpenCase("DENSIFY", 124, [.open(f, .a, .b)], [f], largest: sides),
    OpenCase("BITCAST", 159, [.open(.int32, .a, .b)], [.uint8], largest: sides),
    OpenCase("DILATE", 203, [.open(f, .a, .b), .ints(2, 3), .constant([])], [f], largest: sides),
    OpenCase(
      "DYNAMIC_UPDATE_SLICE", 151, [.open(f, .a, .b), .constant([1, 1]), .ints(3, 4)], [f], largest: sides),
  ]

  static let indices: [OpenCase] = picking + unsortedSegments

  private static let picking: [OpenCase] =
    [
      OpenCase("GATHER", 36, [.constant([5, 2]), .open(.int32, .a, .b)], [f], largest: sides),
      OpenCase("GATHER by constants", 36, [.open(f, .a, .b), .ints(0, 2, 1)], [f], largest: sides, least: [0: 3]),
      OpenCase("GATHER_ND", 107, [.open(f, .a, .b), .open(.int64, .a, 2)], [f], largest: sides),
      OpenCase("GATHER_ND by constants", 107, [.open(f, .a, .b), .ints(2)], [f], largest: sides, least: [0: 3]),
      OpenCase("SCATTER_ND", 122, [.open(.int32, .a, 1), .open(f, .a, 4), .ints(5, 4)], [f], largest: [72]),
      OpenCase(
        "SPARSE_TO_DENSE", 68, [.open(.int32, .a, 2), .ints(6, 7), .open(f, .a), .constant([])], [f], largest: [72]),
      OpenCase(
        "ONE_HOT", 85,
        [.open(.int32, .a, .b), .scalar(4), .closed(.constant(f, [], [9])), .closed(.constant(f, [], [-1]))], [f],
        largest: sides, options: [0: .int32(-1)]),
      OpenCase("EMBEDDING_LOOKUP", 7, [.open(.int32, .a), .constant([5, 3])], [f], largest: [72]),
      OpenCase(
        "EMBEDDING_LOOKUP hybrid", 7,
        [
          .open(.int32, .a),
          .closed(.constant(.int8, [3, 2], [1, -2, 3, 4, 5, 6], .perChannel([0.5, 2, 1], dimension: 0))),
        ], [f], largest: [72]),
      OpenCase("TOPK_V2", 48, [.open(f, .a, .b), .scalar(1)], [f, .int32], largest: sides),
      OpenCase("WHERE", 109, [.open(.int32, .a, .b)], [.int64], largest: sides),
      OpenCase("BROADCAST_ARGS", 145, [.open(.int32, .a), .open(.int32, .a)], [.int32], largest: [72]),
      OpenCase(
        "SEGMENT_SUM", 125, [.open(f, .a, 2), .open(.int32, .a)], [f], largest: [72],
        element: { input, type, index in input == 1 ? Double(index / 3) : pattern(input, type, index) }),
      range,
    ]

  private static let unsortedSegments: [OpenCase] = [153, 154, 155, 157].map { code in
    OpenCase(
      "UNSORTED_SEGMENT \(code)", code, [.open(f, .a, .b), .open(.int32, .a), .scalar(3)], [f], largest: sides)
  }

  private static let range = OpenCase(
    name: "RANGE", code: 96, largest: [72],
    model: { _ in
      OneNode(96, [.scalar(0), .input(.int32, []), .scalar(1)], [.int32]).builder()
    }, open: { _ in [:] }, values: { [0: $0] })
}
