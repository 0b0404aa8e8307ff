import Testing
import Vision

@Suite struct PNGTests {
  let picture = TestPictures.busy(width: 13, height: 9)

  private func samples(_ color: Color) -> [Int] { [Int(color.red), Int(color.green), Int(color.blue)] }

  @Test func encodingKeepsEveryPixel() throws {
    #expect(try Image(decoding: picture.pngBytes()) == picture)
  }

  @Test func readsInterlacedRows() throws {
    let file = TestPNG(width: 13, height: 9, colorType: 2, depth: 8, interlaced: true) { samples(picture[$0, $1]) }
    #expect(try Image(decoding: file.bytes()) == picture)
  }

  @Test func dropsAlpha() throws {
    let file = TestPNG(width: 13, height: 9, colorType: 6, depth: 8) { samples(picture[$0, $1]) + [$0 * 19] }
    #expect(try Image(decoding: file.bytes()) == picture)
  }

  @Test func roundsSixteenBits() throws {
    let file = TestPNG(width: 13, height: 9, colorType: 2, depth: 16) { x, y in
      samples(picture[x, y]).map { min($0 * 257 + 128, 65535) }
    }
    #expect(try Image(decoding: file.bytes()) == picture)
  }

  @Test(arguments: [1, 2, 4, 8])
  func spreadsGrayOverTheFullRange(depth: Int) throws {
    let maximum = (1 << depth) - 1
    let file = TestPNG(width: 13, height: 9, colorType: 0, depth: depth) { x, y in [(x + y) & maximum] }
    let image = try Image(decoding: file.bytes())
    for x in 0..<13 {
      let gray = UInt8(((x + 4) & maximum) * 255 / maximum)
      #expect(image[x, 4] == Color(red: gray, green: gray, blue: gray))
    }
  }

  @Test(arguments: [1, 2, 4, 8])
  func looksUpThePalette(depth: Int) throws {
    let count = 1 << depth
    let palette = (0..<count).flatMap { (index: Int) -> [UInt8] in
      [UInt8(index), UInt8(255 - index), UInt8(index / 2)]
    }
    let file = TestPNG(width: 13, height: 9, colorType: 3, depth: depth, palette: palette) { x, y in [(x + y) % count] }
    let image = try Image(decoding: file.bytes())
    for x in 0..<13 {
      let index = UInt8((x + 4) % count)
      #expect(image[x, 4] == Color(red: index, green: 255 - index, blue: index / 2))
    }
  }

  @Test func refusesEveryTruncation() throws {
    let bytes = try picture.pngBytes()
    for count in 8..<bytes.count {
      let error = #expect(throws: VisionError.self) { try Image(decoding: Array(bytes.prefix(count))) }
      #expect(error?.code == .truncated)
    }
  }

  @Test func refusesAWrongChecksum() throws {
    var bytes = try picture.pngBytes()
    bytes[bytes.count - 13] ^= 1
    let error = #expect(throws: VisionError.self) { try Image(decoding: bytes) }
    #expect(error?.code == .corrupt)
  }

  @Test func refusesSizesBeyondTheLimit() throws {
    let bytes = try picture.pngBytes()
    let error = #expect(throws: VisionError.self) { try Image(decoding: bytes, limits: ImageLimits(pixels: 116)) }
    #expect(error?.code == .tooLarge)
    #expect(try Image(decoding: bytes, limits: ImageLimits(pixels: 117)) == picture)
  }
}
