/// A file format that this module reads.
public enum ImageFormat: String, Sendable, CaseIterable {
  case jpeg = "JPEG"
  case png = "PNG"
  case bmp = "BMP"

  /// The format whose signature `bytes` begin with.
  public init?(signatureOf bytes: RawSpan) {
    let first = (0..<min(8, bytes.byteCount)).map { bytes.byte(at: $0) }
    if first.starts(with: [0xFF, 0xD8, 0xFF]) {
      self = .jpeg
    } else if first == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] {
      self = .png
    } else if first.starts(with: [0x42, 0x4D]) {
      self = .bmp
    } else {
      return nil
    }
  }
}

/// What a picture may cost. Checked against the header, before anything is allocated for the pixels.
public struct ImageLimits: Sendable {
  /// The largest `width * height`. A decoded pixel takes 3 bytes; a progressive JPEG needs up to 8 more while decoding.
  public var pixels: Int
  /// The largest file.
  public var fileBytes: Int

  public init(pixels: Int = 100_000_000, fileBytes: Int = 1 << 29) {
    self.pixels = pixels
    self.fileBytes = fileBytes
  }
}
