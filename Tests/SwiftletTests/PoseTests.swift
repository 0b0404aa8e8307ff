import ModelFormat
import TestSupport
import Testing

@testable import Swiftlet

/// PosenetDecoderOp: refusals and edges; the comparison with an implementation in NumPy covers the numbers.
@Suite struct PoseTests {
  private static func node(
    height: Int = 2, width: Int = 3, channels: [Int] = [17, 34, 64], outputs: Int = 4,
    options: [String: FlexValue] = [:]
  ) -> OneNode {
    let standard: [String: FlexValue] = [
      "max_detections": .int(2), "score_threshold": .float(0.5), "stride": .int(16), "nms_radius": .float(10),
    ]
    var node = OneNode(
      OperatorCode.custom, channels.map { .input(.float32, [1, height, width, $0]) },
      Array(repeating: .float32, count: outputs))
    node.custom = "PosenetDecoderOp"
    node.customOptions = flexBuffer(standard.merging(options) { $1 })
    return node
  }

  /// Scores of -9 but for what `peaks` gives by cell and keypoint; all offsets are zero.
  private func run(_ node: OneNode, cells: Int, peaks: [Int: Double]) throws -> [[Double]] {
    let scores = (0..<cells * 17).map { peaks[$0] ?? -9 }
    let rest = node.inputs.dropFirst().map { $0.shape.reduce(1, *) }.map { Array(repeating: 0.0, count: $0) }
    let interpreter = try Interpreter(program: node.program())
    for (index, values) in ([scores] + rest).enumerated() {
      try interpreter.setBytes(index, values.flatMap { ElementType.float32.bytes(of: $0) })
    }
    try interpreter.invoke()
    return interpreter.program.outputs.indices.map { interpreter.elements($0) }
  }

  @Test func allKeypointsLieWhereTheOffsetsLead() throws {
    // All offsets are zero: everything is at the root's cell, row 1, column 2.
    let peaks = Dictionary(uniqueKeysWithValues: (0..<17).map { (5 * 17 + $0, 9.0) })
    let found = try run(Self.node(), cells: 6, peaks: peaks)
    #expect(Array(found[0][..<34]) == (0..<34).map { $0 % 2 == 0 ? 16 : 32 })
    #expect(found[0][34...].allSatisfy { $0 == 0 })
    #expect(found[1][..<17].allSatisfy { $0 > 0.999 })
    #expect(found[3] == [1])
  }

  @Test func oneKeypointAloneIsNoPose() throws {
    #expect(try run(Self.node(), cells: 6, peaks: [3 * 17: 9])[3] == [0])
  }

  @Test func numbersThatAreNoneGiveNoPoseOrOneInsideThePicture() throws {
    let node = Self.node(height: 1, width: 1)
    let interpreter = try Interpreter(program: node.program())
    for (index, input) in interpreter.program.inputs.enumerated() {
      let value: Double = index == 0 ? 9 : .nan
      try interpreter.setBytes(
        index, (0..<input.shape.elementCount).flatMap { _ in ElementType.float32.bytes(of: value) })
    }
    try interpreter.invoke()
    #expect(interpreter.elements(3) == [1])
    #expect(interpreter.elements(0).allSatisfy { $0 == 0 })
  }

  @Test func masksGiveEveryCellToThePose() throws {
    let peaks = Dictionary(uniqueKeysWithValues: (0..<17).map { ($0, 9.0) })
    let node = Self.node(channels: [17, 34, 64, 34], outputs: 5)
    let found = try run(node, cells: 6, peaks: peaks)
    #expect(found[4] == Array(repeating: 1, count: 6) + Array(repeating: 0, count: 6))
  }

  @Test func anEmptyPictureHasNoPose() throws {
    #expect(try run(Self.node(height: 0), cells: 0, peaks: [:])[3] == [0])
  }

  @Test(
    arguments: [
      ("stride", .int(0)), ("max_detections", .int(0)), ("max_detections", .int(1 << 20)),
      ("score_threshold", .float(.nan)), ("score_threshold", .float(2)), ("nms_radius", .float(-1)),
      ("nms_radius", .float(.infinity)),
    ] as [(String, FlexValue)])
  func refusesOptions(key: String, value: FlexValue) {
    let error = Self.node(options: [key: value]).refusal()
    #expect(error?.code == .optionInvalid)
    #expect(error?.field.string == key)
  }

  @Test(arguments: [[17, 34, 32], [17, 17, 64], [16, 34, 64], [17, 34, 64, 17]])
  func refusesChannels(_ channels: [Int]) {
    let error = Self.node(channels: channels, outputs: channels.count + 1).refusal()
    #expect(error?.code == .shapeMismatch)
  }
}
