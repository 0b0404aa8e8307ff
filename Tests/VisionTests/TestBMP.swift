/// A BMP writer for every depth; fields can be set wrong on purpose.
struct TestBMP {
  var width: Int
  var height: Int
  var bitsPerPixel: Int
  var compression = 0
  var headerSize = 40
  /// Blue, green, red and a filler for each entry.
  var palette: [UInt8] = []
  var masks: [Int] = []
  var topDown = false
  /// The bits of a pixel.
  var value: (_ x: Int, _ y: Int) -> Int

  func bytes() -> [UInt8] {
    let maskBytes = masks.flatMap { littleEndian($0, bytes: 4) }
    let offset = 14 + headerSize + maskBytes.count + palette.count
    let rows = (0..<height).flatMap { packed(topDown ? $0 : height - 1 - $0) }
    let file =
      [0x42, 0x4D] + littleEndian(offset + rows.count, bytes: 4) + [0, 0, 0, 0] + littleEndian(offset, bytes: 4)
    return file + header() + maskBytes + palette + rows
  }

  private func header() -> [UInt8] {
    if headerSize == 12 {
      return littleEndian(12, bytes: 4) + littleEndian(width, bytes: 2) + littleEndian(height, bytes: 2) + [1, 0]
        + littleEndian(bitsPerPixel, bytes: 2)
    }
    let size = littleEndian(width, bytes: 4) + littleEndian(topDown ? -height : height, bytes: 4)
    let fields =
      littleEndian(headerSize, bytes: 4) + size + [1, 0] + littleEndian(bitsPerPixel, bytes: 2)
      + littleEndian(compression, bytes: 4) + [UInt8](repeating: 0, count: 12)
      + littleEndian(palette.count / 4, bytes: 4) + [0, 0, 0, 0]
    return fields + [UInt8](repeating: 0, count: headerSize - 40)
  }

  private func packed(_ y: Int) -> [UInt8] {
    var bits: [UInt8] = []
    if bitsPerPixel >= 8 {
      bits = (0..<width).flatMap { littleEndian(value($0, y), bytes: bitsPerPixel / 8) }
    } else {
      let perByte = 8 / bitsPerPixel
      bits = stride(from: 0, to: width, by: perByte).map { start in
        (start..<min(start + perByte, width)).reduce(0) { byte, x in
          byte | UInt8(value(x, y) << (8 - bitsPerPixel * (x - start + 1)))
        }
      }
    }
    return bits + [UInt8](repeating: 0, count: (4 - bits.count % 4) % 4)
  }
}
