import ModelFormat
import Testing

@testable import Converter

@Suite struct GraphTests {
  @Test func addsNodesInBothDirections() throws {
    let builder = GraphBuilder()
    let x = builder.graph.add(Value(name: "x", type: .float32, shape: [2]))
    builder.graph.addInput(x)
    let y = try builder.unary(.relu, x)
    #expect(builder.graph.producer(of: y)?.node.operation.kind == .relu)
    #expect(builder.graph.consumers(of: x).count == 1)
  }
}
