import ModelFormat

/// BITCAST: the same bytes as elements of another type. A narrower type adds a last dimension for the parts of an element, a
/// wider one takes the last dimension away. Normally no work: the output is a view of the input.
package enum Bitcast: Operator {
  package typealias Plan = Reshape.Plan

  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 1...1, outputs: 1)
    let input = try node.input(0)
    let (from, to) = (input.type.bitWidth, try node.declaredOutput(0).type.bitWidth)
    guard from >= 8 else { throw PrepareError(.typeUnsupported, .input(0), found: .type(input.type)) }
    guard to >= 8 else {
      throw PrepareError(.typeUnsupported, .output(0), found: .type(try node.declaredOutput(0).type))
    }
    guard from < to else {
      let shape = input.shape
      return try node.setOutput(0, shape: from == to ? shape : shape.inserting(from / to, at: shape.rank))
    }
    guard input.rank > 0, input.shape.last == to / from else {
      throw PrepareError(
        .shapeMismatch, .input(0), field: "last dimension", found: .int(input.rank > 0 ? input.shape.last : 1),
        expected: .int(to / from))
    }
    try node.setOutput(0, shape: input.shape.removing(input.rank - 1))
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let (input, output) = (try node.input(0), try node.output(0))
    node.allowView(output, inside: input, at: 0)
    return Plan(input: node.operand(input), output: node.operand(output), byteCount: output.byteCount)
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) { Reshape.run(plan, invocation) }
}
