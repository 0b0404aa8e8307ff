import ModelFormat
import Testing
import TestSupport

@Suite struct FlexBufferTests {
  private let bytes = flexBuffer([
    "count": .int(-7), "threshold": .float(0.25), "regular": .bool(true), "name": .string("näme"), "big": .float(1e30),
  ])

  private func open(_ bytes: [UInt8]) throws(FormatError) -> FlexBuffer {
    try FlexBuffer(ModelBytes(copying: bytes), in: 0..<bytes.count)
  }

  @Test func readsValuesByKey() throws {
    let map = try open(bytes)
    #expect(try map.int("count") == -7)
    #expect(try map.float("threshold") == 0.25)
    #expect(try map.bool("regular") == true)
    #expect(try map.string("name") == "näme")
    #expect(try map.int("cou") == nil && map.int("counts") == nil && map.string("absent") == nil)
  }

  @Test func convertsBetweenNumbers() throws {
    let map = try open(bytes)
    #expect(try map.float("count") == -7)
    #expect(try map.bool("count") == true)
    #expect(try map.int("threshold") == 0)
    #expect(try map.int("regular") == 1)
  }

  @Test func refusesValuesOfAnotherKind() throws {
    let map = try open(bytes)
    for body in [{ _ = try map.int("name") }, { _ = try map.string("count") }, { _ = try map.int("big") }] {
      let error = try #require(throws: FormatError.self) { try body() }
      #expect(error.code == .invalidValue && error.field.hasPrefix("custom_options."))
    }
  }

  @Test func readsMapsOfOneByteNumbers() throws {
    // {"a": 5, "b": true} as flexbuffers writes it: keys, keys' vector, map, types, root.
    let small: [UInt8] = [
      0x61, 0, 0x62, 0, 2, 5, 4, 2, 1, 2, 5, 1, 4, 104, 4, 36, 1,
    ]
    let map = try open(small)
    #expect(try map.int("a") == 5 && map.bool("b") == true)
  }

  @Test func neverReadsOutside() {
    let inner = bytes
    for position in inner.indices {
      for bit in 0..<8 {
        var changed = inner
        changed[position] ^= 1 << bit
        guard let map = try? open(changed) else { continue }
        _ = try? map.int("count")
        _ = try? map.float("threshold")
        _ = try? map.bool("regular")
        _ = try? map.string("name")
      }
    }
    for count in 0..<inner.count { _ = try? open(Array(inner.prefix(count))) }
    #expect(throws: FormatError.self) { try open([]) }
    #expect(throws: FormatError.self) { try open([1, 4, 1]) }
  }
}
