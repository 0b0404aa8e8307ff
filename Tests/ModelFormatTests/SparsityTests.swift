import ModelFormat
import Testing
import TestSupport

@Suite struct SparsityTests {
  private static let subject = FormatError.Subject.tensor(0, subgraph: 0)

  /// A 3 x 4 matrix whose rows hold 2, 0 and 1 elements: compressed sparse rows.
  private struct Matrix {
    var order: [Int32] = [0, 1]
    var blockMap: [Int32] = []
    var rows: Int32 = 3
    var segments: [Int32] = [0, 2, 2, 3]
    var indices: [UInt16] = [0, 3, 1]
    var stored = 3
    var indexType: UInt8 = 2

    func build() -> ModelBuilder {
      var model = ModelBuilder()
      model.constant("sparse", .int8, [3, 4], Array(repeating: Int8(1), count: stored))
      let levels = [
        TableSpec([0: .int8(0), 1: .int32(rows)]),
        TableSpec([
          0: .int8(1), 2: .uint8(1), 3: .table(TableSpec([0: .int32Vector(segments)])), 4: .uint8(indexType),
          5: .table(TableSpec([0: .uint16Vector(indices)])),
        ]),
      ]
      model.override(
        SparsityTests.subject, field: 6,
        .table(TableSpec([0: .int32Vector(order), 1: .int32Vector(blockMap), 2: .tableVector(levels)])))
      return model
    }
  }

  @Test func readsSparseConstants() throws {
    let tensor = try read(Matrix().build()).subgraphs[0].tensors[0]
    #expect(tensor.isSparse && tensor.data?.count == 3)
  }

  @Test(
    arguments: [
      ("traversal_order", Matrix(order: [0, 0])), ("traversal_order", Matrix(order: [0, 2])),
      ("traversal_order", Matrix(order: [-1, 1])), ("dim_metadata", Matrix(order: [0])),
      ("dim_metadata", Matrix(blockMap: [0])), ("dense_size", Matrix(rows: 4)), ("dense_size", Matrix(rows: -3)),
      ("array_segments", Matrix(segments: [0, 2, 3])), ("array_segments", Matrix(segments: [1, 2, 2, 3])),
      ("array_segments", Matrix(segments: [0, 2, 1, 3])), ("array_segments", Matrix(segments: [0, 9, 9, 3])),
      ("array_segments", Matrix(segments: [0, 2, 2, 4])), ("array_segments", Matrix(segments: [0, -5, 2, 3])),
      ("array_indices", Matrix(indices: [0, 4, 1])), ("array_indices", Matrix(indices: [3, 0, 1])),
      ("array_indices", Matrix(indices: [0, 0, 1])), ("array_indices", Matrix(indexType: 4)),
    ] as [(String, Matrix)]) private func refusesInconsistentTables(field: String, matrix: Matrix)
  {
    expectRefusal(matrix.build(), .sparsity, Self.subject, "sparsity." + field)
  }

  @Test func refusesBuffersThatDoNotHoldTheStoredElements() {
    expectRefusal(Matrix(stored: 4).build(), .sizeMismatch, Self.subject, "buffer")
    expectRefusal(Matrix(stored: 12).build(), .sizeMismatch, Self.subject, "buffer")
  }
}
