import ModelFormat
import TestSupport
import Testing

@testable import Swiftlet

/// Operands and options that do not fit: each a typed error that names its place, none a trap.
@Suite struct MovementRefusalTests {
  struct Refusal: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let code: PrepareError.Code
    let operand: PrepareError.OperandReference
    let make: @Sendable () -> OneNode

    init(
      _ name: String, _ code: PrepareError.Code, _ operand: PrepareError.OperandReference = .none,
      _ make: @escaping @Sendable () -> OneNode
    ) {
      (testDescription, self.code, self.operand, self.make) = (name, code, operand, make)
    }
  }

  @Test(arguments: shapes + axes + values + indices + types) func refuses(refusal: Refusal) throws {
    let error = #expect(throws: PrepareError.self) { try refusal.make().program() }
    #expect(error?.code == refusal.code)
    #expect(error?.operand == refusal.operand)
    #expect(error?.node == 0)
  }

  private static let f = ElementType.float32
  private static func data(_ shape: Int...) -> OneNode.Value { .input(.float32, shape) }

  static let shapes: [Refusal] = [
    Refusal("CONCATENATION of other dimensions", .shapeMismatch, .input(1)) {
      OneNode(2, [data(2, 3), data(2, 4)], [f], options: [0: .int32(0)])
    },
    Refusal("CONCATENATION beyond int32", .shapeUnsupported, .output(0)) {
      OneNode(2, [.input(.int8, [1 << 30]), .input(.int8, [1 << 30])], [.int8], options: [0: .int32(0)])
    },
    Refusal("TRANSPOSE with too few axes", .shapeMismatch, .input(1)) { OneNode(39, [data(2, 3), .ints(0)], [f]) },
    Refusal("PAD with paddings of another rank", .shapeMismatch, .input(1)) {
      OneNode(34, [data(2, 3), .pairs(1, 1)], [f])
    },
    Refusal("PADV2 with two values", .shapeMismatch, .input(2)) {
      OneNode(60, [data(2), .pairs(1, 1), .constant(.float32, [2], [0, 1])], [f])
    },
    Refusal("PAD beyond all memory", .shapeUnsupported, .output(0)) {
      OneNode(34, [.input(.int8, [1, 1]), .constant(.int64, [2, 2], [0, 9e18, 0, 9e18])], [.int8])
    },
    Refusal("SQUEEZE of a dimension of 2", .shapeMismatch, .input(0)) {
      OneNode(43, [data(2, 1)], [f], options: [0: .int32Vector([0])])
    },
    Refusal("SPLIT that does not divide", .shapeMismatch, .input(1)) {
      OneNode(49, [.scalar(0), data(3)], [f, f], options: [0: .int32(2)])
    },
    Refusal("PACK of other shapes", .shapeMismatch, .input(1)) {
      OneNode(83, [data(2), data(3)], [f], options: [0: .int32(2), 1: .int32(0)])
    },
    Refusal("UNPACK into too few", .shapeMismatch, .input(0)) {
      OneNode(88, [data(3)], [f, f], options: [0: .int32(2), 1: .int32(0)])
    },
    Refusal("TILE with too few multiples", .shapeMismatch, .input(1)) { OneNode(69, [data(2, 2), .ints(1)], [f]) },
    Refusal("TILE beyond all memory", .shapeUnsupported, .output(0)) {
      OneNode(69, [data(4, 4), .constant(.int64, [2], [4e18, 4e18])], [f])
    },
    Refusal("BROADCAST_TO a smaller shape", .shapeMismatch, .input(1)) {
      OneNode(130, [data(2, 3), .ints(2, 1)], [f])
    },
    Refusal("BROADCAST_ARGS that do not fit", .shapeMismatch, .input(1)) {
      OneNode(145, [.ints(2, 3), .ints(2)], [.int32])
    },
    Refusal("SPACE_TO_DEPTH that does not divide", .shapeMismatch, .input(0)) {
      OneNode(26, [data(1, 3, 4, 1)], [f], options: [0: .int32(2)])
    },
    Refusal("BATCH_TO_SPACE_ND that does not divide", .shapeMismatch, .input(0)) {
      OneNode(37, [data(3, 2, 1), .ints(2), .pairs(0, 0)], [f])
    },
    Refusal("GATHER_ND with indices deeper than the data", .shapeMismatch, .input(1)) {
      OneNode(107, [data(2), .input(.int32, [1, 2])], [f])
    },
    Refusal("SCATTER_ND with updates of another shape", .shapeMismatch, .input(1)) {
      OneNode(122, [.input(.int32, [2, 1]), data(3), .ints(4)], [f])
    },
    Refusal("DYNAMIC_UPDATE_SLICE with a larger update", .shapeMismatch, .input(1)) {
      OneNode(151, [data(2), data(3), .input(.int32, [1])], [f])
    },
    Refusal("EMBEDDING_LOOKUP in a vector", .shapeMismatch, .input(1)) {
      OneNode(7, [.input(.int32, [1]), data(4)], [f])
    },
    Refusal("RANGE of a vector", .shapeMismatch, .input(1)) {
      OneNode(96, [.scalar(0), .ints(4, 5), .scalar(1)], [.int32])
    },
    Refusal("ARG_MAX of nothing", .shapeMismatch, .input(0)) { OneNode(56, [data(2, 0), .scalar(1)], [.int32]) },
  ]

  static let axes: [Refusal] = [
    Refusal("CONCATENATION axis", .optionInvalid) { OneNode(2, [data(2)], [f], options: [0: .int32(1)]) },
    Refusal("PACK axis", .optionInvalid) {
      OneNode(83, [data(2)], [f], options: [0: .int32(1), 1: .int32(Int32.min)])
    },
    Refusal("UNPACK axis", .optionInvalid) {
      OneNode(88, [data(2)], [f, f], options: [0: .int32(2), 1: .int32(-2)])
    },
    Refusal("SPLIT axis", .valueInvalid, .input(0)) {
      OneNode(49, [.scalar(2), data(2)], [f], options: [0: .int32(1)])
    },
    Refusal("SPLIT_V axis", .valueInvalid, .input(2)) {
      OneNode(102, [data(2), .ints(2), .scalar(-7)], [f], options: [0: .int32(1)])
    },
    Refusal("EXPAND_DIMS axis", .valueInvalid, .input(1)) { OneNode(70, [data(2), .scalar(-100_000)], [f]) },
    Refusal("ARG_MAX axis", .valueInvalid, .input(1)) { OneNode(56, [data(2), .scalar(1)], [.int32]) },
    Refusal("ARG_MIN axis", .valueInvalid, .input(1)) { OneNode(79, [data(2), .scalar(-2)], [.int32]) },
    Refusal("GATHER axis", .optionInvalid) {
      OneNode(36, [data(2), .ints(0)], [f], options: [0: .int32(1)])
    },
    Refusal("GATHER batch_dims", .optionInvalid) {
      OneNode(36, [data(2, 2), .ints(0)], [f], options: [0: .int32(0), 1: .int32(1)])
    },
    Refusal("REVERSE_V2 axis", .valueInvalid, .input(1)) { OneNode(105, [data(2), .ints(1)], [f]) },
    Refusal("REVERSE_V2 axis twice", .valueInvalid, .input(1)) { OneNode(105, [data(2), .ints(0, -1)], [f]) },
    Refusal("CUMSUM axis", .valueInvalid, .input(1)) { OneNode(128, [data(2), .scalar(1)], [f]) },
    Refusal("ONE_HOT axis", .optionInvalid) {
      OneNode(85, [.input(.int32, [2]), .scalar(2), data(), data()], [f], options: [0: .int32(2)])
    },
    Refusal("TRANSPOSE axis", .valueInvalid, .input(1)) { OneNode(39, [data(2, 3), .ints(0, 2)], [f]) },
    Refusal("TRANSPOSE axis twice", .valueInvalid, .input(1)) { OneNode(39, [data(2, 3), .ints(1, 1)], [f]) },
    Refusal("SQUEEZE axis", .optionInvalid) {
      OneNode(43, [data(1)], [f], options: [0: .int32Vector([-2])])
    },
  ]

  static let values: [Refusal] = [
    Refusal("negative padding", .valueInvalid, .input(1)) { OneNode(34, [data(2), .pairs(-1, 0)], [f]) },
    Refusal("REFLECT as wide as the dimension", .valueInvalid, .input(1)) {
      OneNode(100, [data(2), .pairs(2, 0)], [f], options: [0: .int8(0)])
    },
    Refusal("SYMMETRIC wider than the dimension", .valueInvalid, .input(1)) {
      OneNode(100, [data(2), .pairs(0, 3)], [f], options: [0: .int8(1)])
    },
    Refusal("stride 0", .valueInvalid, .input(3)) {
      OneNode(45, [data(2), .ints(0), .ints(2), .ints(0)], [f])
    },
    Refusal("two ellipses", .optionInvalid) {
      OneNode(45, [data(2, 2), .ints(0, 0), .ints(1, 1), .ints(1, 1)], [f], options: [2: .int32(3)])
    },
    Refusal("more slices than dimensions", .shapeMismatch, .input(1)) {
      OneNode(45, [data(2), .ints(0, 0), .ints(1, 1), .ints(1, 1)], [f])
    },
    Refusal("shrunk axis outside", .valueInvalid, .input(1)) {
      OneNode(45, [data(2), .ints(2), .ints(3), .ints(1)], [f], options: [4: .int32(1)])
    },
    Refusal("SLICE beginning outside", .valueInvalid, .input(1)) {
      OneNode(65, [data(2), .ints(3), .ints(-1)], [f])
    },
    Refusal("SLICE reaching outside", .valueInvalid, .input(2)) {
      OneNode(65, [data(2), .ints(1), .ints(2)], [f])
    },
    Refusal("SLICE of negative size", .valueInvalid, .input(2)) {
      OneNode(65, [data(2), .ints(0), .ints(-2)], [f])
    },
    Refusal("SPLIT into none", .optionInvalid) {
      OneNode(49, [.scalar(0), data(2)], [f], options: [0: .int32(0)])
    },
    Refusal("SPLIT_V with a wrong sum", .valueInvalid, .input(1)) {
      OneNode(102, [data(4), .ints(1, 2), .scalar(0)], [f, f], options: [0: .int32(2)])
    },
    Refusal("SPLIT_V with two unknown sizes", .valueInvalid, .input(1)) {
      OneNode(102, [data(4), .ints(-1, -1), .scalar(0)], [f, f], options: [0: .int32(2)])
    },
    Refusal("negative multiple", .valueInvalid, .input(1)) { OneNode(69, [data(2), .ints(-1)], [f]) },
    Refusal("block size 0 of SPACE_TO_DEPTH", .optionInvalid) {
      OneNode(26, [data(1, 2, 2, 1)], [f], options: [0: .int32(0)])
    },
    Refusal("block size 0 of DEPTH_TO_SPACE", .optionInvalid) {
      OneNode(5, [data(1, 2, 2, 4)], [f], options: [0: .int32(0)])
    },
    Refusal("block size 0 of SPACE_TO_BATCH_ND", .valueInvalid, .input(1)) {
      OneNode(38, [data(1, 2, 1), .ints(0), .pairs(0, 0)], [f])
    },
    Refusal("block size 0 of BATCH_TO_SPACE_ND", .valueInvalid, .input(1)) {
      OneNode(37, [data(1, 2, 1), .ints(0), .pairs(0, 0)], [f])
    },
    Refusal("crops wider than the result", .valueInvalid, .input(2)) {
      OneNode(37, [data(2, 1, 1), .ints(2), .pairs(1, 2)], [f])
    },
    Refusal("negative depth", .valueInvalid, .input(1)) {
      OneNode(85, [.input(.int32, [2]), .scalar(-1), data(), data()], [f], options: [0: .int32(-1)])
    },
    Refusal("negative dimension to FILL", .valueInvalid, .input(0)) { OneNode(94, [.ints(-1), data()], [f]) },
    Refusal("RANGE that stands still", .valueInvalid, .input(2)) {
      OneNode(96, [.scalar(0), .scalar(4), .scalar(0)], [.int32])
    },
    Refusal("RANGE that walks away", .valueInvalid, .input(2)) {
      OneNode(96, [.scalar(0), .scalar(4), .scalar(-1)], [.int32])
    },
    Refusal("RANGE to infinity", .valueInvalid, .input(2)) {
      OneNode(
        96, [.constant(f, [], [0]), .constant(f, [], [.infinity]), .constant(f, [], [1])], [f])
    },
    Refusal("more than there are to rank", .valueInvalid, .input(1)) {
      OneNode(48, [data(3), .scalar(4)], [f, .int32])
    },
  ]

  static let indices: [Refusal] = [
    Refusal("constant index of GATHER", .valueInvalid, .input(1)) { OneNode(36, [data(2), .ints(0, 2)], [f]) },
    Refusal("negative constant index of GATHER", .valueInvalid, .input(1)) { OneNode(36, [data(2), .ints(-1)], [f]) },
    Refusal("constant index of an empty dimension", .valueInvalid, .input(1)) {
      OneNode(107, [data(0, 2), .pairs(0, 0)], [f])
    },
    Refusal("constant index of GATHER_ND", .valueInvalid, .input(1)) { OneNode(107, [data(2, 2), .pairs(1, 2)], [f]) },
    Refusal("constant index of SCATTER_ND", .valueInvalid, .input(0)) {
      OneNode(122, [.constant(.int32, [1, 1], [4]), data(1), .ints(4)], [f])
    },
    Refusal("constant id of EMBEDDING_LOOKUP", .valueInvalid, .input(0)) { OneNode(7, [.ints(2), data(2, 2)], [f]) },
  ]

  static let types: [Refusal] = [
    Refusal("another output type", .typeMismatch, .output(0)) { OneNode(39, [data(2), .ints(0)], [.int32]) },
    Refusal("packed elements", .typeUnsupported, .input(0)) {
      OneNode(39, [.input(.int4, [2]), .ints(0)], [.int4])
    },
    Refusal("CONCATENATION of int8 scales", .quantizationInvalid, .input(1)) {
      OneNode(
        2, [.input(.int8, [1], .perTensor(1, 0)), .input(.int8, [1], .perTensor(2, 0))], [.int8],
        options: [0: .int32(0)], quantization: .perTensor(1, 0))
    },
    Refusal("PACK of another zero point", .quantizationInvalid, .input(0)) {
      OneNode(
        83, [.input(.uint8, [1], .perTensor(1, 3))], [.uint8], options: [0: .int32(1), 1: .int32(0)],
        quantization: .perTensor(1, 4))
    },
    Refusal("PADV2 value of another scale", .quantizationInvalid, .input(2)) {
      OneNode(
        60, [.input(.int8, [1], .perTensor(1, 0)), .pairs(1, 1), .constant(.int8, [1], [0], .perTensor(2, 0))], [.int8],
        quantization: .perTensor(1, 0))
    },
    Refusal("CONCATENATION with an activation", .optionUnsupported) {
      OneNode(2, [data(2)], [f], options: [0: .int32(0), 1: .int8(1)])
    },
    Refusal("float indices", .typeUnsupported, .input(1)) { OneNode(36, [data(2), data(1)], [f]) },
    Refusal("CUMSUM of int8", .typeUnsupported, .input(0)) {
      OneNode(128, [.input(.int8, [2]), .scalar(0)], [.int8])
    },
    Refusal("ARG_MAX into int8", .typeUnsupported, .output(0)) { OneNode(56, [data(2), .scalar(0)], [.int8]) },
  ]
}
