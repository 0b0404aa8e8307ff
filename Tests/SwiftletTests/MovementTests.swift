import ModelFormat
import TestSupport
import Testing

@testable import Swiftlet

/// One worked example for each operator that moves data; the comparison with LiteRT covers the rest.
@Suite struct MovementTests {
  static let types: [ElementType] = [.int8, .uint8, .int16, .float32, .int32, .int64, .bool]

  @Test(arguments: types) func transposesEveryType(type: ElementType) throws {
    let node = OneNode(39, [.input(type, [2, 3]), .ints(1, 0)], [type])
    let values: [Double] = [0, 1, 1, 1, 0, 0]
    #expect(try node.run(values) == [[0, 1, 1, 0, 1, 0]])
    #expect(try node.shapes() == [[3, 2]])
  }

  @Test func transposesEightDimensions() throws {
    let node = OneNode(39, [.input(.int32, [1, 2, 1, 2, 1, 2, 1, 2]), .ints(7, 6, 5, 4, 3, 2, 1, 0)], [.int32])
    #expect(try node.run(counting(16)) == [[0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15]])
  }

  @Test(arguments: [([0, -1], [0, 6]), ([2, -1], [2, 0]), ([0, -1, 0], [0, 6, 0])] as [([Int], [Int])])
  func reshapesNothingAsTensorFlowLiteDoes(wanted: [Int], expected: [Int]) throws {
    let shape = OneNode.Value.constant(.int32, [wanted.count], wanted.map { Double($0) })
    #expect(try OneNode(22, [.input(.float32, [2, 0, 3]), shape], [.float32]).shapes() == [expected])
  }

  @Test func threadsDoNotChangeATransposition() throws {
    let node = OneNode(39, [.input(.float32, [3, 400, 300]), .ints(2, 0, 1)], [.float32])
    let one = try node.run(counting(360_000))
    #expect(try node.run(counting(360_000), threads: 2) == one)
    #expect(one[0][1] == 300)
  }

  @Test(arguments: [-2, 0]) func concatenatesAlongTheOuterAxis(axis: Int) throws {
    let node = OneNode(
      2, [.input(.float32, [1, 2]), .input(.float32, [2, 2])], [.float32], options: [0: .int32(Int32(axis))])
    #expect(try node.run([1, 2], [3, 4, 5, 6]) == [[1, 2, 3, 4, 5, 6]])
  }

  @Test func concatenatesAlongAnInnerAxis() throws {
    let node = OneNode(
      2, [.input(.int16, [2, 1]), .input(.int16, [2, 2])], [.int16], options: [0: .int32(1)])
    #expect(try node.run([1, 2], [3, 4, 5, 6]) == [[1, 3, 4, 2, 5, 6]])
  }

  @Test func concatenationConvertsUnsignedBytesOfAnotherScale() throws {
    let node = OneNode(
      2, [.input(.uint8, [3], .perTensor(0.5, 10)), .input(.uint8, [2], .perTensor(0.25, 4))], [.uint8],
      options: [0: .int32(0)], quantization: .perTensor(0.25, 4))
    // (q - 10) * 2 + 4 for the first input, clamped to the type.
    #expect(try node.run([10, 5, 200], [7, 255]) == [[4, 0, 255, 7, 255]])
  }

  @Test func padsWithZeroOrTheZeroPoint() throws {
    let float = OneNode(34, [.input(.float32, [2, 1]), .pairs(1, 0, 0, 2)], [.float32])
    #expect(try float.run([5, 6]) == [[0, 0, 0, 5, 0, 0, 6, 0, 0]])
    let quantization = QuantizationSpec.perTensor(0.1, -7)
    let int8 = OneNode(34, [.input(.int8, [2], quantization), .pairs(1, 2)], [.int8], quantization: quantization)
    #expect(try int8.run([5, 6]) == [[-7, 5, 6, -7, -7]])
  }

  @Test func padsWithAComputedValue() throws {
    let node = OneNode(60, [.input(.int32, [2]), .pairs(2, 1), .input(.int32, [1])], [.int32])
    #expect(try node.run([5, 6], [9]) == [[9, 9, 5, 6, 9]])
  }

