import CVision

extension Image {
  /// The picture as a PNG file, 8-bit RGB, lossless.
  public func pngBytes() throws(VisionError) -> [UInt8] {
    unsafe try encoded(as: .png) { rgb, size, bytes, count in
      unsafe swl_png_encode(rgb, size, bytes, count)
    }
  }

  /// The picture as a baseline JPEG file.
  /// - Parameter quality: 1 (smallest) to 100 (best).
  /// - Throws: `unsupported` for a side above 65500 pixels, which JPEG cannot store.
  public func jpegBytes(quality: Int = 90) throws(VisionError) -> [UInt8] {
    unsafe try encoded(as: .jpeg) { rgb, size, bytes, count in
      unsafe swl_jpeg_encode(rgb, size, Int32(clamping: min(max(quality, 1), 100)), bytes, count)
    }
  }

  /// Writes a PNG or JPEG file, as the name ends: `.png`, or `.jpg` and `.jpeg`. The file appears whole or not at all.
  /// - Throws: `unknownFormat` for another ending, `unwritableFile` in the system's words.
  public func write(to path: String) throws(VisionError) {
    let ending = path.split(separator: ".").last?.lowercased()
    let bytes: [UInt8]
    do throws(VisionError) {
      switch ending {
      case "png": bytes = try pngBytes()
      case "jpg", "jpeg": bytes = try jpegBytes()
      default:
        throw VisionError(
          .unknownFormat, place: "the file's name", found: "ending \"\(ending ?? "")\"",
          expected: ".png, .jpg or .jpeg", remedy: "choose another name")
      }
    } catch {
      throw error.naming(path)
    }
    try File.write(bytes, to: path)
  }

  private typealias Encoder = (
    UnsafePointer<UInt8>?, swl_picture_size, UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>,
    UnsafeMutablePointer<Int>
  ) -> swl_codec_result

  private func encoded(as format: ImageFormat, by encode: Encoder) throws(VisionError) -> [UInt8] {
    guard let width = UInt32(exactly: width), let height = UInt32(exactly: height) else {
      throw VisionError(
        .tooLarge, place: "\(format.rawValue) encoder", found: "\(width) x \(height) pixels", expected: "32-bit sizes",
        remedy: "scale the picture down")
    }
    var bytes: UnsafeMutablePointer<UInt8>?
    var count = 0
    let size = swl_picture_size(width: width, height: height)
    let result = unsafe pixels.withUnsafeBufferPointer { unsafe encode($0.baseAddress, size, &bytes, &count) }
    if let error = Codec.error(result, place: "\(format.rawValue) encoder") { throw error }
    defer { unsafe swl_codec_release(bytes) }
    return unsafe [UInt8](UnsafeBufferPointer(start: bytes, count: count))
  }
}
