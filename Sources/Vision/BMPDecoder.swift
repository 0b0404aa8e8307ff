/// Uncompressed BMP pictures of 1, 4, 8 (palette), 16, 24 and 32 bits a pixel. RLE is refused by name.
enum BMPDecoder {
  static func decode(_ bytes: RawSpan, limits: ImageLimits) throws(VisionError) -> Image {
    let header = try BMPHeader(bytes, limits: limits)
    var pixels = [UInt8](repeating: 0, count: header.width * header.height * 3)
    for y in 0..<header.height {
      let stored = header.isBottomUp ? header.height - 1 - y : y
      let start = header.dataOffset + stored * header.stride
      let row = bytes.extracting(start..<start + header.stride)
      try decode(row, header: header, into: &pixels, at: y * header.width * 3)
    }
    return Image(width: header.width, height: header.height, pixels: pixels)
  }

  private static func decode(
    _ row: RawSpan, header: BMPHeader, into pixels: inout [UInt8], at start: Int
  ) throws(VisionError) {
    switch header.bitsPerPixel {
    case 24:
      for x in 0..<header.width {
        pixels[start + 3 * x] = row.byte(at: 3 * x + 2)
        pixels[start + 3 * x + 1] = row.byte(at: 3 * x + 1)
        pixels[start + 3 * x + 2] = row.byte(at: 3 * x)
      }
    case 16, 32:
      decodeMasked(row, header: header, into: &pixels, at: start)
    default:
      try decodeIndices(row, header: header, into: &pixels, at: start)
    }
  }

  private static func decodeMasked(_ row: RawSpan, header: BMPHeader, into pixels: inout [UInt8], at start: Int) {
    let byteCount = header.bitsPerPixel / 8
    for x in 0..<header.width {
      var value: UInt32 = 0
      for byte in 0..<byteCount {
        value |= UInt32(row.byte(at: x * byteCount + byte)) << UInt32(8 * byte)
      }
      for channel in 0..<3 {
        pixels[start + 3 * x + channel] = sample(value, mask: header.masks[channel])
      }
    }
  }

  /// The masked bits, scaled from their full range to 0...255 and rounded.
  private static func sample(_ value: UInt32, mask: UInt32) -> UInt8 {
    let shift = UInt32(mask.trailingZeroBitCount)
    let maximum = UInt64(mask >> shift)
    return UInt8((UInt64((value & mask) >> shift) * 255 + maximum / 2) / maximum)
  }

  private static func decodeIndices(
    _ row: RawSpan, header: BMPHeader, into pixels: inout [UInt8], at start: Int
  ) throws(VisionError) {
    let bits = header.bitsPerPixel
    for x in 0..<header.width {
      let byte = Int(row.byte(at: x * bits / 8))
      let index = byte >> (8 - bits - x * bits % 8) & ((1 << bits) - 1)
      guard index < header.palette.count else {
        throw VisionError(
          .corrupt, place: "BMP rows", found: "palette index \(index)", expected: "below \(header.palette.count)",
          remedy: "export the picture again")
      }
      let color = header.palette[index]
      pixels[start + 3 * x] = color.red
      pixels[start + 3 * x + 1] = color.green
      pixels[start + 3 * x + 2] = color.blue
    }
  }
}
