import ModelFormat
import TestSupport
import Testing

@testable import Swiftlet

/// Comparisons, logic and selection.
@Suite struct ElementwiseChoiceTests {
  /// For operands that are less, equal, greater, and not numbers.
  static let comparisons: [(Int, [Double])] = [
    (58, [1, 0, 0, 0]), (63, [1, 1, 0, 0]), (61, [0, 0, 1, 0]), (62, [0, 1, 1, 0]), (71, [0, 1, 0, 0]),
    (72, [1, 0, 1, 1]),
  ]

  @Test(arguments: comparisons) func comparesFloats(code: Int, expected: [Double]) throws {
    let node = OneNode(code, [.input(.float32, [4]), .input(.float32, [4])], [.bool])
    #expect(try node.everywhere([1, 2, 3, .nan], [2, 2, 2, .nan]) == expected)
  }

  @Test(arguments: comparisons, [ElementType.int32, .int64, .int16])
  func comparesIntegers(comparison: (Int, [Double]), type: ElementType) throws {
    let node = OneNode(comparison.0, [.input(type, [2, 3]), .input(type, [3])], [.bool])
    let expected = Array(comparison.1[0..<3])
    #expect(try node.everywhere([-5, 2, 30, -5, 2, 30], [2, 2, 2]) == expected + expected)
  }

  @Test(arguments: comparisons, [ElementType.int8, .uint8])
  func comparesRealValuesOfQuantizedNumbers(comparison: (Int, [Double]), type: ElementType) throws {
    let node = OneNode(
      comparison.0, [.input(type, [3], .perTensor(0.5, 10)), .input(type, [3], .perTensor(0.25, 0))], [.bool])
    // -1, 5 and 10 beside 2, 5 and 5.
    #expect(try node.everywhere([8, 20, 30], [8, 20, 20]) == Array(comparison.1[0..<3]))
  }

  @Test func comparesBooleansForEqualityOnly() throws {
    #expect(
      try OneNode(71, [.input(.bool, [3]), .input(.bool, [3])], [.bool]).everywhere([0, 1, 1], [0, 0, 1]) == [1, 0, 1])
    #expect(OneNode(58, [.input(.bool, [3]), .input(.bool, [3])], [.bool]).refusal()?.code == .typeUnsupported)
  }

  @Test func comparisonsRefuseAnotherOutputType() {
    #expect(OneNode(58, [.input(.int32, [3]), .input(.int32, [3])], [.int32]).refusal()?.operand == .output(0))
    #expect(OneNode(58, [.input(.int8, [3]), .input(.int8, [3])], [.bool]).refusal()?.code == .quantizationInvalid)
  }

  @Test func logicFollowsItsTables() throws {
    let (a, b) = ([0.0, 0, 1, 1], [0.0, 1, 0, 1])
    #expect(try OneNode(84, [.input(.bool, [4]), .input(.bool, [4])], [.bool]).everywhere(a, b) == [0, 1, 1, 1])
    #expect(try OneNode(86, [.input(.bool, [4]), .input(.bool, [4])], [.bool]).everywhere(a, b) == [0, 0, 0, 1])
    #expect(try OneNode(87, [.input(.bool, [2])], [.bool]).everywhere([0, 1]) == [1, 0])
    #expect(OneNode(84, [.input(.int32, [2]), .input(.bool, [2])], [.bool]).refusal()?.operand == .input(0))
  }

  @Test(arguments: [ElementType.float32, .int8, .int16, .int64]) func selectsWithBroadcasting(type: ElementType) throws
  {
    let node = OneNode(123, [.input(.bool, [2, 1, 1]), .input(type, [3, 1]), .input(type, [2])], [type])
    #expect(try node.shapes() == [[2, 3, 2]])
    #expect(try node.everywhere([1, 0], [1, 2, 3], [8, 9]) == [1, 1, 2, 2, 3, 3, 8, 9, 8, 9, 8, 9])
  }

  @Test func selectTakesRowsOrElements() throws {
    let rows = OneNode(64, [.input(.bool, [2]), .input(.int32, [2, 2]), .input(.int32, [2, 2])], [.int32])
    #expect(try rows.everywhere([0, 1], [1, 2, 3, 4], [5, 6, 7, 8]) == [5, 6, 3, 4])
    let elements = OneNode(64, [.input(.bool, [2]), .input(.int32, [2]), .input(.int32, [2])], [.int32])
    #expect(try elements.everywhere([0, 1], [1, 2], [5, 6]) == [5, 2])
  }

  @Test func selectRefusesShapesAndTypesThatDoNotFit() {
    #expect(
      OneNode(64, [.input(.bool, [2]), .input(.int32, [2]), .input(.int32, [1])], [.int32]).refusal()?.operand
        == .input(2))
    #expect(
      OneNode(123, [.input(.bool, [3]), .input(.int32, [2]), .input(.int32, [2])], [.int32]).refusal()?.operand
        == .input(0))
    #expect(
      OneNode(123, [.input(.int32, [2]), .input(.int32, [2]), .input(.int32, [2])], [.int32]).refusal()?.code
        == .typeUnsupported)
    #expect(
      OneNode(123, [.input(.bool, [2]), .input(.int32, [2]), .input(.float32, [2])], [.int32]).refusal()?.code
        == .typeMismatch)
  }

  /// 606 * 0.001 and 607 * 0.001 are both 155 / 256, 607 * 0.002 is not.
  @Test func equalityOf16BitsComparesRealValues() throws {
    func node(_ code: Int, _ scale: Float) -> OneNode {
      OneNode(
        code, [.input(.int16, [2], .perTensor(0.001, 0)), .input(.int16, [2], .perTensor(scale, 0))], [.bool])
    }
    #expect(try node(71, 0.001).everywhere([606, 607], [607, 612]) == [1, 0])
    #expect(try node(72, 0.001).everywhere([606, 607], [607, 612]) == [0, 1])
    #expect(try node(71, 0.002).everywhere([607, 200], [607, 100]) == [0, 1])
  }
}
