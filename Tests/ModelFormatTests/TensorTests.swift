import ModelFormat
import Testing
import TestSupport

/// Shapes, types and constants.
@Suite struct TensorTests {
  private static let weights = FormatError.Subject.tensor(1, subgraph: 0)

  @Test func refusesUnknownTypes() {
    var model = Fixtures.fullyConnected()
    model.override(.tensor(0, subgraph: 0), field: 1, .uint8(23))
    expectRefusal(model, .invalidValue, .tensor(0, subgraph: 0), "type")
  }

  @Test func refusesNegativeDimensions() {
    var model = Fixtures.chain(1)
    model.subgraphs[0].tensors[1].shape = [2, -1]
    expectRefusal(model, .invalidValue, .tensor(1, subgraph: 0), "shape")
  }

  @Test(arguments: [
    [Int(Int32.max), Int(Int32.max), Int(Int32.max)], [Int(Int32.max), Int(Int32.max), 4], [1 << 30, 1 << 30, 8, 0],
  ]) func refusesShapesBeyondTheAddressSpace(shape: [Int]) {
    var model = Fixtures.chain(1)
    model.subgraphs[0].tensors[1].shape = shape
    expectRefusal(model, .shapeOverflow, .tensor(1, subgraph: 0), "shape")
  }

  @Test func refusesShapeSignaturesThatDoNotFit() {
    var model = Fixtures.chain(1)
    model.subgraphs[0].tensors[0].signature = [-1]
    expectRefusal(model, .invalidValue, .tensor(0, subgraph: 0), "shape_signature")
    model.subgraphs[0].tensors[0].signature = [-2, 2]
    expectRefusal(model, .invalidValue, .tensor(0, subgraph: 0), "shape_signature")
  }

  @Test func refusesBuffersThatDoNotExist() {
    for buffer in [4, UInt32.max] {
      var model = Fixtures.fullyConnected()
      model.override(Self.weights, field: 2, .uint32(buffer))
      expectRefusal(model, .invalidIndex, Self.weights, "buffer")
    }
  }

  @Test(arguments: [0, 1, 5, 7, 24]) func refusesConstantsOfTheWrongSize(count: Int) {
    var model = Fixtures.fullyConnected()
    model.subgraphs[0].tensors[1].data = Array(repeating: 1, count: count)
    let empty = count == 0
    expectRefusal(
      model, empty ? .readBeforeWritten : .sizeMismatch, empty ? .operator(0, subgraph: 0) : Self.weights,
      empty ? "inputs" : "buffer")
  }

  @Test func packsSmallTypes() throws {
    for (type, bytes) in [(ElementType.int4, 4), (.uint4, 4), (.int2, 2)] {
      var model = ModelBuilder()
      model.constant("odd", type, [7], Array(repeating: UInt8(0), count: bytes))
      #expect(try read(model).subgraphs[0].tensors[0].data?.count == bytes)
      model.subgraphs[0].tensors[0].data?.append(0)
      expectRefusal(model, .sizeMismatch, .tensor(0, subgraph: 0), "buffer")
    }
  }

  @Test func refusesVariablesWithAConstantValue() {
    var model = Fixtures.fullyConnected()
    model.override(Self.weights, field: 5, .bool(true))
    expectRefusal(model, .invalidValue, Self.weights, "is_variable")
  }

  @Test func refusesConstantsOfTypesWithoutConstants() {
    var model = ModelBuilder()
    model.constant("handle", .resource, [1], [1] as [Int32])
    expectRefusal(model, .invalidValue, .tensor(0, subgraph: 0), "buffer")
  }

  @Test func refusesConstantsInOtherFilesByName() throws {
    var model = Fixtures.fullyConnected()
    model.override(Self.weights, field: 10, .uint32(5))
    model.override(.file, field: 8, .tableVector([TableSpec([0: .string("../../weights.bin")])]))
    model.override(.file, field: 9, .tableVector([TableSpec([0: .uint32(5), 1: .uint32(0)])]))
    expectRefusal(model, .externalData, Self.weights, "external_buffer")
    let error = try #require(throws: FormatError.self) { try read(model) }
    #expect(error.message.contains("'../../weights.bin'"))
  }

  @Test func readsStringConstants() throws {
    var model = ModelBuilder()
    model.constant("words", .string, [2], [2, 16, 18, 19, 0x0063_6261] as [Int32])
    model.subgraphs[0].tensors[0].data?.removeLast()
    #expect(try read(model).subgraphs[0].tensors[0].data?.count == 19)
  }

  @Test(
    arguments: [
      [3, 16, 18, 19, 0], [2, 16, 18, 99, 0], [2, 16, 15, 19, 0], [2, 0, 18, 19, 0], [2, 16, 18, -1, 0],
      [-1, 16, 18, 19, 0],
      [2], [2, 16],
    ] as [[Int32]]) func refusesInconsistentStringConstants(words: [Int32])
  {
    var model = ModelBuilder()
    model.constant("words", .string, [2], words)
    expectRefusal(model, .stringData, .tensor(0, subgraph: 0), "buffer")
  }

  @Test func refusesStringConstantsOfTheWrongCount() {
    var model = ModelBuilder()
    model.constant("words", .string, [1 << 30], [1 << 30, 8, 8] as [Int32])
    expectRefusal(model, .stringData, .tensor(0, subgraph: 0), "buffer")
    model.subgraphs[0].tensors[0].data = [1, 0]
    expectRefusal(model, .stringData, .tensor(0, subgraph: 0), "buffer")
  }
}
