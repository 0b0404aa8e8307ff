import Testing
import Vision

@Suite struct BMPTests {
  let picture = TestPictures.busy(width: 11, height: 7)

  private func word(_ color: Color) -> Int {
    Int(color.red) << 16 | Int(color.green) << 8 | Int(color.blue)
  }

  @Test(arguments: [24, 32], [false, true])
  func keepsDirectColors(bits: Int, topDown: Bool) throws {
    let file = TestBMP(width: 11, height: 7, bitsPerPixel: bits, topDown: topDown) { word(picture[$0, $1]) }
    #expect(try Image(decoding: file.bytes()) == picture)
  }

  @Test(arguments: [12, 40, 52, 56, 64, 108, 124])
  func readsEveryHeader(size: Int) throws {
    let file = TestBMP(width: 11, height: 7, bitsPerPixel: 24, headerSize: size) { word(picture[$0, $1]) }
    #expect(try Image(decoding: file.bytes()) == picture)
  }

  @Test(arguments: [1, 4, 8])
  func looksUpThePalette(bits: Int) throws {
    let count = 1 << bits
    let palette = (0..<count).flatMap { (index: Int) -> [UInt8] in
      [UInt8(index), UInt8(255 - index), UInt8(index / 2), 0]
    }
    let file = TestBMP(width: 11, height: 7, bitsPerPixel: bits, palette: palette) { ($0 * 3 + $1) % count }
    let image = try Image(decoding: file.bytes())
    for y in 0..<7 {
      for x in 0..<11 {
        let index = UInt8((x * 3 + y) % count)
        #expect(image[x, y] == Color(red: index / 2, green: 255 - index, blue: index))
      }
    }
  }

  @Test func scalesBitFieldsToEightBits() throws {
    let file = TestBMP(
      width: 2, height: 1, bitsPerPixel: 16, compression: 3, masks: [0xF800, 0x7E0, 0x1F]
    ) { x, _ in x == 0 ? 0xFFFF : 0x8410 }
    let image = try Image(decoding: file.bytes())
    #expect(image[0, 0] == .white)
    #expect(image[1, 0] == Color(red: 132, green: 130, blue: 132))
  }

  @Test func readsFiveBitsAChannelWithoutMasks() throws {
    let file = TestBMP(width: 1, height: 1, bitsPerPixel: 16) { _, _ in 0x7C00 | 0x10 }
    #expect(try Image(decoding: file.bytes())[0, 0] == Color(red: 255, green: 0, blue: 132))
  }

  @Test func refusesRunLengthEncodingByName() {
    let file = TestBMP(width: 4, height: 4, bitsPerPixel: 8, compression: 1, palette: [0, 0, 0, 0]) { _, _ in 0 }
    let error = #expect(throws: VisionError.self) { try Image(decoding: file.bytes()) }
    #expect(error?.code == .unsupported)
    #expect(error?.found == "compression RLE8")
  }

  @Test func refusesAnIndexOutsideThePalette() {
    let file = TestBMP(width: 4, height: 1, bitsPerPixel: 8, palette: [1, 2, 3, 0]) { x, _ in x }
    let error = #expect(throws: VisionError.self) { try Image(decoding: file.bytes()) }
    #expect(error?.found == "palette index 1")
  }

  @Test(arguments: [(Int(Int32.max), Int(Int32.max)), (1, Int(Int32.min)), (-5, 5), (0, 3), (100_000, 100_000)])
  func refusesSizesBeforeAllocating(width: Int, height: Int) {
    var bytes = TestBMP(width: 1, height: 1, bitsPerPixel: 24) { _, _ in 0 }.bytes()
    bytes.replaceSubrange(18..<26, with: littleEndian(width, bytes: 4) + littleEndian(height, bytes: 4))
    let error = #expect(throws: VisionError.self) { try Image(decoding: bytes) }
    #expect(error.map { [.corrupt, .tooLarge, .truncated].contains($0.code) } == true)
  }

  @Test func refusesMasksWithHoles() {
    let file = TestBMP(
      width: 1, height: 1, bitsPerPixel: 32, compression: 3, masks: [0xFF0000, 0xA00, 0xFF]
    ) { _, _ in 0 }
    #expect(throws: VisionError.self) { try Image(decoding: file.bytes()) }
  }
}
