import ModelFormat
import TestSupport
import Testing

@testable import Swiftlet

/// Inputs of the model for which the file holds a value.
@Suite struct ConstantInputTests {
  @Test func startsWithTheConstantAndTakesOtherValues() throws {
    var model = ValidModels.concatenation()
    let values: [Float] = [1, 2, 3, 4, 5, 6]
    model.subgraphs[0].tensors[1].data = unsafe values.withUnsafeBytes { unsafe Array($0) }
    let bytes = model.build()
    let interpreter = try Interpreter(program: Program(model: Model(bytes: ModelBytes(copying: bytes))))
    try interpreter.invoke()
    #expect(try interpreter.output(0, as: Float.self) == [0, 0, 0, 0, 0, 0] + values)
    try interpreter.setInput(1, to: [7, 7, 7, 7, 7, 7] as [Float])
    try interpreter.invoke()
    #expect(try interpreter.output(0, as: Float.self).suffix(6) == [7, 7, 7, 7, 7, 7])
    interpreter.resetVariables()
    try interpreter.invoke()
    #expect(try interpreter.output(0, as: Float.self).suffix(6) == values[...])
  }
}
