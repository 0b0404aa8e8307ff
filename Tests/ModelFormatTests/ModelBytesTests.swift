import Foundation
import ModelFormat
import Testing
import TestSupport

@Suite struct ModelBytesTests {
  private let bytes = Fixtures.fullyConnected().build()

  @Test func mapsFiles() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).tflite")
    try Data(bytes).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let mapped = try ModelBytes(path: file.path)
    #expect(mapped.count == bytes.count)
    #expect(try Model(bytes: mapped).signatures[0].key == "serving")
    #expect(try Model(path: file.path).subgraphs.count == 1)
  }

  @Test func readsConstantsBeyondTwoGibibytes() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).tflite")
    defer { try? FileManager.default.removeItem(at: file) }
    let offset = UInt64(5) << 29
    var model = Fixtures.fullyConnected()
    model.override(.buffer(1), field: 1, .uint64(offset))
    model.override(.buffer(1), field: 2, .uint64(6))
    try Data(model.build()).write(to: file)
    let handle = try FileHandle(forWritingTo: file)
    try handle.seek(toOffset: offset)
    try handle.write(contentsOf: Data([9, 8, 7, 6, 5, 4]))
    try handle.close()
    let read = try Model(bytes: ModelBytes(path: file.path))
    let data = try #require(read.subgraphs[0].tensors[1].data)
    #expect(data == Int(offset)..<Int(offset) + 6)
    #expect(
      unsafe Array(UnsafeRawBufferPointer(start: read.bytes.rawPointer(of: data), count: 6)) == [9, 8, 7, 6, 5, 4])
  }

  @Test func readsPipes() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    let made = unsafe mkfifo(path, 0o600)
    #expect(made == 0)
    defer { _ = unsafe unlink(path) }
    // Larger than the first block that the reader asks for.
    let contents = bytes + Array(repeating: UInt8(7), count: 300_000)
    let writer = Thread {
      try? Data(contents).write(to: URL(fileURLWithPath: path), options: [])
    }
    writer.start()
    let read = try ModelBytes(path: path)
    #expect(read.count == contents.count)
    #expect(unsafe Array(UnsafeRawBufferPointer(start: read.base, count: read.count)) == contents)
  }

  @Test func copiesAndBorrows() throws {
    let copied = try ModelBytes(copying: bytes)
    #expect(try Model(bytes: copied).subgraphs.count == 1)
    #expect(try ModelBytes(copying: []).count == 0)
    unsafe bytes.withUnsafeBytes { buffer in
      let borrowed = unsafe ModelBytes(borrowing: buffer)
      #expect(borrowed.count == bytes.count)
      #expect(unsafe borrowed.rawPointer(of: 0..<4) == buffer.baseAddress)
    }
    let nothing = unsafe ModelBytes(borrowing: UnsafeRawBufferPointer(start: nil, count: 0))
    #expect(throws: FormatError.self) { try Model(bytes: nothing) }
  }
}
