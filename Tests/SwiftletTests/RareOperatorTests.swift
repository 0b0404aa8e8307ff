import ModelFormat
import TestSupport
import Testing

@testable import Swiftlet

/// Worked examples of operators that few models have, and what they refuse; the comparison with LiteRT covers the rest.
@Suite struct RareOperatorTests {
  @Test(arguments: [ElementType.float32, .int32]) func addsAnyNumberOfInputs(type: ElementType) throws {
    let node = OneNode(106, [.input(type, [2]), .input(type, [2]), .input(type, [2])], [type])
    #expect(try node.everywhere([1, 2], [10, 20], [100, 200]) == [111, 222])
  }

  @Test func addsNothingOfAnotherShape() throws {
    let node = OneNode(106, [.input(.float32, [2]), .input(.float32, [1])], [.float32])
    #expect(node.refusal()?.code == .shapeMismatch)
  }

  @Test func exclusiveOrBroadcasts() throws {
    let node = OneNode(160, [.input(.int16, [2, 2]), .input(.int16, [2])], [.int16])
    #expect(try node.everywhere([5, -1, 256, 0], [3, 1]) == [6, -2, 259, 1])
  }

  @Test func shiftsStayWithinTheWidth() throws {
    let signed = OneNode(161, [.input(.int8, [4]), .input(.int8, [4])], [.int8])
    #expect(try signed.everywhere([-128, -128, 100, 100], [7, 100, -5, 3]) == [-1, -1, 100, 12])
    let unsigned = OneNode(161, [.input(.uint8, [2]), .input(.uint8, [2])], [.uint8])
    #expect(try unsigned.everywhere([255, 255], [7, 200]) == [1, 1])
  }

  @Test func bitcastSplitsAndJoinsElements() throws {
    let split = OneNode(159, [.input(.int32, [2])], [.uint8])
    #expect(try split.shapes() == [[2, 4]])
    #expect(try split.run([258, 1]) == [[2, 1, 0, 0, 1, 0, 0, 0]])
    let join = OneNode(159, [.input(.uint8, [2, 4])], [.int32])
    #expect(try join.run([2, 1, 0, 0, 1, 0, 0, 0]) == [[258, 1]])
    #expect(OneNode(159, [.input(.uint8, [3])], [.int32]).refusal()?.code == .shapeMismatch)
    #expect(OneNode(159, [.input(.uint8, [])], [.int32]).refusal()?.code == .shapeMismatch)
  }

  @Test func fakeQuantizationKeepsZeroAStep() throws {
    // Four steps over -1...2: 1 apart, zero among them.
    let options: [Int: FieldValue] = [0: .float(-1), 1: .float(2), 2: .int32(2), 3: .bool(false)]
    let node = OneNode(80, [.input(.float32, [6])], [.float32], options: options)
    #expect(try node.run([-9, -0.4, 0, 0.6, 1.4, 9]) == [[-1, 0, 0, 1, 1, 2]])
  }

  @Test(arguments: [(Float(1), Float(2), 8), (0, 0, 8), (-1, .infinity, 8), (-1, 1, 1), (-1, 1, 17)])
  func fakeQuantizationRefuses(minimum: Float, maximum: Float, bits: Int) {
    let options: [Int: FieldValue] = [0: .float(minimum), 1: .float(maximum), 2: .int32(Int32(bits))]
    #expect(OneNode(80, [.input(.float32, [1])], [.float32], options: options).refusal()?.code == .optionInvalid)
  }

