import Testing

@testable import Vision

@Suite struct DetectionTests {
  private func box(_ x1: Float, _ y1: Float, _ x2: Float, _ y2: Float) -> Box { Box(x1: x1, y1: y1, x2: x2, y2: y2) }

  @Test func intersectionOverUnionOfKnownBoxes() {
    #expect(box(0, 0, 2, 2).intersectionOverUnion(box(1, 0, 3, 2)) == Float(1) / 3)
    #expect(box(0, 0, 2, 2).intersectionOverUnion(box(0, 0, 2, 2)) == 1)
    #expect(box(0, 0, 1, 1).intersectionOverUnion(box(2, 2, 3, 3)) == 0)
    #expect(box(0, 0, 0, 0).intersectionOverUnion(box(0, 0, 0, 0)) == 0)
    #expect(box(.nan, 0, 1, 1).intersectionOverUnion(box(0, 0, 1, 1)).isNaN == false)
  }

  @Test func blazeFaceHas896AnchorsInCellOrder() {
    let anchors = BlazeFaceDecoder.shortRange.anchors
    #expect(anchors.count == 896)
    #expect(anchors[0] == Point(x: 1 / 32, y: 1 / 32) && anchors[1] == anchors[0])
    #expect(anchors[2] == Point(x: 3 / 32, y: 1 / 32))
    #expect(anchors[511] == Point(x: 31 / 32, y: 31 / 32))
    #expect(anchors[512] == Point(x: 1 / 16, y: 1 / 16) && anchors[517] == anchors[512])
    #expect(anchors[518] == Point(x: 3 / 16, y: 1 / 16))
  }

  @Test func sigmoidIsClipped() {
    #expect(BlazeFaceDecoder.sigmoid(0) == 0.5)
    #expect(BlazeFaceDecoder.sigmoid(1e30) == 1)
    #expect(BlazeFaceDecoder.sigmoid(-1e30) == BlazeFaceDecoder.sigmoid(-100))
    #expect(abs(BlazeFaceDecoder.sigmoid(-2) - 0.119_202_92) < 1e-7)
    #expect(BlazeFaceDecoder.sigmoid(.nan).isNaN)
  }

  private func decoded(_ faces: [Int: (logit: Float, values: [Float])], blends: Bool = true) -> [Detection] {
    var logits = [Float](repeating: -50, count: 896)
    var regressors = [Float](repeating: 0, count: 896 * 16)
    for (index, face) in faces {
      logits[index] = face.logit
      regressors.replaceSubrange(16 * index..<16 * index + face.values.count, with: face.values)
    }
    var decoder = BlazeFaceDecoder.shortRange
    decoder.blendsOverlaps = blends
    return decoder.detections(regressors: regressors, logits: logits)
  }

  @Test func decodesABoxAndItsKeypoints() throws {
    let face = try #require(decoded([512: (1, [8, -4, 32, 16, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])]).first)
    #expect(face.box == box(0, 0.03125 - 0.0625, 0.25, 0.03125 + 0.0625))
    #expect(face.score == BlazeFaceDecoder.sigmoid(1))
    #expect(face.keypoints.count == 6)
    #expect(face.keypoints[5] == Point(x: 1 / 16 + 11 / 128, y: 1 / 16 + 12 / 128))
  }

  @Test func leavesOutBoxesWithoutSense() {
    #expect(decoded([0: (9, [0, 0, -1, 5]), 100: (9, [0, 0, .nan, 5]), 200: (9, [.infinity, 0, 4, 4])]).isEmpty)
    #expect(decoded([0: (-0.1, [0, 0, 9, 9]), 1: (.nan, [0, 0, 9, 9])]).isEmpty)
  }

  @Test func blendsOverlappingFacesByScore() throws {
    let faces: [Int: (logit: Float, values: [Float])] = [0: (0, [0, 0, 32, 32]), 1: (100, [6, 0, 32, 32])]
    let blended = decoded(faces)
    #expect(blended.count == 1 && blended[0].score == 1)
    #expect(abs(blended[0].box.x1 - (4 + 4 - 16) / 128) < 1e-6)  // (1 * 6 + .5 * 0) / 1.5 = 4 right of the anchor
    let best = decoded(faces, blends: false)
    #expect(best.count == 1 && abs(best[0].box.x1 - (4 + 6 - 16) / 128) < 1e-6)
  }

  @Test func greedySuppressionKeepsTheBestOfEachClass() {
    let detections = [
      Detection(box: box(0, 0, 10, 10), score: 0.6, classIndex: 1),
      Detection(box: box(1, 0, 11, 10), score: 0.9, classIndex: 1),
      Detection(box: box(0, 0, 10, 10), score: 0.8, classIndex: 2),
      Detection(box: box(50, 50, 60, 60), score: 0.7, classIndex: 1),
      Detection(box: box(0, 0, 1, 1), score: .nan, classIndex: 5),
    ]
    let perClass = NonMaximumSuppression.greedy(detections, overlapThreshold: 0.5)
    #expect(perClass.map(\.score) == [0.9, 0.8, 0.7])
    let overall = NonMaximumSuppression.greedy(detections, overlapThreshold: 0.5, perClass: false)
    #expect(overall.map(\.score) == [0.9, 0.7])
  }

  @Test func weightedSuppressionEndsOnBoxesWithoutArea() {
    let empty = Detection(box: box(3, 3, 3, 3), score: 0.9)
    #expect(NonMaximumSuppression.weighted([empty, empty], overlapThreshold: 0.3).count == 2)
  }

  @Test func readsDetectionPostProcessOutputs() {
    let outputs = SSDOutputs(
      boxes: [0.125, 0.25, 0.5, 0.75, 0, 0, 1, 1, .nan, 0, 1, 1, 0, 0, 1, 1], classes: [17, 0, 3, .infinity],
      scores: [0.6, 0.9, 0.8, 0.8], count: 10)
    let found = outputs.detections(width: 200, height: 100, scoreThreshold: 0.5, labels: Labels(["person"]))
    #expect(found.map(\.classIndex) == [0, 17])
    #expect(found[0].label == "person" && found[1].label == "")
    #expect(found[1].box == box(50, 12.5, 150, 50))
    #expect(outputs.detections(width: 200, height: 100, scoreThreshold: 0.7).count == 1)
  }

  @Test func toleratesACountThatIsNone() {
    let outputs = SSDOutputs(boxes: [0, 0, 1, 1], classes: [1], scores: [1], count: .nan)
    #expect(outputs.detections(width: 9, height: 9, scoreThreshold: 0).isEmpty)
  }
}
