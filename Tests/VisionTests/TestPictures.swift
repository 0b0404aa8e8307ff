import Vision

/// Pictures made by arithmetic, and files made of them byte by byte.
enum TestPictures {
  /// A busy picture: `(7x + 13y + 29c + 5(xy mod 31)) mod 256`.
  static func busy(width: Int, height: Int) -> Image {
    var pixels: [UInt8] = []
    for y in 0..<height {
      for x in 0..<width {
        for channel in 0..<3 {
          pixels.append(UInt8((x * 7 + y * 13 + channel * 29 + (x * y) % 31 * 5) & 255))
        }
      }
    }
    return Image(width: width, height: height, pixels: pixels)
  }

  /// A smooth one, which JPEG keeps well: red rises with x, green with y, blue falls with x.
  static func smooth(width: Int, height: Int) -> Image {
    var image = Image(width: width, height: height, filledWith: .black)
    for y in 0..<height {
      for x in 0..<width {
        image[x, y] = Color(red: UInt8(x * 10 & 255), green: UInt8(y * 15 & 255), blue: UInt8(255 - (x * 10 & 255)))
      }
    }
    return image
  }

  /// FNV-1a, 64 bits.
  static func checksum(_ bytes: [UInt8]) -> UInt64 {
    bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }

  static func largestDifference(_ first: Image, _ second: Image) -> Int {
    zip(first.pixels, second.pixels).map { abs(Int($0) - Int($1)) }.max() ?? 0
  }
}

/// A generator whose sequence is the same everywhere (Knuth's MMIX constants).
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return (state ^ state >> 29) &* 0xBF58_476D_1CE4_E5B9 ^ state >> 31
  }
}

func littleEndian(_ value: Int, bytes: Int) -> [UInt8] {
  (0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
}

func bigEndian(_ value: Int, bytes: Int) -> [UInt8] {
  littleEndian(value, bytes: bytes).reversed()
}
