import Testing
import Vision

@Suite struct FastestDetTests {
  /// Two rows of three cells and two classes, all unsure.
  private func grid() -> [Float] { [Float](repeating: 0, count: 2 * 3 * 7) }

  @Test func readsTheBoxOfACell() throws {
    var values = grid()
    // Cell (row 1, column 2): the centre a quarter of a cell right and above, half the picture wide, class 1.
    values.replaceSubrange(5 * 7..<6 * 7, with: [0.9, 0.2554128, -0.2554128, 0, 0, 0.1, 0.8])
    var decoder = FastestDetDecoder(columns: 3, rows: 2, classes: 2)
    decoder.scoreThreshold = 0.1
    let found = decoder.detections(values: values)
    try #require(found.count == 1)
    #expect(found[0].classIndex == 1)
    #expect(abs(found[0].score - 0.858582) < 1e-5, "0.9^0.6 * 0.8^0.4")
    let expected = Box(x1: 0.5, y1: 0.125, x2: 1, y2: 0.625)
    #expect(abs(found[0].box.x1 - expected.x1) < 1e-6 && abs(found[0].box.y1 - expected.y1) < 1e-6)
    #expect(abs(found[0].box.x2 - expected.x2) < 1e-6 && abs(found[0].box.y2 - expected.y2) < 1e-6)

    let transposed = (0..<7).flatMap { channel in (0..<6).map { values[$0 * 7 + channel] } }
    #expect(decoder.detections(values: transposed, channelsFirst: true) == found)
  }

  @Test func oneObjectOfTwoCellsIsOneDetection() {
    var values = grid()
    values.replaceSubrange(0..<7, with: [0.9, 0, 0, 3, 3, 0.9, 0])
    values.replaceSubrange(7..<14, with: [0.8, 0, 0, 3, 3, 0.9, 0])
    var decoder = FastestDetDecoder(columns: 3, rows: 2, classes: 2)
    #expect(decoder.detections(values: values).count == 1)
    values[7 + 6] = 1
    #expect(decoder.detections(values: values).count == 2, "classes do not suppress each other")
    decoder.scoreThreshold = 0.95
    #expect(decoder.detections(values: values).isEmpty)
  }

  @Test func numbersThatAreNoneGiveNothing() {
    let decoder = FastestDetDecoder(columns: 3, rows: 2, classes: 2)
    #expect(decoder.detections(values: grid().map { _ in .nan }).isEmpty)
  }
}
