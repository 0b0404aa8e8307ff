extension Image {
  /// Reads a JPEG, PNG or BMP file.
  ///
  /// The contents decide on the format, not the name. The orientation that a JPEG's EXIF block states is applied. Alpha is
  /// dropped, as are colour profiles and gamma: the stored samples are what networks are trained on.
  ///
  ///     let photo = try Image(contentsOf: "photo.jpg").resized(width: 224, height: 224)
  ///
  /// - Throws: `VisionError` that names the file; a truncated or corrupt picture is an error, never a partial picture.
  public init(contentsOf path: String, limits: ImageLimits = ImageLimits()) throws(VisionError) {
    let bytes = try File.read(path, limit: limits.fileBytes)
    do throws(VisionError) {
      self = try Image(decoding: bytes, limits: limits)
    } catch {
      throw error.naming(path)
    }
  }

  /// Decodes a JPEG, PNG or BMP picture in memory.
  /// - Throws: as `init(contentsOf:limits:)`, without a file name.
  public init(decoding bytes: RawSpan, limits: ImageLimits = ImageLimits()) throws(VisionError) {
    switch ImageFormat(signatureOf: bytes) {
    case .jpeg: self = try Codec.jpeg.decode(bytes, limits: limits).oriented(EXIF.orientation(ofJPEG: bytes))
    case .png: self = try Codec.png.decode(bytes, limits: limits)
    case .bmp: self = try BMPDecoder.decode(bytes, limits: limits)
    case nil: throw Self.unknownFormat(bytes)
    }
  }

  /// As `init(decoding:limits:)` of a span.
  public init(decoding bytes: [UInt8], limits: ImageLimits = ImageLimits()) throws(VisionError) {
    unsafe try self.init(decoding: bytes.span.bytes, limits: limits)  // a byte has no padding
  }

  private static func unknownFormat(_ bytes: RawSpan) -> VisionError {
    let first = (0..<min(4, bytes.byteCount)).map { hexadecimal(bytes.byte(at: $0)) }.joined(separator: " ")
    return VisionError(
      .unknownFormat, place: "byte 0", found: first.isEmpty ? "no bytes" : "bytes \(first)",
      expected: "a JPEG, PNG or BMP signature", remedy: "convert the picture to one of these formats")
  }

  private static func hexadecimal(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16, uppercase: true)
    return digits.count == 1 ? "0\(digits)" : digits
  }
}

extension ImageLimits {
  /// The number of pixels of a picture that the header describes.
  func admit(width: Int, height: Int, format: ImageFormat) throws(VisionError) -> Int {
    let (count, overflow) = width.multipliedReportingOverflow(by: height)
    guard width >= 1, height >= 1 else {
      throw VisionError(
        .corrupt, place: "\(format.rawValue) header", found: "\(width) x \(height) pixels",
        expected: "at least 1 x 1", remedy: "export the picture again")
    }
    guard !overflow, count <= pixels, count <= Int.max / 8 else {
      throw VisionError(
        .tooLarge, place: "\(format.rawValue) header", found: "\(width) x \(height) pixels",
        expected: "at most \(pixels) pixels", remedy: "scale the picture down or raise the limit")
    }
    return count
  }
}
