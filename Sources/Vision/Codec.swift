import CVision

/// The decoders of the system's libraries.
enum Codec {
  case jpeg
  case png

  private var format: ImageFormat { self == .jpeg ? .jpeg : .png }

  func decode(_ bytes: RawSpan, limits: ImageLimits) throws(VisionError) -> Image {
    var size = swl_picture_size()
    let header = unsafe bytes.withUnsafeBytes { unsafe measure($0.bindMemory(to: UInt8.self), &size) }
    if let error = Codec.error(header, place: "\(format.rawValue) header") { throw error }
    let (width, height) = (Int(size.width), Int(size.height))
    let pixelCount = try limits.admit(width: width, height: height, format: format)
    var pixels = [UInt8](repeating: 0, count: pixelCount * 3)
    let body = unsafe pixels.withUnsafeMutableBufferPointer { rgb in
      unsafe bytes.withUnsafeBytes { unsafe decode($0.bindMemory(to: UInt8.self), size, into: rgb) }
    }
    if let error = Codec.error(body, place: "\(format.rawValue) picture data") { throw error }
    return Image(width: width, height: height, pixels: pixels)
  }

  private func measure(_ bytes: UnsafeBufferPointer<UInt8>, _ size: inout swl_picture_size) -> swl_codec_result {
    switch self {
    case .jpeg: unsafe swl_jpeg_measure(bytes.baseAddress, bytes.count, &size)
    case .png: unsafe swl_png_measure(bytes.baseAddress, bytes.count, &size)
    }
  }

  private func decode(
    _ bytes: UnsafeBufferPointer<UInt8>, _ size: swl_picture_size, into rgb: UnsafeMutableBufferPointer<UInt8>
  ) -> swl_codec_result {
    switch self {
    case .jpeg: unsafe swl_jpeg_decode(bytes.baseAddress, bytes.count, size, rgb.baseAddress)
    case .png: unsafe swl_png_decode(bytes.baseAddress, bytes.count, size, rgb.baseAddress)
    }
  }

  /// The error that a result stands for; `nil` for success.
  static func error(_ result: swl_codec_result, place: String) -> VisionError? {
    if result.status == SWL_CODEC_OK { return nil }
    let detail = unsafe withUnsafePointer(to: result) { unsafe String(cString: swl_codec_detail($0)) }
    let found = "\"\(detail)\""
    switch result.status {
    case SWL_CODEC_TRUNCATED:
      return VisionError(
        .truncated, place: place, found: "the end of the bytes: \(found)", expected: "the whole picture",
        remedy: "copy or download the file again")
    case SWL_CODEC_UNSUPPORTED:
      return VisionError(
        .unsupported, place: place, found: found, expected: "a variant that the system's library decodes",
        remedy: "convert the picture to 8-bit RGB")
    case SWL_CODEC_OUT_OF_MEMORY:
      return VisionError(
        .outOfMemory, place: place, found: found, expected: "enough memory", remedy: "scale the picture down")
    default:
      return VisionError(
        .corrupt, place: place, found: found, expected: "consistent picture data",
        remedy: "copy or export the picture again")
    }
  }
}
