import Testing
import Vision

@Suite struct DrawingTests {
  private let red = Color(red: 255, green: 0, blue: 0)

  private func count(_ color: Color, in image: Image) -> Int {
    (0..<image.width * image.height).filter { image[$0 % image.width, $0 / image.width] == color }.count
  }

  @Test func strokesTheOutlineOnly() {
    var image = Image(width: 20, height: 20, filledWith: .white)
    image.stroke(Box(x1: 5, y1: 5, x2: 14, y2: 12), lineWidth: 1, with: red)
    #expect(count(red, in: image) == 2 * 10 + 2 * 8 - 4)
    #expect(image[5, 5] == red && image[14, 12] == red && image[6, 6] == .white)
  }

  @Test func clipsToThePicture() {
    var image = Image(width: 8, height: 8, filledWith: .white)
    image.stroke(Box(x1: -1e30, y1: -5, x2: .infinity, y2: 3), lineWidth: 2, with: red)
    #expect(image[0, 3] == red && image[7, 2] == red && image[4, 0] == .white)
    image.fill(columns: -5..<100, rows: -5..<100, with: red)
    #expect(count(red, in: image) == 64)
  }

  @Test func drawsNothingForNumbersThatAreNone() {
    let image = Image(width: 30, height: 30, filledWith: .white)
    let detection = Detection(
      box: Box(x1: .nan, y1: 2, x2: 9, y2: 9), score: .nan, keypoints: [Point(x: .nan, y: 1), Point(x: 1, y: .nan)])
    #expect(image.annotated(with: [detection]) == image)
  }

  @Test func fillsARoundDisc() {
    var image = Image(width: 21, height: 21, filledWith: .white)
    image.fillDisc(center: Point(x: 10.5, y: 10.5), radius: 8, with: red)
    #expect(abs(count(red, in: image) - 201) <= 12)
    #expect(image[10, 10] == red && image[3, 3] == .white)
  }

  @Test func drawsEveryPrintableCharacterDifferently() {
    let pictures = (33..<127).map { code in
      var image = Image(width: 6, height: 8, filledWith: .white)
      image.draw(String(UnicodeScalar(UInt8(code))), x: 0, y: 0, scale: 1, with: .black)
      return image.pixels
    }
    #expect(Set(pictures).count == 94)
    #expect(!pictures.contains(Image(width: 6, height: 8, filledWith: .white).pixels))
  }

  @Test func scalesText() {
    var small = Image(width: 12, height: 8, filledWith: .white)
    small.draw("Ab", x: 0, y: 0, scale: 1, with: red)
    var large = Image(width: 36, height: 24, filledWith: .white)
    large.draw("Ab", x: 0, y: 0, scale: 3, with: red)
    #expect(count(red, in: large) == 9 * count(red, in: small))
  }

  @Test func annotatesWithBoxLabelAndPoints() {
    let detection = Detection(
      box: Box(x1: 40, y1: 60, x2: 160, y2: 180), score: 0.5, classIndex: 3, label: "cat",
      keypoints: [Point(x: 100, y: 120)])
    let image = Image(width: 320, height: 240, filledWith: .black).annotated(with: [detection])
    let color = Color.forClass(3)
    #expect(image[40, 100] == color && image[160, 100] == color && image[100, 120] == color)
    #expect(image[41, 51] == color && image[70, 100] == .black)
  }

  @Test func neighbouringClassesHaveDistantColors() {
    for index in 0..<90 {
      let (a, b) = (Color.forClass(index), Color.forClass(index + 1))
      let distance = [(a.red, b.red), (a.green, b.green), (a.blue, b.blue)].map { abs(Int($0) - Int($1)) }.reduce(0, +)
      #expect(distance > 150)
      #expect(abs(Int(a.luma) - Int(a.contrasting.luma)) >= 100)
    }
  }
}