  @Test func localResponseDividesByNeighbours() throws {
    let options: [Int: FieldValue] = [0: .int32(1), 1: .float(1), 2: .float(1), 3: .float(0.5)]
    let node = OneNode(13, [.input(.float32, [1, 1, 1, 3])], [.float32], options: options)
    let found = try node.run([3, 0, 4])[0]
    let expected = [3 / 10.0.squareRoot(), 0, 4 / 17.0.squareRoot()]
    for index in 0..<3 { #expect(abs(found[index] - expected[index]) < 1e-6) }
  }

  @Test func reversesTheBeginningOfEachSequence() throws {
    let node = OneNode(
      112, [.input(.int32, [2, 3]), .input(.int32, [2])], [.int32], options: [0: .int32(1), 1: .int32(0)])
    #expect(try node.run([1, 2, 3, 4, 5, 6], [2, 3]) == [[2, 1, 3, 6, 5, 4]])
    #expect(try node.run([1, 2, 3, 4, 5, 6], [-5, 99]) == [[1, 2, 3, 6, 5, 4]], "lengths outside are brought inside")
    let constant = OneNode(
      112, [.input(.int32, [2, 3]), .ints(2, 4)], [.int32], options: [0: .int32(1), 1: .int32(0)])
    #expect(constant.refusal()?.code == .valueInvalid)
    let same = OneNode(112, [.input(.int32, [2, 3]), .ints(1, 1)], [.int32], options: [0: .int32(0), 1: .int32(0)])
    #expect(same.refusal()?.code == .optionInvalid)
  }

  @Test func diagonals() throws {
    #expect(try OneNode(113, [.input(.int8, [2])], [.int8]).run([7, 9]) == [[7, 0, 0, 9]])
    let set = OneNode(115, [.input(.float32, [2, 3]), .input(.float32, [2])], [.float32])
    #expect(try set.run([1, 2, 3, 4, 5, 6], [0, 9]) == [[0, 2, 3, 4, 9, 6]])
    #expect(OneNode(115, [.input(.float32, [2]), .input(.float32, [2])], [.float32]).refusal()?.code == .shapeMismatch)
  }

  @Test func sumsSegments() throws {
    let node = OneNode(125, [.input(.float32, [3, 2]), .ints(0, 0, 2)], [.float32])
    #expect(try node.shapes() == [[3, 2]])
    #expect(try node.run([1, 2, 3, 4, 5, 6]) == [[4, 6, 0, 0, 5, 6]])
  }

  @Test(arguments: [[-1, 0, 1], [1, 0, 1], [0, 1, Int(Int32.max)]]) func refusesSegmentIds(ids: [Int]) {
    let values = OneNode.Value.constant(.int32, [3], ids.map { Double($0) })
    let error = OneNode(125, [.input(.float32, [3, 1 << 20]), values], [.float32]).refusal()
    #expect(error != nil)
    #expect(error?.node == 0)
  }

  @Test func computedSegmentIdsOutsideDropTheirRows() throws {
    let inputs: [OneNode.Value] = [.input(.int32, [4]), .input(.int32, [4]), .scalar(2)]
    #expect(try OneNode(155, inputs, [.int32]).run([1, 2, 3, 4], [1, -1, 7, 1]) == [[0, 5]])
    #expect(try OneNode(153, inputs, [.int32]).run([1, 2, 3, 4], [1, 0, 7, 1]) == [[2, 4]])
    let lowest = Double(Int32.min)
    #expect(try OneNode(154, inputs, [.int32]).run([1, 2, 3, 4], [1, 9, 7, 1]) == [[lowest, 4]])
  }

  @Test func scattersIntoADefault() throws {
    let node = OneNode(
      68, [.constant(.int32, [2, 2], [0, 1, 1, 0]), .ints(2, 2), .input(.float32, [2]), .input(.float32, [])],
      [.float32])
    #expect(try node.run([5, 6], [9]) == [[9, 5, 6, 9]])
    let outside = OneNode(
      68, [.constant(.int32, [1, 2], [0, 2]), .ints(2, 2), .input(.float32, [1]), .input(.float32, [])], [.float32])
    #expect(outside.refusal()?.code == .valueInvalid)
  }

  @Test func countsBoundariesThatAreNotAbove() throws {
    let options: [Int: FieldValue] = [0: .floatVector([0, 10, 100])]
    let node = OneNode(147, [.input(.float32, [5])], [.int32], options: options)
    #expect(try node.run([-5, 0, 9.5, 10, 1000]) == [[0, 1, 1, 2, 3]])
    let falling = OneNode(147, [.input(.float32, [1])], [.int32], options: [0: .floatVector([1, 0])])
    #expect(falling.refusal()?.code == .optionInvalid)
  }

  @Test func dilatesWithAValue() throws {
    let node = OneNode(203, [.input(.int32, [2, 2]), .ints(2, 1), .input(.int32, [])], [.int32])
    #expect(try node.shapes() == [[3, 2]])
    #expect(try node.run([1, 2, 3, 4], [-7]) == [[1, 2, -7, -7, 3, 4]])
    #expect(OneNode(203, [.input(.int32, [2]), .ints(0), .scalar(0)], [.int32]).refusal()?.code == .valueInvalid)
  }

  @Test func poolsTheRootOfMeanSquares() throws {
    let options: [Int: FieldValue] = [0: .int8(1), 1: .int32(1), 2: .int32(1), 3: .int32(2), 4: .int32(1)]
    let node = OneNode(12, [.input(.float32, [1, 1, 3, 1])], [.float32], options: options)
    #expect(try node.run([3, 3, 3]) == [[3, 3]])
  }

  @Test func quantizedProductsUseTheirScales() throws {
    // Real values 2 and 3 in steps of 0.5: 6 in steps of 0.25.
    let node = OneNode(
      81, [.input(.int8, [2], .perTensor(0.5, 1)), .ints(0)], [.int8], quantization: .perTensor(0.25, -3))
    #expect(try node.run([5, 7]) == [[24 - 3]])
  }
}
