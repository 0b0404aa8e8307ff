/// The one field of an EXIF block that changes the picture.
/// Source: JEITA CP-3451 (EXIF), TIFF 6.0, and the marker syntax of ITU-T T.81 annex B.
enum EXIF {
  /// The orientation that a JPEG file states; upright when it states none or a broken one.
  static func orientation(ofJPEG bytes: RawSpan) -> Orientation {
    var offset = 2
    while let prefix = bytes.uint8(at: offset), prefix == 0xFF, let marker = bytes.uint8(at: offset + 1) {
      if marker == 0xFF {
        offset += 1
        continue
      }
      if marker == startOfScan { break }
      guard let length = bytes.uint16(at: offset + 2, bigEndian: true), length >= 2 else { break }
      if marker == application1, let tiff = tiffBlock(bytes, at: offset + 4, count: Int(length) - 2) {
        return orientation(ofTIFF: bytes.extracting(tiff))
      }
      offset += 2 + Int(length)
    }
    return .upright
  }

  private static let startOfScan: UInt8 = 0xDA
  private static let application1: UInt8 = 0xE1
  private static let orientationTag: UInt16 = 0x0112
  private static let shortType: UInt16 = 3

  private static func tiffBlock(_ bytes: RawSpan, at offset: Int, count: Int) -> Range<Int>? {
    let name: [UInt8] = [0x45, 0x78, 0x69, 0x66, 0, 0]
    guard let range = bytes.range(at: offset, count: count), count >= name.count,
      name.indices.allSatisfy({ bytes.byte(at: range.lowerBound + $0) == name[$0] })
    else { return nil }
    return range.lowerBound + name.count..<range.upperBound
  }

  private static func orientation(ofTIFF tiff: RawSpan) -> Orientation {
    let order = tiff.uint16(at: 0)
    guard order == 0x4949 || order == 0x4D4D else { return .upright }
    let bigEndian = order == 0x4D4D
    guard let directory = tiff.uint32(at: 4, bigEndian: bigEndian),
      let entryCount = tiff.uint16(at: Int(directory), bigEndian: bigEndian)
    else { return .upright }
    for entry in 0..<Int(entryCount) {
      let offset = Int(directory) + 2 + entry * 12
      guard let tag = tiff.uint16(at: offset, bigEndian: bigEndian) else { break }
      if tag == orientationTag, tiff.uint16(at: offset + 2, bigEndian: bigEndian) == shortType {
        return tiff.uint16(at: offset + 8, bigEndian: bigEndian).flatMap(Orientation.init) ?? .upright
      }
    }
    return .upright
  }
}
