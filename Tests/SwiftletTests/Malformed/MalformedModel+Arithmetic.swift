import ModelFormat
import Swiftlet
import TestSupport

extension MalformedModel {
  /// Elementwise operators, and operators that the runtime does not have.
  static let arithmetic: [MalformedModel] = elementwise + division

  private static let elementwise: [MalformedModel] = [
    MalformedModel(
      "accepted elsewhere: ADD of [1,3,5,7]", .prepare(.shapeMismatch, .input(1), "shape that broadcasts"),
      { ValidModels.binary(0, .float32) }
    ) { $0.setShape(1, [1, 3, 5, 7]) },
    MalformedModel(
      "CVE-2020-15208 MUL", .prepare(.shapeMismatch, .input(1), "shape that broadcasts"),
      { ValidModels.binary(18, .float32) }
    ) { $0.setShape(1, [1, 5]) },
    MalformedModel(
      "CVE-2021-29590 MINIMUM", .prepare(.shapeMismatch, .input(1), "shape that broadcasts"),
      { ValidModels.binary(57, .float32) }
    ) { $0.setShape(1, [0]) },
    MalformedModel(
      "CVE-2021-29590 MAXIMUM", .prepare(.shapeMismatch, .input(1), "shape that broadcasts"),
      { ValidModels.binary(55, .float32) }
    ) { $0.setShape(1, [1, 0]) },
    MalformedModel(
      "CVE-2021-37688", .format(.readBeforeWritten, .operator(0, subgraph: 0), "inputs"),
      { ValidModels.binary(0, .float32) }
    ) { $0.subgraphs[0].inputs = [0] },
    MalformedModel(
      "BATCH_MATMUL of 2^23 empty matrices", .prepare(.shapeUnsupported, .output(0), "matrices"),
      { ValidModels.operation(126, .float32, [[1, 2, 2], [1, 2, 2]], [1, 2, 2], nil) }
    ) { for index in 0..<2 { $0.setShape(index, [1 << 23, 0, 0]) } },
    MalformedModel(
      "ADD of two types", .prepare(.typeMismatch, .input(1), ""), { ValidModels.binary(0, .float32) }
    ) { $0.subgraphs[0].tensors[1].type = .int32 },
    MalformedModel(
      "CVE-2020-15211 ADD", .prepare(.operandMissing, .input(1), ""), { ValidModels.binary(0, .float32) }
    ) { $0.subgraphs[0].operators[0].inputs[1] = -1 },
  ]

  /// The inputs of a test are zero: all of these divide by zero.
  private static let division: [MalformedModel] = [
    MalformedModel("CVE-2021-37683 DIV float32", .runs, { ValidModels.binary(42, .float32) }) { _ in },
    MalformedModel("CVE-2021-37683 DIV int32", .runs, { ValidModels.binary(42, .int32) }) { _ in },
    MalformedModel("TF #124409 INT32_MIN / -1", .runs, { ValidModels.binary(42, .int32) }) {
      $0.divideExtremes()
    },
    MalformedModel("CVE-2021-37683 FLOOR_DIV", .runs, { ValidModels.binary(90, .int32) }) { _ in },
    MalformedModel("TF #124409 FLOOR_DIV INT32_MIN / -1", .runs, { ValidModels.binary(90, .int32) }) {
      $0.divideExtremes()
    },
    MalformedModel("CVE-2021-37683 FLOOR_MOD", .runs, { ValidModels.binary(95, .int32) }) { _ in },
    MalformedModel("TF #124409 FLOOR_MOD INT32_MIN % -1", .runs, { ValidModels.binary(95, .int32) }) {
      $0.divideExtremes()
    },
  ]
}

extension ModelBuilder {
  fileprivate mutating func divideExtremes() {
    setValues(0, [.min, .min, 1, 0])
    setValues(1, [-1, 0, 0, -1])
    subgraphs[0].inputs = []
  }
}
