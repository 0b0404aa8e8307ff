import ModelFormat
import TestSupport
import Testing

@testable import Swiftlet

/// Operators whose indices are data: what is picked, and what an index out of range gives.
@Suite struct MovementIndexTests {
  @Test(arguments: [ElementType.int16, .int32, .int64]) func gathersColumns(type: ElementType) throws {
    let node = OneNode(
      36, [.input(.float32, [2, 3]), .input(type, [2])], [.float32], options: [0: .int32(1)])
    #expect(try node.run(counting(6), [2, 0]) == [[2, 0, 5, 3]])
  }

  @Test func gathersWithinBatches() throws {
    let node = OneNode(
      36, [.input(.int8, [2, 3]), .input(.int32, [2, 1])], [.int8], options: [0: .int32(1), 1: .int32(1)])
    #expect(try node.run(counting(6), [2, 0]) == [[2, 3]])
  }

  @Test func aComputedIndexOutOfRangeGathersZeros() throws {
    let rows = OneNode(36, [.input(.float32, [2, 2]), .input(.int32, [4])], [.float32])
    #expect(try rows.run([1, 2, 3, 4], [-1, 1, 2, 0]) == [[0, 0, 3, 4, 0, 0, 1, 2]])
    let tuples = OneNode(107, [.input(.float32, [2, 2]), .input(.int64, [3, 2])], [.float32])
    #expect(try tuples.run([1, 2, 3, 4], [1, 0, 0, 2, -1, 0]) == [[3, 0, 0]])
    let embeddings = OneNode(7, [.input(.int32, [3]), .input(.float32, [2, 2])], [.float32])
    #expect(try embeddings.run([1, 2, -5], [1, 2, 3, 4]) == [[3, 4, 0, 0, 0, 0]])
  }

  @Test func gathersSlicesByTuples() throws {
    let node = OneNode(107, [.input(.int16, [2, 2, 2]), .ints(1, 0)], [.int16])
    #expect(try node.run(counting(8)) == [[4, 5]])
  }

  @Test func scattersSumsAndDropsWhatIsOutside() throws {
    let node = OneNode(122, [.input(.int32, [4, 1]), .input(.int8, [4]), .ints(3)], [.int8])
    #expect(try node.run([2, 0, 2, 3], [1, 5, 127, 9]) == [[5, 0, -128]])
    let flags = OneNode(122, [.input(.int32, [2, 1]), .input(.bool, [2]), .ints(2)], [.bool])
    #expect(try flags.run([1, 1], [1, 1]) == [[0, 1]])
  }

  @Test func marksOneOfEach() throws {
    let node = OneNode(
      85, [.input(.int32, [3]), .scalar(2), .constant(.float32, [], [9]), .constant(.float32, [], [-1])], [.float32],
      options: [0: .int32(-1)])
    #expect(try node.run([1, -1, 0]) == [[-1, 9, -1, -1, 9, -1]])
    var first = node
    first.options = [0: .int32(0)]
    #expect(try first.run([1, -1, 0]) == [[-1, -1, 9, 9, -1, -1]])
  }

  @Test func looksUpScaledRows() throws {
    let quantization = QuantizationSpec.perChannel([0.5, 2], dimension: 0)
    let node = OneNode(
      7, [.input(.int32, [2]), .constant(.int8, [2, 2], [1, -2, 3, 4], quantization)], [.float32])
    #expect(try node.run([1, 0]) == [[6, 8, 0.5, -1]])
  }

  @Test(arguments: [ElementType.float32, .int8, .uint8, .int16, .int32, .int64])
  func findsTheFirstExtremum(type: ElementType) throws {
    let largest = OneNode(56, [.input(type, [2, 3]), .scalar(-1)], [.int64])
    #expect(try largest.run([1, 3, 3, 2, 0, 2]) == [[1, 0]])
    let least = OneNode(79, [.input(type, [2, 3]), .scalar(0)], [.int32])
    #expect(try least.run([1, 3, 3, 2, 0, 3]) == [[0, 1, 0]])
  }

  @Test(arguments: [ElementType.float32, .int8, .uint8, .int16, .int32, .int64], [ElementType.int32, .int16])
  func ranksTheLargestByValueThenPosition(type: ElementType, positions: ElementType) throws {
    let node = OneNode(48, [.input(type, [2, 5]), .scalar(3)], [type, positions])
    let found = try node.run([1, 7, 3, 7, 7, 0, 0, 0, 0, 5])
    #expect(found == [[7, 7, 7, 5, 0, 0], [1, 3, 4, 4, 0, 1]])
  }

  @Test func ranksAllAndNone() throws {
    var random = SplitMix(seed: 4)
    let values = (0..<200).map { _ in Double(random.next(below: 50)) }
    let all = try OneNode(48, [.input(.int32, [200]), .scalar(200)], [.int32, .int32]).run(values)
    let order = values.indices.sorted { (-values[$0], $0) < (-values[$1], $1) }
    #expect(all == [order.map { values[$0] }, order.map { Double($0) }])
    #expect(try OneNode(48, [.input(.int32, [4]), .scalar(0)], [.int32, .int32]).run([1, 2, 3, 4]) == [[], []])
  }

  static let boxes: [(Double, [Double])] = [
    (0, [9, 9, 2, 3]), (-7, [9, 9, 2, 3]), (1, [0, 9, 9, 3]), (100, [0, 1, 9, 9]),
  ]

  @Test(arguments: boxes)
  func updatesABoxThatIsMovedInside(start: Double, expected: [Double]) throws {
    let node = OneNode(151, [.input(.int16, [4]), .input(.int16, [2]), .input(.int64, [1])], [.int16])
    #expect(try node.run([0, 1, 2, 3], [9, 9], [start]) == [expected])
  }
}
