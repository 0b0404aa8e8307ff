import ONNXFormat
import Testing

@testable import Converter

/// Operators on bits, of which the file format has an exclusive or and a shift to the right.
@Suite struct ONNXBitTests {
  let folder: Folder

  init() throws { folder = try Folder() }

  /// What an operator makes of numbers as integers of type `code`.
  private func results(
    _ type: String, code: Int64, _ inputs: [[Float]], amount: [Int32]? = nil, direction: String = ""
  ) throws -> [Float] {
    var model = ONNXModel(opset: 18)
    var operands: [String] = []
    for (index, input) in inputs.enumerated() {
      model.input("x\(index)", [Int64(input.count)])
      model.node("Cast", ["x\(index)"], ["long\(index)"], attributes: [.int("to", 7)])
      model.node("Cast", ["long\(index)"], ["bits\(index)"], attributes: [.int("to", code)])
      operands.append("bits\(index)")
    }
    if let amount {
      model.integers("shift", amount.count == 1 ? [] : [Int64(amount.count)], type: 6, amount)
      model.node("Cast", ["shift"], ["amount"], attributes: [.int("to", code)])
      operands.append("amount")
    }
    model.node(
      type, operands, ["found"], name: "bits", attributes: direction.isEmpty ? [] : [.text("direction", direction)])
    model.node("Cast", ["found"], ["whole"], attributes: [.int("to", 7)])
    model.node("Cast", ["whole"], ["y"], attributes: [.int("to", 1)])
    model.output("y")
    return inputs.count == 1 ? try folder.run(model, inputs[0])[0] : try folder.run(model, inputs[0], inputs[1])[0]
  }

  @Test(arguments: [6, 7] as [Int64]) func numbersWithASign(code: Int64) throws {
    let (a, b): ([Float], [Float]) = ([12, -6, 8_388_608, -1], [10, 5, 3, 7])
    #expect(try results("BitwiseAnd", code: code, [a, b]) == [8, 0, 0, 7])
    #expect(try results("BitwiseOr", code: code, [a, b]) == [14, -1, 8_388_611, -1])
    #expect(try results("BitwiseXor", code: code, [a, b]) == [6, -1, 8_388_611, -8])
    #expect(try results("BitwiseNot", code: code, [a]) == [-13, 5, -8_388_609, 0])
  }

  @Test func numbersOf64BitsAreTwoWords() throws {
    let large = Float(0x1p40)
    #expect(try results("BitwiseOr", code: 7, [[large, -large], [0x1p20, large]]) == [large + 0x1p20, -large])
    #expect(try results("BitwiseAnd", code: 7, [[large + 0x1p20], [large]]) == [large])
  }

  @Test(arguments: [2, 4, 12] as [Int64]) func numbersWithoutASign(code: Int64) throws {
    #expect(try results("BitwiseAnd", code: code, [[200, 7], [136, 10]]) == [136, 2])
    #expect(try results("BitwiseNot", code: code, [[200]]) == [[2: 55, 4: 65335, 12: 4_294_967_095][code] ?? 0])
    #expect(try results("BitShift", code: code, [[200, 3]], amount: [3], direction: "RIGHT") == [25, 0])
    #expect(
      try results("BitShift", code: code, [[200, 3]], amount: [1], direction: "LEFT") == [code == 2 ? 144 : 400, 6])
    #expect(try results("BitShift", code: code, [[200]], amount: [40], direction: "LEFT") == [0])
  }

  @Test(
    arguments: [
      (-1, 60, "RIGHT", 15), (0x1p40, 33, "RIGHT", 128), (0x1p40, 9, "RIGHT", 0x1p31), (-1, 40, "LEFT", -0x1p40),
      (5, 33, "LEFT", 5 * 0x1p33), (5, 31, "LEFT", 5 * 0x1p31), (-7, 0, "RIGHT", -7), (-7, 64, "LEFT", 0),
      (3, 32, "LEFT", 3 * 0x1p32),
    ] as [(Float, Int32, String, Float)])
  func shiftsOf64Bits(number: Float, amount: Int32, direction: String, expected: Float) throws {
    #expect(try results("BitShift", code: 13, [[number]], amount: [amount], direction: direction) == [expected])
  }

  @Test func shiftsByDifferentNumbersAreRefused() throws {
    let error = try #require(throws: ConversionError.self) {
      try results("BitShift", code: 2, [[1, 2]], amount: [1, 2], direction: "LEFT")
    }
    #expect(error.message.contains("'bits (BitShift)': shifts by different numbers"))
  }
}
