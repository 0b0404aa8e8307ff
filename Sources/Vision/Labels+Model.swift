extension Labels {
  /// The labels in the archive at the end of a model file; `nil` when there are none.
  ///
  /// Takes the first text file whose name holds "label", else the only text file.
  /// - Parameter model: the whole `.tflite` file.
  /// - Throws: `VisionError` for an archive or a text that is broken.
  public init?(inModel model: RawSpan) throws(VisionError) {
    guard let archive = try ZipArchive(at: model) else { return nil }
    let texts = archive.entries.filter { $0.name.lowercased().hasSuffix(".txt") }
    let labelled = texts.first { $0.name.lowercased().contains("label") }
    guard let entry = labelled ?? (texts.count == 1 ? texts.first : nil) else { return nil }
    self.init(text: try Self.text(archive.contents(of: entry, in: model), place: "entry \"\(entry.name)\""))
  }

  /// As `init(inModel:)`, reading the file.
  /// - Throws: also for a file that cannot be read or is longer than 1 GiB. The error names the file.
  /// - Complexity: reads the whole file.
  public init?(inModelFile path: String) throws(VisionError) {
    let bytes = try File.read(path, limit: 1 << 30)
    do throws(VisionError) {
      guard let labels = unsafe try Labels(inModel: bytes.span.bytes) else { return nil }  // a byte has no padding
      self = labels
    } catch {
      throw error.naming(path)
    }
  }
}
