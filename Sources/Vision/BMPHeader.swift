/// The headers of a BMP file: BITMAPFILEHEADER, then BITMAPCOREHEADER (12 bytes) or BITMAPINFOHEADER and its successors
/// (40 to 124 bytes). Everything that the decoder relies on is checked here.
/// Source: Microsoft's "Bitmap Storage" of the Windows GDI documentation.
struct BMPHeader {
  let width: Int
  let height: Int
  /// Rows are stored from the bottom to the top unless the height is negative.
  let isBottomUp: Bool
  /// 1, 4, 8, 16, 24 or 32.
  let bitsPerPixel: Int
  /// Where the rows begin.
  let dataOffset: Int
  /// Bytes from row to row: rows are padded to 4 bytes.
  let stride: Int
  let palette: [Color]
  /// Bits of red, green and blue in a pixel of 16 or 32 bits.
  let masks: [UInt32]

  init(_ bytes: RawSpan, limits: ImageLimits) throws(VisionError) {
    let headerSize = try Int(bytes.field32(at: 14, "the header's size"))
    guard [12, 40, 52, 56, 64, 108, 124].contains(headerSize) else {
      throw VisionError.unsupportedBMP(
        byte: 14, found: "a header of \(headerSize) bytes", expected: "12, 40, 52, 56, 64, 108 or 124")
    }
    let isCore = headerSize == 12
    let size = try isCore ? bytes.coreSize() : bytes.infoSize()
    (width, height, isBottomUp) = (size.width, size.height, size.isBottomUp)
    _ = try limits.admit(width: width, height: height, format: .bmp)
    bitsPerPixel = try Int(bytes.field16(at: isCore ? 24 : 28, "bits per pixel"))
    let compression = try isCore ? 0 : bytes.field32(at: 30, "compression")
    try BMPHeader.check(bitsPerPixel: bitsPerPixel, compression: compression)
    let hasMasks = compression == 3
    masks = try hasMasks ? bytes.masks() : bitsPerPixel == 16 ? [0x7C00, 0x3E0, 0x1F] : [0xFF0000, 0xFF00, 0xFF]
    dataOffset = try Int(bytes.field32(at: 10, "the rows' offset"))
    let headerEnd = 14 + headerSize + (hasMasks && headerSize == 40 ? 12 : 0)
    guard dataOffset >= headerEnd else {
      throw VisionError.corruptBMP(byte: 10, found: "rows at byte \(dataOffset)", expected: "at least \(headerEnd)")
    }
    stride = (width * bitsPerPixel + 31) / 32 * 4  // no overflow: the limit holds width below Int.max / 8
    let (rowBytes, overflow) = stride.multipliedReportingOverflow(by: height)
    guard !overflow, bytes.range(at: dataOffset, count: rowBytes) != nil else {
      throw VisionError(
        .truncated, place: "BMP rows, byte \(dataOffset)", found: "\(bytes.byteCount) bytes in all",
        expected: "\(height) rows of \(stride) bytes", remedy: "copy or download the file again")
    }
    guard bitsPerPixel <= 8 else {
      palette = []
      return
    }
    let used = try isCore ? 0 : Int(bytes.field32(at: 46, "the palette's length"))
    let count = used == 0 || used > 1 << bitsPerPixel ? 1 << bitsPerPixel : used
    let entrySize = isCore ? 3 : 4
    palette = bytes.palette(
      at: headerEnd, count: min(count, (dataOffset - headerEnd) / entrySize), entrySize: entrySize)
  }

  private static func check(bitsPerPixel: Int, compression: UInt32) throws(VisionError) {
    switch (compression, bitsPerPixel) {
    case (0, 1), (0, 4), (0, 8), (0, 16), (0, 24), (0, 32), (3, 16), (3, 32): return
    case (0, _), (3, _):
      throw VisionError.unsupportedBMP(
        byte: 28, found: "\(bitsPerPixel) bits per pixel", expected: "1, 4, 8, 16, 24 or 32")
    default:
      let names: [UInt32: String] = [
        1: "RLE8", 2: "RLE4", 4: "embedded JPEG", 5: "embedded PNG", 6: "alpha bit fields",
      ]
      let name = names[compression] ?? "number \(compression)"
      throw VisionError.unsupportedBMP(byte: 30, found: "compression \(name)", expected: "none or bit fields")
    }
  }
}

/// Reads that throw where the file ends too early.
extension RawSpan {
  fileprivate func field16(at offset: Int, _ name: String) throws(VisionError) -> UInt16 {
    guard let value = uint16(at: offset) else { throw ending(at: offset, name) }
    return value
  }

  fileprivate func field32(at offset: Int, _ name: String) throws(VisionError) -> UInt32 {
    guard let value = uint32(at: offset) else { throw ending(at: offset, name) }
    return value
  }

  fileprivate func coreSize() throws(VisionError) -> (width: Int, height: Int, isBottomUp: Bool) {
    (try Int(field16(at: 18, "the width")), try Int(field16(at: 20, "the height")), true)
  }

  fileprivate func infoSize() throws(VisionError) -> (width: Int, height: Int, isBottomUp: Bool) {
    let width = try Int(Int32(bitPattern: field32(at: 18, "the width")))
    let height = try Int(Int32(bitPattern: field32(at: 22, "the height")))
    return (width, abs(height), height >= 0)
  }

  /// Red, green and blue: three words behind the first 40 bytes of the header, or inside its successors.
  fileprivate func masks() throws(VisionError) -> [UInt32] {
    var masks: [UInt32] = []
    for offset in [54, 58, 62] {
      let mask = try field32(at: offset, "a colour mask")
      let bits = mask >> UInt32(mask.trailingZeroBitCount)
      guard mask != 0, bits & (bits &+ 1) == 0 else {
        throw VisionError.corruptBMP(byte: offset, found: "colour mask \(mask)", expected: "neighbouring bits")
      }
      masks.append(mask)
    }
    return masks
  }

  fileprivate func palette(at offset: Int, count: Int, entrySize: Int) -> [Color] {
    (0..<count).compactMap { index in
      guard let entry = range(at: offset + index * entrySize, count: 3)?.lowerBound else { return nil }
      return Color(red: byte(at: entry + 2), green: byte(at: entry + 1), blue: byte(at: entry))
    }
  }

  private func ending(at offset: Int, _ name: String) -> VisionError {
    VisionError(
      .truncated, place: "BMP header, byte \(offset)", found: "\(byteCount) bytes in all", expected: name,
      remedy: "copy or download the file again")
  }

}

extension VisionError {
  fileprivate static func corruptBMP(byte: Int, found: String, expected: String) -> VisionError {
    VisionError(
      .corrupt, place: "BMP header, byte \(byte)", found: found, expected: expected, remedy: "export the picture again")
  }

  fileprivate static func unsupportedBMP(byte: Int, found: String, expected: String) -> VisionError {
    VisionError(
      .unsupported, place: "BMP header, byte \(byte)", found: found, expected: expected,
      remedy: "convert the picture to PNG or JPEG")
  }
}
