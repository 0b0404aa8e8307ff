import ModelFormat
import TestSupport
import Testing

@testable import Swiftlet

/// QUANTIZE, DEQUANTIZE, CAST and ZEROS_LIKE.
@Suite struct ElementwiseConversionTests {
  @Test(arguments: [ElementType.int8, .uint8, .int16]) func quantizesHalvesAwayFromZero(type: ElementType) throws {
    let zero = type == .uint8 ? 100.0 : 0
    let node = OneNode(
      114, [.input(.float32, [9])], [type], quantization: .perTensor(0.5, Int64(zero)))
    let found = try node.everywhere([0.25, -0.25, 0.75, -0.75, 0.24, 1e30, -.infinity, .nan, 0])
    let (low, high) = (Double(type.quantizedRange.lowerBound), Double(type.quantizedRange.upperBound))
    #expect(found == [1 + zero, -1 + zero, 2 + zero, -2 + zero, zero, high, low, low, zero])
  }

  @Test(arguments: [ElementType.int8, .uint8, .int16, .int32], [ElementType.int8, .uint8, .int16])
  func requantizesWithinOneUnit(from: ElementType, to: ElementType) throws {
    let values = (-100...127).map { Double($0) }.map { from == .uint8 ? $0 + 100 : $0 }
    let fromZero = from == .uint8 ? 90.0 : from == .int8 ? -7 : 0
    let toZero = to == .uint8 ? 110.0 : to == .int8 ? 3 : 0
    let node = OneNode(
      114, [.input(from, [values.count], .perTensor(0.03, Int64(fromZero)))], [to],
      quantization: .perTensor(0.02, Int64(toZero)))
    for (q, found) in zip(values, try node.everywhere(values)) {
      #expect(abs(found - stored((q - fromZero) * 0.03, to, 0.02, toZero)) <= 1)
    }
  }

  @Test func quantizesAndDequantizesPerChannel() throws {
    let perChannel = QuantizationSpec.perChannel([0.5, 0.25, 2], dimension: 1)
    var quantize = OneNode(114, [.input(.float32, [2, 3, 1])], [.int8], quantization: perChannel)
    quantize.outputs[0].shape = [2, 3, 1]
    #expect(try quantize.everywhere([1, 1, 1, -3, -300, 5]) == [2, 4, 1, -6, -128, 3])
    let dequantize = OneNode(6, [.input(.int8, [2, 3, 1], perChannel)], [.float32])
    #expect(try dequantize.everywhere([2, 4, 1, -6, -128, 3]) == [1, 1, 2, -3, -32, 6])
  }

  @Test func refusesScalesAndTypesThatDoNotFit() {
    let perChannel = QuantizationSpec.perChannel([0.5, 0.25], dimension: 1)
    let node = OneNode(6, [.input(.int8, [2, 3], perChannel)], [.float32])
    #expect(throws: FormatError.self) { try node.program() }
    #expect(OneNode(114, [.input(.float32, [2])], [.int8]).refusal()?.code == .quantizationInvalid)
    #expect(OneNode(114, [.input(.bool, [2])], [.int8]).refusal()?.operand == .input(0))
    #expect(OneNode(6, [.input(.int64, [2])], [.float32]).refusal()?.operand == .input(0))
  }

  @Test(arguments: [(ElementType.int8, -7.0), (.uint8, 131), (.int16, 0), (.int32, 0)])
  func dequantizes(type: ElementType, zero: Double) throws {
    let values = type == .uint8 ? [0.0, 131, 255] : [-128.0, 0, 127]
    let node = OneNode(6, [.input(type, [3], .perTensor(0.25, Int64(zero)))], [.float32])
    #expect(try node.everywhere(values) == values.map { ($0 - zero) * 0.25 })
  }

  @Test func floatsBecomeIntegersByTruncationAndSaturate() throws {
    let values = [1.9, -1.9, 300, -300, .infinity, -.infinity, .nan, 1e20]
    func cast(_ type: ElementType) throws -> [Double] {
      try OneNode(53, [.input(.float32, [values.count])], [type]).everywhere(values)
    }
    #expect(try cast(.int8) == [1, -1, 127, -128, 127, -128, 127, 127])
    #expect(try cast(.uint8) == [1, 0, 255, 0, 255, 0, 255, 255])
    #expect(try cast(.int16) == [1, -1, 300, -300, 32767, -32768, 32767, 32767])
    let (low, high) = (-2_147_483_648.0, 2_147_483_647.0)
    #expect(try cast(.int32) == [1, -1, 300, -300, high, low, high, high])
    #expect(try cast(.int64).last == 0x1p63)
    #expect(try cast(.bool) == [1, 1, 1, 1, 1, 1, 1, 1])
  }

  @Test func integersWrapAround() throws {
    #expect(try OneNode(53, [.input(.int32, [3])], [.int8]).everywhere([300, -129, 5]) == [44, 127, 5])
    #expect(try OneNode(53, [.input(.int64, [2])], [.int32]).everywhere([4_294_967_301, -1]) == [5, -1])
    #expect(try OneNode(53, [.input(.uint8, [2])], [.float32]).everywhere([255, 0]) == [255, 0])
    #expect(try OneNode(53, [.input(.bool, [2])], [.float32]).everywhere([1, 0]) == [1, 0])
    #expect(try OneNode(53, [.input(.int32, [2])], [.bool]).everywhere([256, 0]) == [1, 0])
  }

  @Test func castRefusesTypesWithoutNumbers() {
    #expect(OneNode(53, [.input(.complex128, [1])], [.float32]).refusal()?.code == .typeUnsupported)
    #expect(OneNode(53, [.input(.float32, [1])], [.int4]).refusal()?.code == .typeUnsupported)
  }

  @Test func zerosLikeKeepsShapeAndType() throws {
    let node = OneNode(93, [.input(.int32, [2, 2])], [.int32])
    #expect(try node.everywhere([1, 2, 3, 4]) == [0, 0, 0, 0])
    #expect(try node.shapes() == [[2, 2]])
    #expect(OneNode(93, [.input(.bool, [2])], [.bool]).refusal()?.code == .typeUnsupported)
  }
}
