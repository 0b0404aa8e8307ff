/// A PNG writer for every colour type and depth, with stored deflate blocks.
struct TestPNG {
  var width: Int
  var height: Int
  /// 0 gray, 2 RGB, 3 palette, 4 gray with alpha, 6 RGB with alpha.
  var colorType: Int
  var depth: Int
  var interlaced = false
  var palette: [UInt8] = []
  /// The samples of a pixel.
  var samples: (_ x: Int, _ y: Int) -> [Int]

  func bytes() -> [UInt8] {
    let header =
      bigEndian(width, bytes: 4) + bigEndian(height, bytes: 4)
      + [UInt8(depth), UInt8(colorType), 0, 0, interlaced ? 1 : 0]
    return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + chunk("IHDR", header)
      + (palette.isEmpty ? [] : chunk("PLTE", palette)) + chunk("IDAT", zlib(rows())) + chunk("IEND", [])
  }

  private func rows() -> [UInt8] {
    let adam7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    var rows: [UInt8] = []
    for (left, top, right, down) in interlaced ? adam7 : [(0, 0, 1, 1)] where left < width {
      for y in stride(from: top, to: height, by: down) {
        rows.append(0)
        rows += packed(stride(from: left, to: width, by: right).flatMap { samples($0, y) })
      }
    }
    return rows
  }

  private func packed(_ samples: [Int]) -> [UInt8] {
    if depth == 16 { return samples.flatMap { bigEndian($0, bytes: 2) } }
    let perByte = 8 / depth
    return stride(from: 0, to: samples.count, by: perByte).map { start in
      (0..<perByte).reduce(0) { byte, index in
        let sample = start + index < samples.count ? samples[start + index] : 0
        return byte | UInt8(sample << (8 - depth * (index + 1)))
      }
    }
  }

  private func zlib(_ data: [UInt8]) -> [UInt8] {
    precondition(data.count < 65536)
    let count = littleEndian(data.count, bytes: 2)
    let (a, b) = data.reduce((1, 0)) { sums, byte in
      let a = (sums.0 + Int(byte)) % 65521
      return (a, (sums.1 + a) % 65521)
    }
    return [0x78, 0x01, 0x01] + count + count.map { ~$0 } + data + bigEndian(b << 16 | a, bytes: 4)
  }

  private func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
    let body = Array(name.utf8) + data
    return bigEndian(data.count, bytes: 4) + body + bigEndian(Int(crc32(body)), bytes: 4)
  }
}

/// CRC-32 of PNG and ZIP, bit by bit.
func crc32(_ bytes: [UInt8]) -> UInt32 {
  ~bytes.reduce(0xFFFF_FFFF as UInt32) { crc, byte in
    (0..<8).reduce(crc ^ UInt32(byte)) { value, _ in value >> 1 ^ (value & 1 == 1 ? 0xEDB8_8320 : 0) }
  }
}
