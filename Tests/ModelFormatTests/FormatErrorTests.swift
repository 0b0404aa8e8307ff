import ModelFormat
import Testing
import TestSupport

@Suite struct FormatErrorTests {
  @Test func saysWhereWhatFoundExpectedAndAdvice() throws {
    var model = Fixtures.fullyConnected()
    model.subgraphs[0].tensors[1].data = [1, 2]
    let bytes = model.build()
    let error = try #require(throws: FormatError.self) { try Model(bytes: ModelBytes(copying: bytes)) }
    let offset = try #require(error.offset)
    #expect(bytes[offset...].starts(with: [1, 2]))
    #expect(
      error.message
        == "tensor 1 'weights' of subgraph 0: field buffer has the wrong number of bytes: found 2, expected 6 "
        + "(at byte \(offset)): the file is truncated or damaged; fetch or convert it again")
  }

  @Test func namesTheOperator() throws {
    var model = Fixtures.fullyConnected()
    model.subgraphs[0].operators[0].outputs = [7]
    let error = try #require(throws: FormatError.self) { try read(model) }
    #expect(
      error.message.hasPrefix(
        "operator 0 'FULLY_CONNECTED' of subgraph 0: field outputs is not a valid index: found 7, "))
  }

  @Test func namesFilesThatCannotBeRead() throws {
    let missing = try #require(throws: FormatError.self) { try ModelBytes(path: "/nowhere/model.tflite") }
    #expect(missing.code == .unreadable)
    #expect(missing.message.hasPrefix("file '/nowhere/model.tflite': cannot be read: found no such file"))
    let folder = try #require(throws: FormatError.self) { try ModelBytes(path: "/") }
    #expect(folder.message.contains("a directory"))
    let empty = try #require(throws: FormatError.self) { try ModelBytes(path: "/dev/null") }
    #expect(empty.code == .tooShort)
  }
}
