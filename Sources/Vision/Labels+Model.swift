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
}
