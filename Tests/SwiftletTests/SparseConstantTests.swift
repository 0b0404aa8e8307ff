import ModelFormat
import TestSupport
import Testing

@testable import Swiftlet

/// Constants that the file stores sparsely, read through DENSIFY or directly.
@Suite struct SparseConstantTests {
  /// Rows of a matrix with 2, 0 and 1 elements: compressed sparse rows of [[5, 0, 0, 7], [0, 0, 0, 0], [0, 9, 0, 0]].
  private static func rows(indices: FieldValue, type: UInt8, segments: FieldValue, segmentType: UInt8) -> TableSpec {
    TableSpec([
      0: .int32Vector([0, 1]),
      2: .tableVector([
        TableSpec([0: .int8(0), 1: .int32(3)]),
        TableSpec([
          0: .int8(1), 2: .uint8(segmentType), 3: .table(TableSpec([0: segments])), 4: .uint8(type),
          5: .table(TableSpec([0: indices])),
        ]),
      ]),
    ])
  }

  private static let matrix: [Double] = [5, 0, 0, 7, 0, 0, 0, 0, 0, 9, 0, 0]

  /// FULLY_CONNECTED with the matrix as weights, which a DENSIFY expands or the layer reads as they are.
  private func layer(_ type: ElementType, _ sparsity: TableSpec, densify: Bool) throws -> [Double] {
    var model = ModelBuilder()
    let quantization: QuantizationSpec? = type == .float32 ? nil : .perTensor(1, 0)
    let x = model.tensor("x", type, [1, 4], quantization: quantization)
    let stored = model.constant(
      "sparse", type, [3, 4], [5, 7, 9].flatMap { type.bytes(of: $0) }, quantization: quantization)
    model.override(.tensor(stored, subgraph: 0), field: 6, .table(sparsity))
    let dense = densify ? model.tensor("dense", type, [3, 4], quantization: quantization) : stored
    if densify { model.operation(124, inputs: [stored], outputs: [dense]) }
    let y = model.tensor("y", type, [1, 3], quantization: quantization)
    model.operation(9, inputs: [x, dense, -1], outputs: [y])
    model.setInputs([x], outputs: [y])
    let interpreter = try Interpreter(program: Program(model: Model(bytes: ModelBytes(copying: model.build()))))
    try interpreter.setBytes(0, [1, 2, 3, 4].flatMap { type.bytes(of: $0) })
    try interpreter.invoke()
    return interpreter.elements(0)
  }

  @Test(arguments: [ElementType.float32, .int8], [true, false])
  func layersReadAllElements(type: ElementType, densify: Bool) throws {
    let byte = Self.rows(
      indices: .bytes([0, 3, 1]), type: 3, segments: .uint16Vector([0, 2, 2, 3]), segmentType: 2)
    let word = Self.rows(
      indices: .int32Vector([0, 3, 1]), type: 1, segments: .bytes([0, 2, 2, 3]), segmentType: 3)
    for sparsity in [byte, word] { #expect(try layer(type, sparsity, densify: densify) == [33, 0, 18]) }
  }

  /// The elements that `expandSparse` writes for a 4 x 4 matrix of 2 x 2 blocks, two of which are stored.
  private func expanded(_ sparsity: TableSpec, stored: Int, shape: [Int]) throws -> [Int8]? {
    var model = ModelBuilder()
    let tensor = model.constant("sparse", .int8, shape, (0..<stored).map { Int8($0 + 1) })
    model.override(.tensor(tensor, subgraph: 0), field: 6, .table(sparsity))
    let info = try Model(bytes: ModelBytes(copying: model.build())).subgraphs[0].tensors[tensor]
    var result = [Int8](repeating: 99, count: shape.reduce(1, *))
    let isExpanded = unsafe result.withUnsafeMutableBytes { bytes in
      unsafe bytes.baseAddress.map { unsafe info.expandSparse(into: $0) } ?? false
    }
    return isExpanded ? result : nil
  }

  @Test func blocksLieSideBySide() throws {
    let blocks = TableSpec([
      0: .int32Vector([0, 1, 2, 3]), 1: .int32Vector([0, 1]),
      2: .tableVector([
        TableSpec([0: .int8(0), 1: .int32(2)]),
        TableSpec([
          0: .int8(1), 2: .uint8(3), 3: .table(TableSpec([0: .bytes([0, 1, 2])])), 4: .uint8(3),
          5: .table(TableSpec([0: .bytes([1, 0])])),
        ]), TableSpec([0: .int8(0), 1: .int32(2)]), TableSpec([0: .int8(0), 1: .int32(2)]),
      ]),
    ])
    #expect(
      try expanded(blocks, stored: 8, shape: [4, 4]) == [0, 0, 1, 2, 0, 0, 3, 4, 5, 6, 0, 0, 7, 8, 0, 0])
  }

  @Test func columnsMayComeFirst() throws {
    let columns = TableSpec([
      0: .int32Vector([1, 0]),
      2: .tableVector([TableSpec([0: .int8(0), 1: .int32(2)]), TableSpec([0: .int8(0), 1: .int32(3)])]),
    ])
    #expect(try expanded(columns, stored: 6, shape: [3, 2]) == [1, 4, 2, 5, 3, 6])
  }

  @Test func severalBlocksAlongOneDimensionAreNotExpanded() throws {
    let blocks = TableSpec([
      0: .int32Vector([0, 1, 2]), 1: .int32Vector([0, 0]),
      2: .tableVector([1, 2, 2].map { TableSpec([0: .int8(0), 1: .int32($0)]) }),
    ])
    #expect(try expanded(blocks, stored: 4, shape: [4]) == nil)
  }
}
