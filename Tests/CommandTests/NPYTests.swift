import ModelFormat
import Testing

@testable import SwiftletCommand

@Suite struct NPYTests {
  static let types: [ElementType] = [
    .float16, .float32, .float64, .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64, .bool, .complex64,
    .complex128,
  ]

  /// A file with `header` as its dictionary, padded or not.
  static func file(_ header: String, elements: [UInt8] = [], version: UInt8 = 1) -> [UInt8] {
    let length = header.utf8.count
    let bytes = (0..<(version == 1 ? 2 : 4)).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }
    return NPY.signature + [version, 0] + bytes + Array(header.utf8) + elements
  }

  @Test(arguments: types, [[], [0], [1], [2, 3], [1, 2, 3, 4, 1, 1, 2, 1]])
  func readsWhatItWrites(type: ElementType, shape: [Int]) throws {
    let count = try #require(type.byteCount(of: shape.reduce(1, *)))
    let array = NPY(type: type, shape: shape, bytes: (0..<count).map { UInt8(truncatingIfNeeded: $0 * 7) })
    let contents = try array.contents()
    #expect(try NPY(contents: contents) == array)
    #expect((contents.count - count) % 64 == 0, "the elements must be aligned")
  }

  @Test func writesTheBytesThatNumPyWrites() throws {
    let contents = try NPY(type: .float32, shape: [2, 3], bytes: [UInt8](repeating: 1, count: 24)).contents()
    let dictionary = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }"
    let header = dictionary + String(repeating: " ", count: 117 - dictionary.count) + "\n"
    #expect(contents == Self.file(header, elements: [UInt8](repeating: 1, count: 24)))
  }

  @Test(arguments: [1, 2, 3] as [UInt8]) func readsEveryVersion(version: UInt8) throws {
    let file = Self.file(
      "{\"shape\": (2,), 'fortran_order': False ,'descr':'<i2'}\n", elements: [1, 0, 2, 0], version: version)
    #expect(try NPY(contents: file) == NPY(type: .int16, shape: [2], bytes: [1, 0, 2, 0]))
  }

  @Test func readsOneDimensionInFortranOrder() throws {
    let file = Self.file("{'descr': '|u1', 'fortran_order': True, 'shape': (1, 2), }", elements: [1, 2])
    #expect(try NPY(contents: file).shape == [1, 2])
  }

  @Test(arguments: [
    ("{'descr': '>f4', 'fortran_order': False, 'shape': (1,), }", "little-endian"),
    ("{'descr': '<U3', 'fortran_order': False, 'shape': (1,), }", "not supported"),
    ("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", "something other"),
    ("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 2), }", "Fortran order"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), ", "expected a quoted string"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }", "numbers from 0"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }", "numbers from 0"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296), }", "fit in memory"),
    ("{'descr': '<f8', 'fortran_order': False, 'shape': (2305843009213693951,), }", "found 4 bytes"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", "expected 2 elements of 4 bytes"),
    ("{'descr': '<f4', 'fortran_order': False, }", "'shape' is absent"),
    ("{'descr': '<f4', 'shape': (1,), }", "'fortran_order' is absent"),
    ("{'fortran_order': False, 'shape': (1,), }", "'descr' is absent"),
    ("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", "occurs twice"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), } junk", "behind its dictionary"),
    ("{'descr': '<f4' 'fortran_order': False}", "expected ','"),
    ("", "expected '{'"),
  ])
  func refuses(header: String, because reason: String) throws {
    let error = #expect(throws: NPYError.self) { try NPY(contents: Self.file(header, elements: [1, 2, 3, 4])) }
    #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
  }

  @Test func refusesEveryTruncation() throws {
    let whole = try NPY(type: .int32, shape: [2], bytes: [1, 2, 3, 4, 5, 6, 7, 8]).contents()
    for count in 0..<whole.count {
      #expect(throws: NPYError.self) { try NPY(contents: Array(whole[..<count])) }
    }
  }

  @Test func refusesAnotherVersion() {
    let error = #expect(throws: NPYError.self) { try NPY(contents: Self.file("{}", version: 4)) }
    #expect(error?.message.contains("version 4") == true)
  }
}
