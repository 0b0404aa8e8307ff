import Testing
import Vision

@Suite struct PicturePreprocessingTests {
  /// Red, green, blue, white from left to right.
  let picture = Image(width: 4, height: 1, pixels: [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255])

  @Test func standsAsTextAndBack() throws {
    for text in [
      "fit=stretch,filter=antialiased,colors=rgb,mean=0,std=255",
      "fit=pad,filter=bilinear,colors=gray,mean=127.5,std=0.5",
      "fit=crop,filter=antialiased,colors=bgr,mean=1/2.25/3,std=-4/5/6",
    ] {
      #expect(try PicturePreprocessing(text: text).description == text)
    }
    #expect(try PicturePreprocessing(text: "") == PicturePreprocessing())
    #expect(try PicturePreprocessing(text: "std=1,colors=bgr").colors == .bgr)
  }

  @Test(arguments: [
    "fit", "fit=", "fit=wide", "colors=RGB", "mean=", "mean=a", "mean=1/", "mean=1/2", "std=0", "std=1/0/1", "std=inf",
    "mean=nan", "colors=gray,mean=1/2/3", "size=3", "=", "std=1e999",
  ])
  func refusesWhatItDoesNotKnow(text: String) {
    #expect(throws: VisionError.self) { try PicturePreprocessing(text: text) }
  }

  @Test func ordersColorsAndNormalizesEachChannel() throws {
    let rule = try PicturePreprocessing(text: "colors=bgr,mean=0/55/155,std=1/2/-4")
    #expect(rule.samples(of: picture, width: 4, height: 1).prefix(6) == [0, 0, 255, 0, 255, 0])
    #expect(rule.values(of: picture, width: 4, height: 1).prefix(6) == [0, -27.5, -25, 0, 100, 38.75])
  }

  @Test func grayIsTakenBeforeResizing() throws {
    let rule = try PicturePreprocessing(text: "colors=gray")
    #expect(rule.samples(of: picture, width: 2, height: 1) == picture.gray().resized(width: 2, height: 1).pixels)
  }

  @Test func cropsTheMiddleAndMapsBack() throws {
    let rule = try PicturePreprocessing(text: "fit=crop")
    #expect(rule.samples(of: picture, width: 1, height: 1) == [0, 255, 0])
    let box = Box(x1: 0, y1: 0, x2: 1, y2: 1)
    #expect(rule.pictureCoordinates(of: box, width: 4, height: 1) == Box(x1: 1, y1: 0, x2: 2, y2: 1))
    #expect(rule.pictureCoordinates(of: box, width: 4, height: 1, inputRatio: 2) == Box(x1: 1, y1: 0, x2: 3, y2: 1))
  }

  @Test func padsAndMapsBack() throws {
    let rule = try PicturePreprocessing(text: "fit=pad")
    let samples = rule.samples(of: picture, width: 4, height: 4)
    #expect(samples[12..<24] == picture.pixels[...] && samples[..<12].allSatisfy { $0 == 0 })
    let box = rule.pictureCoordinates(of: Box(x1: 0, y1: 0.25, x2: 1, y2: 0.5), width: 4, height: 1)
    #expect(box == Box(x1: 0, y1: 0, x2: 4, y2: 1))
  }
}
