import Foundation
import Testing
import Vision

/// Whatever the bytes: an image within the limit or a `VisionError`.
@Suite struct CorruptPictureTests {
  private static func files() throws -> [[UInt8]] {
    let picture = TestPictures.busy(width: 19, height: 13)
    let palette = (0..<16).flatMap { (index: Int) -> [UInt8] in
      [UInt8(index), UInt8(255 - index), UInt8(2 * index), 0]
    }
    return [
      try picture.jpegBytes(), try picture.pngBytes(),
      TestPNG(width: 19, height: 13, colorType: 3, depth: 4, interlaced: true, palette: Array(palette.prefix(48))) {
        [($0 + $1) % 16]
      }.bytes(),
      TestBMP(width: 19, height: 13, bitsPerPixel: 4, palette: palette) { ($0 + $1) % 16 }.bytes(),
      TestBMP(width: 19, height: 13, bitsPerPixel: 32, compression: 3, masks: [0xFF0000, 0xFF00, 0xFF]) { $0 + $1 }
        .bytes(),
    ]
  }

  @Test(arguments: 0..<5)
  func mutationsEndInAPictureOrAnError(file: Int) throws {
    let original = try Self.files()[file]
    var generator = SeededGenerator(state: UInt64(file) + 1)
    let limits = ImageLimits(pixels: 20_000)
    var refused = 0
    for _ in 0..<1500 {
      let bytes = mutated(original, with: &generator)
      do throws(VisionError) {
        let image = try Image(decoding: bytes, limits: limits)
        #expect(image.pixels.count == image.width * image.height * 3 && image.pixels.count <= 60_000)
      } catch {
        refused += 1
        #expect(!error.place.isEmpty && !error.found.isEmpty && !error.expected.isEmpty && !error.remedy.isEmpty)
      }
    }
    #expect(refused > 100)
  }

  private func mutated(_ original: [UInt8], with generator: inout SeededGenerator) -> [UInt8] {
    var bytes = original
    for _ in 0..<Int.random(in: 1...3, using: &generator) {
      let near = Int.random(
        in: 0..<(Bool.random(using: &generator) ? min(70, bytes.count) : bytes.count), using: &generator)
      switch Int.random(in: 0..<4, using: &generator) {
      case 0: bytes[near] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      case 1: bytes[near] = UInt8.random(in: 0...255, using: &generator)
      case 2:
        let extreme = [0, 1, Int(Int32.max), Int(Int32.min), -1].randomElement(using: &generator) ?? 0
        for (index, byte) in littleEndian(extreme, bytes: 4).enumerated() where near + index < bytes.count {
          bytes[near + index] = byte
        }
      default: bytes.removeSubrange(near..<min(bytes.count, near + Int.random(in: 1...40, using: &generator)))
      }
      if bytes.isEmpty { bytes = [0xFF] }
    }
    return bytes
  }

  @Test(arguments: [[], [0x42], [0xFF, 0xD8], [0x47, 0x49, 0x46, 0x38, 0x39, 0x61]] as [[UInt8]])
  func namesUnknownSignatures(bytes: [UInt8]) {
    let error = #expect(throws: VisionError.self) { try Image(decoding: bytes) }
    #expect(error?.code == .unknownFormat)
  }

  @Test func everyBMPTruncationIsAnError() throws {
    for bytes in try Self.files().dropFirst(3) {
      for count in 2..<bytes.count {
        let error = #expect(throws: VisionError.self) { try Image(decoding: Array(bytes.prefix(count))) }
        #expect(error?.code == .truncated)
      }
    }
  }
}
