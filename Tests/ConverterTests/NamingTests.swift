import Testing

@testable import Converter

@Suite struct NamingTests {
  @Test func everyTensorHasANameOfItsOwn() throws {
    let builder = GraphBuilder()
    let x = builder.input([2])
    builder.name = "x"
    let y = try builder.unary(.tanh, builder.unary(.relu, builder.unary(.relu, x)))
    builder.graph.addOutput(y)
    builder.graph.nameUniquely()
    #expect(
      builder.graph.text == """
        input x: float32[2]
        x/RELU: float32[2] = RELU(x)
        x/RELU_1: float32[2] = RELU(x/RELU)
        x: float32[2] = TANH(x/RELU_1)
        output x
        """)
  }
}
