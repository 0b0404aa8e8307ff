import ModelFormat
import TestSupport
import Testing

@testable import Swiftlet

/// Anchors of size 1 around given centres: an encoding of 0 is the anchor itself.
@Suite struct DetectionPostProcessTests {
  struct Detector {
    var centres: [(y: Double, x: Double)] = [(0, 0), (0, 0.1), (5, 5), (5, 8)]
    var classes = 2
    var hasBackground = true
    var detections = 3
    var classesPerDetection = 1
    var options: [String: FlexValue] = [:]
    var scoreType = ElementType.float32
    var scoreQuantization: QuantizationSpec?

    func node() -> OneNode {
      let anchors: [Double] = centres.flatMap { centre -> [Double] in [centre.y, centre.x, 1, 1] }
      var node = OneNode(
        32,
        [
          .input(.float32, [1, centres.count, 4]),
          .input(scoreType, [1, centres.count, classes + (hasBackground ? 1 : 0)], scoreQuantization),
          .constant(.float32, [centres.count, 4], anchors),
        ], [.float32, .float32, .float32, .float32])
      node.custom = "TFLite_Detection_PostProcess"
      let all: [String: FlexValue] = [
        "max_detections": .int(Int32(detections)), "max_classes_per_detection": .int(Int32(classesPerDetection)),
        "num_classes": .int(Int32(classes)), "nms_score_threshold": .float(0.1), "nms_iou_threshold": .float(0.5),
        "y_scale": .float(10), "x_scale": .float(10), "h_scale": .float(5), "w_scale": .float(5),
      ]
      node.customOptions = flexBuffer(all.merging(options) { $1 })
      return node
    }
  }

  static let noOffsets = Array(repeating: 0.0, count: 16)
  /// Background, then two classes, for each of four boxes; the first two boxes overlap.
  static let scores: [Double] = [0.9, 0.5, 0.25, 0, 0.75, 0.125, 1, 0, 0.625, 1, 0.0625, 0]

  @Test func keepsTheBestOfOverlappingBoxesWhateverTheirClass() throws {
    let found = try Detector().node().run(Self.noOffsets, Self.scores)
    #expect(found[0] == [-0.5, -0.4, 0.5, 0.6, 4.5, 4.5, 5.5, 5.5, 0, 0, 0, 0].map { Double(Float($0)) })
    #expect(found[1] == [0, 1, 0])
    #expect(found[2] == [0.75, 0.625, 0])
    #expect(found[3] == [2])
  }

  @Test func suppressesWithinEachClass() throws {
    var detector = Detector()
    detector.options = ["use_regular_nms": .bool(true)]
    let found = try detector.node().run(Self.noOffsets, Self.scores)
    #expect(found[1] == [0, 1, 1])
    #expect(found[2] == [0.75, 0.625, 0.25])
    #expect(found[3] == [3])
  }

  @Test func listsSeveralClassesOfABox() throws {
    var detector = Detector()
    detector.classesPerDetection = 2
    detector.detections = 2
    let found = try detector.node().run(Self.noOffsets, Self.scores)
    #expect(found[1] == [0, 1, 1, 0])
    #expect(found[2] == [0.75, 0.125, 0.625, 0])
    #expect(found[3] == [2])
  }

  @Test(arguments: [false, true]) func equalScoresKeepTheOrderOfBoxesAndClasses(isRegular: Bool) throws {
    var detector = Detector()
    detector.hasBackground = false
    detector.options = ["use_regular_nms": .bool(isRegular)]
    detector.centres = [(0, 0), (3, 3), (6, 6), (9, 9)]
    let found = try detector.node().run(Self.noOffsets, [0.5, 0, 0, 0.5, 0.5, 0, 0, 0.75])
    #expect(found[1] == (isRegular ? [1, 0, 0] : [1, 0, 1]))
    #expect(found[0][1] == 8.5)
    #expect(found[0][4] == -0.5)
    #expect(found[0][8] == (isRegular ? 5.5 : 2.5))
  }

  @Test func readsQuantizedScoresWithoutBackground() throws {
    var detector = Detector()
    detector.hasBackground = false
    detector.scoreType = .uint8
    detector.scoreQuantization = .perTensor(1 / 256, 0)
    let found = try detector.node().run(Self.noOffsets, [0, 0, 0, 128, 255, 0, 25, 25])
    #expect(found[1] == [0, 1, 0])
    #expect(found[2] == [Double(255) / 256, 0.5, 0])
    #expect(found[3] == [2])
  }

  @Test func decodesOffsetsFromTheAnchor() throws {
    var detector = Detector()
    detector.centres = [(2, 3)]
    detector.detections = 1
    let found = try detector.node().run([10, -5, 0, 5], [0, 1, 0])
    let halfWidth = Double(Float(0.5 * 2.718281828459045))
    #expect(found[0][0] == 2.5)
    #expect(found[0][2] == 3.5)
    #expect(abs(found[0][1] - (2.5 - halfWidth)) < 1e-6)
    #expect(abs(found[0][3] - (2.5 + halfWidth)) < 1e-6)
  }

  static let wrong: [(String, [String: FlexValue], PrepareError.Code)] = [
    ("no room", ["max_detections": .int(0)], .optionInvalid),
    ("negative room", ["max_detections": .int(-1)], .optionInvalid),
    ("no classes per detection", ["max_classes_per_detection": .int(0)], .optionInvalid),
    ("other classes", ["num_classes": .int(7)], .optionInvalid),
    ("text", ["num_classes": .string("two")], .optionInvalid),
    ("scale of 0", ["y_scale": .float(0)], .optionInvalid),
    ("scale that is no number", ["h_scale": .float(.nan)], .optionInvalid),
    ("overlap above 1", ["nms_iou_threshold": .float(1.5)], .optionInvalid),
    (
      "rooms beyond memory", ["max_detections": .int(.max), "max_classes_per_detection": .int(.max)], .shapeUnsupported
    ),
  ]

  @Test(arguments: wrong) func refusesOptions(
    name: String, options: [String: FlexValue], code: PrepareError.Code
  ) throws {
    var detector = Detector()
    detector.options = options
    let error = #expect(throws: PrepareError.self) { try detector.node().program(budget()) }
    #expect(error?.code == code)
    #expect(error?.operatorName == "TFLite_Detection_PostProcess")
  }

  @Test func refusesOptionsThatAreNoMap() throws {
    var node = Detector().node()
    node.customOptions = [1, 2, 3]
    let error = #expect(throws: PrepareError.self) { try node.program() }
    #expect(error?.code == .optionInvalid)
  }

  @Test func refusesAnchorsOfAnotherNumber() throws {
    var node = Detector().node()
    node.inputs[2] = .constant(.float32, [3, 4], counting(12))
    let error = #expect(throws: PrepareError.self) { try node.program() }
    #expect(error?.operand == .input(2))
  }

  private func budget() -> PrepareOptions {
    var options = PrepareOptions()
    options.memoryBudget = 1 << 20
    return options
  }
}
