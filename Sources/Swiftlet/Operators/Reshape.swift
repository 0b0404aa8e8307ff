import ModelFormat

/// RESHAPE: the same elements under another shape. Normally no work: the output is a view of the input.
///
/// Inputs: data; optionally the shape, a rank-1 int32. Option: `new_shape`, used when input 1 is absent, or computed.
package enum Reshape: Operator {
  package struct Plan: Sendable {
    let input, output: Operand
    let byteCount: Int
    var strings: StringMoves?
  }

  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 1...2, outputs: 1)
    let input = try node.input(0)
    try node.setOutput(0, shape: try resolve(wantedShape(node), from: input.shape))
  }

  private static func wantedShape(_ node: Node) throws(PrepareError) -> [Int] {
    guard let shape = try node.optionalInput(1) else { return node.options.int32Vector(0) }
    guard shape.type == .int32 else {
      throw PrepareError(.typeUnsupported, .input(1), found: .type(shape.type), expected: .type(.int32))
    }
    guard shape.isConstant else {
      let option = node.options.int32Vector(0)
      guard option.isEmpty else { return option }
      throw PrepareError(.dynamicShape, .input(1), remedy: "freeze the shape to a constant when converting")
    }
    return try node.integers(1)
  }

  /// `wanted` with its one -1, if any, replaced by what makes as many elements as `shape` has. Where both are empty
  /// without it, dimensions of 0 are left out of the account, as TensorFlow Lite does.
  private static func resolve(_ wanted: [Int], from input: Shape) throws(PrepareError) -> Shape? {
    let count = input.elementCount
    var dimensions = wanted
    if let unknown = dimensions.firstIndex(of: -1) {
      dimensions[unknown] = 1
      let isEmpty = count == 0 && wanted.contains(0)
      guard let rest = Shape(isEmpty ? dimensions.filter { $0 != 0 } : dimensions), rest.elementCount > 0,
        let whole = isEmpty ? Shape(input.dimensions.filter { $0 != 0 })?.elementCount : count,
        whole.isMultiple(of: rest.elementCount)
      else {
        throw PrepareError(
          .shapeMismatch, .input(1), field: "new shape", remedy: "it does not divide the input's elements")
      }
      dimensions[unknown] = whole / rest.elementCount
    }
    guard let shape = Shape(dimensions) else {
      throw PrepareError(.valueInvalid, .input(1), field: "new shape", remedy: "at most 8 dimensions, at most one -1")
    }
    guard shape.elementCount == count else {
      throw PrepareError(
        .shapeMismatch, .output(0), field: "number of elements", found: .int(shape.elementCount), expected: .int(count))
    }
    return shape
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let (input, output) = (try node.input(0), try node.output(0))
    guard input.type == .string, output.type == .string else { return try prepareView(node) }
    let moves = StringMoves(
      input: try node.reference(input: 0), output: node.reference(output: 0), shape: output.shape, indices: nil)
    return Plan(input: node.operand(input), output: node.operand(output), byteCount: 0, strings: moves)
  }

  /// The plan of every operator whose output has the bytes of its first input.
  static func prepareView(_ node: Node) throws(PrepareError) -> Plan {
    let (input, output) = (try node.input(0), try node.output(0))
    guard input.type == output.type else {
      throw PrepareError(.typeMismatch, .output(0), found: .type(output.type), expected: .type(input.type))
    }
    guard input.type.bitWidth > 0 else { throw PrepareError(.typeUnsupported, .input(0), found: .type(input.type)) }
    node.allowView(output, inside: input, at: 0)
    return Plan(input: node.operand(input), output: node.operand(output), byteCount: output.byteCount)
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    if let strings = plan.strings { return strings.run(invocation) }
    invocation.view(plan.output, as: UInt8.self, count: plan.byteCount)
      .copy(from: invocation.view(plan.input, as: UInt8.self, count: plan.byteCount))
  }
}
