import Foundation
import Testing
import Vision

@Suite struct ZipArchiveTests {
  private let text = [UInt8](String(repeating: "person\n???\ncar\n", count: 40).utf8)

  /// A stored or deflated entry and its directory, as the last part of `prefix`.
  private func archive(
    name: String, packed: [UInt8], unpacked: [UInt8], method: Int, prefix: [UInt8] = [], countsPrefix: Bool = true,
    statedSize: Int? = nil
  ) -> [UInt8] {
    let sizes =
      littleEndian(Int(crc32(unpacked)), bytes: 4) + littleEndian(packed.count, bytes: 4)
      + littleEndian(statedSize ?? unpacked.count, bytes: 4)
    let common = [20, 0, 0, 0] + littleEndian(method, bytes: 2) + [0, 0, 0, 0] + sizes
    let nameLength = littleEndian(name.utf8.count, bytes: 2) + [0, 0]
    let local = [0x50, 0x4B, 3, 4] + common + nameLength + Array(name.utf8) + packed
    let base = countsPrefix ? prefix.count : 0
    let directory =
      [0x50, 0x4B, 1, 2, 20, 0] + common + nameLength + [UInt8](repeating: 0, count: 10)
      + littleEndian(base, bytes: 4) + Array(name.utf8)
    let end =
      [0x50, 0x4B, 5, 6, 0, 0, 0, 0, 1, 0, 1, 0] + littleEndian(directory.count, bytes: 4)
      + littleEndian(base + local.count, bytes: 4) + [0, 0]
    return prefix + local + directory + end
  }

  private func deflated(_ prefix: [UInt8] = [], statedSize: Int? = nil) throws -> [UInt8] {
    let packed = [UInt8](try #require(Data(base64Encoded: "K0gtKs7P47K3t+dKTiziKhjljnKpwQUA")))
    return archive(
      name: "labelmap.txt", packed: packed, unpacked: text, method: 8, prefix: prefix, statedSize: statedSize)
  }

  private func contents(_ bytes: [UInt8]) throws -> [UInt8]? {
    unsafe try contents(at: bytes.span.bytes)
  }

  private func contents(at span: RawSpan) throws -> [UInt8]? {
    guard let archive = try ZipArchive(at: span), let entry = archive.entries.first else { return nil }
    return try archive.contents(of: entry, in: span)
  }

  private func storedRange(at span: RawSpan) throws -> Range<Int>? {
    guard let archive = try ZipArchive(at: span), let entry = archive.entries.first else { return nil }
    return try archive.storedRange(of: entry, in: span)
  }

  @Test func readsADeflatedEntry() throws {
    #expect(try contents(deflated()) == text)
  }

  @Test(arguments: [false, true])
  func readsAStoredEntryBehindAModel(countsPrefix: Bool) throws {
    let model = [UInt8](repeating: 0x50, count: 333)
    let bytes = archive(
      name: "a.txt", packed: text, unpacked: text, method: 0, prefix: model, countsPrefix: countsPrefix)
    #expect(try contents(bytes) == text)
  }

  /// Deflated entries have no such place.
  @Test(arguments: [UInt16(0), 8])
  func tellsWhereAStoredEntryLies(method: UInt16) throws {
    let bytes =
      method == 0
      ? archive(name: "a.npy", packed: text, unpacked: text, method: 0, prefix: [1, 2, 3]) : try deflated()
    let range = unsafe try storedRange(at: bytes.span.bytes)
    #expect(range.map { Array(bytes[$0]) } == (method == 0 ? text : nil))
  }

  @Test func findsTheLabelsOfAModel() throws {
    let model = try deflated([1, 2, 3])
    let labels = unsafe try Labels(inModel: model.span.bytes)
    #expect(labels?.count == 120)
    #expect(labels?[119] == "car")
  }

  @Test func bytesWithoutAnArchiveHaveNone() throws {
    #expect(try contents([UInt8](repeating: 7, count: 100)) == nil)
    #expect(try contents([]) == nil)
  }

  @Test(arguments: [599, 601, 1 << 20, (1 << 32) - 2])
  func refusesAWrongSizeBeforeAllocatingMuch(size: Int) throws {
    let bytes = try deflated(statedSize: size)
    #expect(throws: VisionError.self) { try contents(bytes) }
  }

  @Test func refusesAWrongChecksum() throws {
    let other = archive(name: "a.txt", packed: text, unpacked: text.reversed(), method: 0)
    let error = #expect(throws: VisionError.self) { try contents(other) }
    #expect(error?.code == .corrupt)
  }

  @Test func refusesUnknownMethodsByNumber() throws {
    let error = #expect(throws: VisionError.self) {
      try contents(archive(name: "a.txt", packed: text, unpacked: text, method: 12))
    }
    #expect(error?.code == .unsupported && error?.found == "method 12")
  }

  @Test func mutationsAndTruncationsEndInContentsOrAnError() throws {
    let original = try deflated([9, 9, 9])
    var generator = SeededGenerator(state: 5)
    for round in 0..<3000 {
      var bytes = original
      if round < original.count {
        bytes.removeLast(round)
      } else {
        for _ in 0..<3 {
          bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
        }
      }
      do {
        let unpacked = try contents(bytes)
        #expect(unpacked == nil || unpacked == text)
      } catch is VisionError {}
    }
  }
}
