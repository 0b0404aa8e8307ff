import ModelFormat
import Testing
import TestSupport

/// Offsets, tables and vectors that reach outside the file.
@Suite struct WireTests {
  @Test func refusesFilesShorterThanTheHeader() {
    for count in 0..<8 { expectRefusal(Array("\u{18}\0\0\0TFL3".utf8.prefix(count)), .tooShort) }
  }

  @Test func refusesARootOffsetBehindTheEnd() {
    expectRefusal([0x18, 0, 0, 0] + Array("TFL3".utf8), .outOfBounds, .file, "root")
    expectRefusal([0, 0, 0, 0] + Array("TFL3".utf8), .outOfBounds, .file, "root")
    expectRefusal([255, 255, 255, 255] + Array("TFL3".utf8), .outOfBounds, .file, "root")
  }

  @Test func refusesOtherIdentifiers() {
    var bytes = Fixtures.chain(1).build()
    bytes[7] = UInt8(ascii: "2")
    expectRefusal(bytes, .notAModel)
  }

  @Test(arguments: [0, 1, 2, 4] as [UInt32]) func refusesOtherVersions(version: UInt32) {
    var model = Fixtures.chain(1)
    model.version = version
    expectRefusal(model, .versionUnsupported, .file, "version")
  }

  @Test(arguments: [1, 2, 3, 4, 7]) func refusesVectorsBehindTheEnd(field: Int) {
    for offset in [0, 1 << 20, UInt32.max] {
      var model = Fixtures.fullyConnected()
      model.override(.file, field: field, .rawOffset(offset))
      expectRefusal(model, .outOfBounds)
    }
  }

  @Test func refusesVectorsThatAreTooLong() {
    var bytes = Fixtures.chain(1).build()
    let name = Array("t0".utf8)
    let position = bytes.indices.first { bytes[$0...].starts(with: name) } ?? 0
    bytes.replaceSubrange(position - 4..<position, with: [255, 255, 255, 127])
    expectRefusal(bytes, .outOfBounds, .tensor(0, subgraph: 0), "name")
  }

  @Test func refusesTextWithoutAnEnd() {
    var bytes = Fixtures.chain(1).build()
    let name = Array("t0".utf8)
    let position = bytes.indices.first { bytes[$0...].starts(with: name) } ?? 0
    bytes[position + 2] = 1
    expectRefusal(bytes, .malformedTable, .tensor(0, subgraph: 0), "name")
  }

  @Test func refusesVtablesOutsideTheFile() {
    var bytes = Fixtures.chain(1).build()
    let root = Int(bytes[0])
    for distance in [Int32.min, Int32.max, -1_000_000, Int32(root) + 1] {
      bytes.replaceSubrange(
        root..<root + 4, with: (0..<4).map { UInt8(truncatingIfNeeded: distance >> Int32(8 * $0)) })
      expectRefusal(bytes, .malformedTable, .file, "root")
    }
  }

  @Test(arguments: [0, 2, 3, 5, 255] as [UInt8]) func refusesImpossibleVtableSizes(size: UInt8) {
    var bytes = Fixtures.chain(1).build()
    let root = Int(bytes[0])
    bytes[root - Int(bytes[root])] = size
    bytes[root - Int(bytes[root]) + 1] = size == 255 ? 255 : 0
    expectRefusal(bytes, .malformedTable, .file, "root")
  }

  @Test func refusesFieldsOutsideTheirTable() {
    var bytes = Fixtures.chain(1).build()
    let root = Int(bytes[0])
    let vtable = root - Int(bytes[root])
    bytes[vtable + 4] = 200
    expectRefusal(bytes, .malformedTable, .file, "version")
  }

  @Test func refusesBuffersOutsideTheFile() {
    for (offset, size) in [(UInt64.max, 2), (1 << 63, 1 << 63), (2, UInt64.max - 1), (100_000, 1)] as [(UInt64, UInt64)]
    {
      var model = Fixtures.fullyConnected()
      model.override(.buffer(1), field: 1, .uint64(offset))
      model.override(.buffer(1), field: 2, .uint64(size))
      expectRefusal(model, .outOfBounds, .buffer(1), "offset")
    }
  }

  @Test func refusesLargeCustomOptionsOutsideTheFile() {
    var model = Fixtures.chain(1)
    model.override(.operator(0, subgraph: 0), field: 9, .uint64(.max - 7))
    model.override(.operator(0, subgraph: 0), field: 10, .uint64(16))
    expectRefusal(model, .outOfBounds, .operator(0, subgraph: 0), "large_custom_options_offset")
  }

  @Test func limitsWhatASmallFileMayAskFor() {
    expectRefusal(Fixtures.chain(4), .limitExceeded, .file, "operator_codes", limits: ModelLimits(visitedBytes: 40))
  }

  @Test func boundsTheCopiesOfASharedVector() throws {
    // Each of 4,000 operators leads to one vector of 4,000 inputs: 32 KB of file that would become 128 MB of memory.
    let error = try #require(throws: FormatError.self) { try read(operatorsWithOneVector(4000)) }
    #expect(error.code == .limitExceeded && error.field == "inputs", "\(error)")
    #expect(throws: Never.self) { try read(operatorsWithOneVector(10)) }
  }

  @Test func boundsTheVisitsOfASharedStringBuffer() throws {
    var model = ModelBuilder()
    let words = 4000
    let table = [Int32(words)] + Array(repeating: Int32(4 * (words + 2)), count: words + 1)
    model.constant("words", .string, [words], table)
    for index in 1...2000 {
      model.tensor("t", .string, [words])
      model.override(.tensor(index, subgraph: 0), field: 2, .uint32(1))
    }
    let error = try #require(throws: FormatError.self) { try read(model) }
    #expect(error.code == .limitExceeded && error.field == "buffer", "\(error)")
  }

  private func operatorsWithOneVector(_ count: Int) -> ModelBuilder {
    var model = ModelBuilder()
    let value = model.constant("value", .float32, [1], [1] as [Float])
    for index in 0..<count {
      model.operation(32, custom: "Many", inputs: [], outputs: [])
      model.override(
        .operator(index, subgraph: 0), field: 1,
        .shared(0, .int32Vector(Array(repeating: Int32(value), count: count))))
    }
    return model
  }
}