  static let mirrors: [(Int8, [Double])] = [(0, [3, 2, 1, 2, 3, 2, 1]), (1, [2, 1, 1, 2, 3, 3, 2])]

  @Test(arguments: mirrors)
  func mirrorsAtTheEdges(mode: Int8, expected: [Double]) throws {
    let node = OneNode(100, [.input(.float32, [3]), .pairs(2, 2)], [.float32], options: [0: .int8(mode)])
    #expect(try node.run([1, 2, 3]) == [expected])
  }

  @Test func mirrorsCorners() throws {
    let node = OneNode(100, [.input(.int8, [2, 2]), .pairs(1, 1, 1, 0)], [.int8], options: [0: .int8(0)])
    #expect(try node.run([1, 2, 3, 4]) == [[4, 3, 4, 2, 1, 2, 4, 3, 4, 2, 1, 2]])
  }

  @Test func takesEverySecondElementBackwards() throws {
    let node = OneNode(45, [.input(.float32, [7]), .ints(-1), .ints(-8), .ints(-2)], [.float32])
    #expect(try node.run(counting(7)) == [[6, 4, 2, 0]])
  }

  @Test func slicesWithEllipsisNewAxisAndShrunkAxis() throws {
    let node = OneNode(
      45, [.input(.int32, [2, 3, 4]), .ints(1, 0, 0, 1), .ints(2, 0, 0, 3), .ints(1, 1, 1, 1)], [.int32],
      options: [2: .int32(0b0010), 3: .int32(0b0100), 4: .int32(0b0001)])
    #expect(try node.shapes() == [[3, 1, 2]])
    #expect(try node.run(counting(24)) == [[13, 14, 17, 18, 21, 22]])
  }

  @Test func endsCountFromBeginsWithOffset() throws {
    let node = OneNode(
      45, [.input(.int32, [6]), .ints(-4), .ints(3), .ints(1)], [.int32], options: [5: .bool(true)])
    #expect(try node.run(counting(6)) == [[2, 3, 4]])
  }

  @Test func slicesABoxToTheEnd() throws {
    let node = OneNode(65, [.input(.int16, [3, 3]), .ints(1, 0), .ints(-1, 2)], [.int16])
    #expect(try node.run(counting(9)) == [[3, 4, 6, 7]])
  }

  @Test func splitsIntoEqualParts() throws {
    let node = OneNode(
      49, [.scalar(-1), .input(.float32, [2, 4])], [.float32, .float32], options: [0: .int32(2)])
    #expect(try node.run(counting(8)) == [[0, 1, 4, 5], [2, 3, 6, 7]])
  }

  @Test func splitsIntoGivenSizesAndTheRest() throws {
    let node = OneNode(
      102, [.input(.int8, [5]), .ints(1, -1, 2), .scalar(0)], [.int8, .int8, .int8], options: [0: .int32(3)])
    #expect(try node.run(counting(5)) == [[0], [1, 2], [3, 4]])
  }

  static let stacks: [(Int, [Double])] = [(0, [1, 2, 3, 4]), (1, [1, 3, 2, 4]), (-1, [1, 3, 2, 4])]

  @Test(arguments: stacks)
  func stacksAlongANewAxis(axis: Int, expected: [Double]) throws {
    let node = OneNode(
      83, [.input(.int32, [2]), .input(.int32, [2])], [.int32],
      options: [0: .int32(2), 1: .int32(Int32(axis))])
    #expect(try node.run([1, 2], [3, 4]) == [expected])
  }

  @Test func takesAStackApart() throws {
    let node = OneNode(
      88, [.input(.float32, [2, 2])], [.float32, .float32], options: [0: .int32(2), 1: .int32(1)])
    #expect(try node.run([1, 2, 3, 4]) == [[1, 3], [2, 4]])
    #expect(try node.shapes() == [[2], [2]])
  }

