import Testing
import Vision

/// The checksums are of Pillow 13.0's results on the same pictures.
@Suite struct ResizeTests {
  @Test(
    arguments: [
      (64, 48, 17, 23, 0xEF0D_054B_7299_29A4),
      (64, 48, 100, 75, 0x015D_FB4A_868C_F852),
      (48, 64, 31, 20, 0x0403_6D16_7435_0B3E),
      (48, 96, 40, 30, 0x873E_BD28_C25A_5FF6),
      (33, 20, 33, 7, 0x48D3_5A2F_B785_11D0),
      (20, 33, 5, 33, 0x719C_9015_20C4_B76F),
      (300, 7, 2, 9, 0xF297_E3D9_91B0_981B),
      (1, 1, 5, 4, 0xFEBC_A7DA_B53B_46F9),
    ] as [(Int, Int, Int, Int, UInt64)])
  func equalsPillow(width: Int, height: Int, newWidth: Int, newHeight: Int, checksum: UInt64) {
    let image = TestPictures.busy(width: width, height: height).resized(width: newWidth, height: newHeight)
    #expect((image.width, image.height) == (newWidth, newHeight))
    #expect(TestPictures.checksum(image.pixels) == checksum)
  }

  @Test func grayEqualsPillow() {
    let gray = TestPictures.busy(width: 40, height: 30).gray()
    #expect(TestPictures.checksum(gray.pixels) == 0x2ADB_E3D6_CF0E_BDBA)
    #expect(TestPictures.checksum(gray.resized(width: 12, height: 50).pixels) == 0xB857_B0CE_C51E_5D48)
  }

  @Test(
    arguments: [
      (50, 31, 16, 0x16F0_1791_C099_ED12), (31, 50, 70, 0x9414_9573_79BD_20AE), (31, 50, 16, 0x937E_2103_A565_98C4),
    ] as [(Int, Int, Int, UInt64)])
  func resizingInASquareEqualsPaddingFirst(width: Int, height: Int, side: Int, checksum: UInt64) {
    let (image, padding) = TestPictures.busy(width: width, height: height).resizedInSquare(side: side)
    #expect(TestPictures.checksum(image.pixels) == checksum)
    #expect(padding.side == 50 && padding.left == (50 - width) / 2 && padding.top == (50 - height) / 2)
  }

  @Test func sameSizeIsACopy() {
    let picture = TestPictures.busy(width: 9, height: 5)
    #expect(picture.resized(width: 9, height: 5) == picture)
    #expect(picture.resized(width: 9, height: 5, convention: .halfPixelBilinear) == picture)
  }

  @Test func halfPixelBilinearTakesTheTwoNearest() {
    let row = Image(width: 6, height: 1, pixels: [0, 60, 120, 180, 240, 30].flatMap { [$0, $0, $0] })
    let half = row.resized(width: 2, height: 1, convention: .halfPixelBilinear)
    #expect([half[0, 0].red, half[1, 0].red] == [60, 240])  // centres at 1.5 and 4.5: pixels 1 and 4
    let double = row.resized(width: 12, height: 1, convention: .halfPixelBilinear)
    #expect((0..<4).map { double[$0, 0].red } == [0, 15, 45, 75])
  }

  @Test func aFlatPictureStaysFlat() {
    let color = Color(red: 255, green: 1, blue: 127)
    let flat = Image(width: 997, height: 31, filledWith: color)
    #expect(flat.resized(width: 64, height: 100) == Image(width: 64, height: 100, filledWith: color))
  }

  @Test func mapsTheSquareBackToThePicture() {
    let padding = SquarePadding(width: 50, height: 31)
    #expect(padding.pictureCoordinates(of: Point(x: 0.5, y: 0.5)) == Point(x: 25, y: 16))
    let box = padding.pictureCoordinates(of: Box(x1: 0, y1: 0, x2: 1, y2: 1))
    #expect(box == Box(x1: 0, y1: -9, x2: 50, y2: 41))
  }
}
