import Testing
import Vision

@Suite struct ZipWritingTests {
  @Test func readsBackWhatItWrote() throws {
    let files = [("labels.txt", Array("cat\ndog\n".utf8)), ("empty", []), ("ä/b", [UInt8](repeating: 7, count: 1000))]
    let prefix = [UInt8](repeating: 0xAA, count: 37)
    let bytes = prefix + ZipArchive.bytes(of: files, behind: prefix.count)
    let span = unsafe bytes.span.bytes
    let archive = try #require(try ZipArchive(at: span))
    #expect(archive.entries.map(\.name) == files.map(\.0))
    for (entry, file) in zip(archive.entries, files) {
      #expect(try archive.contents(of: entry, in: span) == file.1)
    }
    #expect(try Labels(inModel: span)?[1] == "dog")
  }

  /// As .keras archives hold the weights of large networks.
  @Test func readsStoredEntriesOfAnySize() throws {
    let contents = [UInt8](repeating: 3, count: ZipArchive.byteLimit + 1)
    let bytes = ZipArchive.bytes(of: [("weights", contents)], behind: 0)
    let span = unsafe bytes.span.bytes
    let archive = try #require(try ZipArchive(at: span))
    #expect(try archive.contents(of: archive.entries[0], in: span).count == contents.count)
  }
}