  @Test func dropsAndAddsDimensionsOfOne() throws {
    let all = OneNode(43, [.input(.float32, [1, 3, 1])], [.float32])
    #expect(try all.shapes() == [[3]])
    let last = OneNode(43, [.input(.float32, [1, 3, 1])], [.float32], options: [0: .int32Vector([-1])])
    #expect(try last.shapes() == [[1, 3]])
    let expanded = OneNode(70, [.input(.float32, [2, 3]), .scalar(-1)], [.float32])
    #expect(try expanded.shapes() == [[2, 3, 1]])
    #expect(try expanded.run(counting(6)) == [counting(6)])
  }

  @Test func repeatsAlongEveryDimension() throws {
    let node = OneNode(69, [.input(.int16, [2, 2]), .ints(2, 3)], [.int16])
    let rows: [Double] = [1, 2, 1, 2, 1, 2, 3, 4, 3, 4, 3, 4]
    #expect(try node.run([1, 2, 3, 4]) == [rows + rows])
    let none = OneNode(69, [.input(.int16, [2, 2]), .ints(0, 3)], [.int16])
    #expect(try none.shapes() == [[0, 6]])
  }

  @Test func broadcastsToALargerShape() throws {
    let node = OneNode(130, [.input(.float32, [2, 1]), .ints(2, 2, 3)], [.float32])
    #expect(try node.run([1, 2]) == [[1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2]])
  }

  @Test func broadcastsShapes() throws {
    let node = OneNode(145, [.input(.int32, [2]), .input(.int32, [3])], [.int32])
    #expect(try node.run([1, 4], [5, 3, 1]) == [[5, 3, 4]])
  }

  @Test func fillsAndCounts() throws {
    let fill = OneNode(94, [.ints(2, 2), .input(.int64, [])], [.int64])
    #expect(try fill.run([7]) == [[7, 7, 7, 7]])
    let range = OneNode(96, [.scalar(10), .scalar(3), .scalar(-3)], [.int32])
    #expect(try range.run() == [[10, 7, 4]])
    let rank = OneNode(110, [.input(.float32, [1, 2, 3])], [.int32])
    #expect(try rank.run(counting(6)) == [[3]])
  }

  @Test func movesBlocksBetweenSpaceAndDepth() throws {
    let deep = OneNode(26, [.input(.int8, [1, 2, 4, 1])], [.int8], options: [0: .int32(2)])
    #expect(try deep.run(counting(8)) == [[0, 1, 4, 5, 2, 3, 6, 7]])
    let wide = OneNode(5, [.input(.int8, [1, 1, 2, 4])], [.int8], options: [0: .int32(2)])
    #expect(try wide.run([0, 1, 4, 5, 2, 3, 6, 7]) == [counting(8)])
  }

  @Test func movesBlocksBetweenSpaceAndBatches() throws {
    let split = OneNode(38, [.input(.int32, [1, 3, 1]), .ints(2), .pairs(1, 0)], [.int32])
    #expect(try split.shapes() == [[2, 2, 1]])
    #expect(try split.run([1, 2, 3]) == [[0, 2, 1, 3]])
    let join = OneNode(37, [.input(.int32, [2, 2, 1]), .ints(2), .pairs(1, 0)], [.int32])
    #expect(try join.run([0, 2, 1, 3]) == [[1, 2, 3]])
  }

  @Test func reversesSomeDimensions() throws {
    let node = OneNode(105, [.input(.int8, [2, 2, 2]), .ints(0, -1)], [.int8])
    #expect(try node.run(counting(8)) == [[5, 4, 7, 6, 1, 0, 3, 2]])
  }

  @Test func sumsUpToEachElement() throws {
    let plain = OneNode(128, [.input(.float32, [2, 3]), .scalar(1)], [.float32])
    #expect(try plain.run([1, 2, 3, 4, 5, 6]) == [[1, 3, 6, 4, 9, 15]])
    let other = OneNode(
      128, [.input(.int32, [3]), .scalar(0)], [.int32], options: [0: .bool(true), 1: .bool(true)])
    #expect(try other.run([1, 2, 3]) == [[5, 3, 0]])
  }
}
