import ModelFormat
import TestSupport
import Testing

@testable import Swiftlet

/// CONV_3D, and sums whose output the file declares with another type.
@Suite struct Conv3DTests {
  private static let f = ElementType.float32

  /// One input and one output channel.
  private func node(_ shape: [Int], _ window: [Int], _ weights: [Double], options: [Int: FieldValue]) -> OneNode {
    var node = OneNode(
      132, [.input(.float32, [1] + shape + [1]), .constant(.float32, window + [1, 1], weights)], [Self.f],
      options: options)
    node.version = 1
    return node
  }

  private static func options(padding: Int8, strides: (Int32, Int32, Int32) = (1, 1, 1), dilation: Int32 = 1) -> [Int:
    FieldValue]
  {
    [
      0: .int8(padding), 1: .int32(strides.0), 2: .int32(strides.1), 3: .int32(strides.2), 4: .int8(0),
      5: .int32(dilation), 6: .int32(1), 7: .int32(1),
    ]
  }

  @Test func sumsWindowsOverThreeDimensions() throws {
    let valid = node([2, 2, 2], [2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8], options: Self.options(padding: 1))
    #expect(try valid.run([1, 1, 1, 1, 1, 1, 1, 1]) == [[36]])
    #expect(try valid.run([1, 0, 0, 0, 0, 0, 0, 10]) == [[81]])
    let same = node([1, 1, 3], [1, 1, 3], [1, 10, 100], options: Self.options(padding: 0))
    #expect(try same.run([1, 2, 3]) == [[210, 321, 32]])
  }

  @Test func stridesBelongToDepthWidthAndHeight() throws {
    let node = node([2, 3, 4], [1, 1, 1], [1], options: Self.options(padding: 1, strides: (2, 3, 2)))
    #expect(try node.shapes() == [[1, 1, 2, 2, 1]])
    #expect(try node.run(counting(24)) == [[0, 3, 8, 11]])
  }

  @Test func dilationSpreadsTheWindow() throws {
    let node = node([3, 1, 1], [2, 1, 1], [1, 10], options: Self.options(padding: 1, dilation: 2))
    #expect(try node.run([1, 2, 3]) == [[31]])
  }

  @Test func refusesChannelsThatDoNotFit() throws {
    let node = OneNode(
      132, [.input(.float32, [1, 1, 1, 1, 2]), .constant(.float32, [1, 1, 1, 3, 1], [1, 1, 1])], [Self.f],
      options: Self.options(padding: 1))
    let error = #expect(throws: PrepareError.self) { try node.program() }
    #expect(error?.code == .shapeMismatch)
    #expect(error?.operand == .input(1))
  }

  @Test(arguments: [0, 1] as [Int32]) func refusesStridesAndDilationsOfNothing(field: Int32) throws {
    var options = Self.options(padding: 1)
    options[field == 0 ? 1 : 6] = .int32(0)
    let error = #expect(throws: PrepareError.self) {
      try node([2, 2, 2], [1, 1, 1], [1], options: options).program()
    }
    #expect(error?.code == .optionInvalid)
  }

  @Test func takesNoMemoryBesideItsOperands() throws {
    let node = node([8, 8, 8], [3, 3, 3], counting(27), options: Self.options(padding: 0))
    #expect(try node.program().arenaBytes == 2 * 8 * 8 * 8 * 4)
  }

  /// Converters before 2020 wrote float32 for what is a quantized sum.
  @Test func aQuantizedSumDeclaredAsFloatTakesItsInputsType() throws {
    var model = ModelBuilder()
    let quantization = QuantizationSpec.perTensor(0.5, 3)
    let input = model.tensor("input", .uint8, [4], quantization: quantization)
    let middle = model.tensor("middle", .float32, [4], quantization: quantization)
    let output = model.tensor("output", .uint8, [4], quantization: quantization)
    model.operation(0, inputs: [input, input], outputs: [middle], options: ControlFlowModels.noActivation)
    model.operation(0, inputs: [middle, input], outputs: [output], options: ControlFlowModels.noActivation)
    model.setInputs([input], outputs: [output])
    let interpreter = try Interpreter(program: ControlFlowModels.program(model))
    try interpreter.setInput(0, to: [3, 4, 5, 13] as [UInt8])
    try interpreter.invoke()
    #expect(try interpreter.output(0, as: UInt8.self) == [3, 6, 9, 33])  // three times the distance from the zero point
    model.subgraphs[0].tensors[middle].quantization = nil
    #expect(throws: PrepareError.self) { try ControlFlowModels.program(model) }
  }
}
