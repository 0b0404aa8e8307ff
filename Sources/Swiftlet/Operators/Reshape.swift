import ModelFormat

/// RESHAPE: the same elements under another shape. Normally no work: the output is a view of the input.
///
/// Inputs: data; optionally the shape, a rank-1 int32. Option: `new_shape`, used when input 1 is absent, or computed.
package enum Reshape: AdaptableOperator {
  package struct Plan: Sendable {
    let input, output: Operand
    var byteCount: Int
    var strings: StringMoves?
    /// Option values that decide about the shape, kept for other shapes of the input.
    var wanted: [Int] = []
  }

  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 1...2, outputs: 1)
    let input = try node.input(0)
    let wanted = try wantedShape(node)
    try node.setOutput(0, shape: try resolve(wanted.count, from: input.shape) { wanted[$0] })
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
    return Array(try node.integers(1))
  }

  /// `wanted` with its one -1, if any, replaced by what makes as many elements as `shape` has. Where both are empty
  /// without it, dimensions of 0 are left out of the account, as TensorFlow Lite does.
  private static func resolve(
    _ rank: Int, from input: Shape, _ wanted: (Int) -> Int
  ) throws(PrepareError) -> Shape? {
    let count = input.elementCount
    var (unknown, replacement, hasZero) = (-1, 1, false)
    for index in 0..<rank {
      if wanted(index) == -1 && unknown < 0 { unknown = index }
      if wanted(index) == 0 { hasZero = true }
    }
    if unknown >= 0 {
      let isEmpty = count == 0 && hasZero
      func counted(_ dimension: Int) -> Int { isEmpty && dimension == 0 ? 1 : dimension }
      guard let rest = Shape(rank: rank, { $0 == unknown ? 1 : counted(wanted($0)) }), rest.elementCount > 0,
        let whole = Shape(rank: input.rank, { counted(input[$0]) })?.elementCount,
        whole.isMultiple(of: rest.elementCount)
      else {
        throw PrepareError(
          .shapeMismatch, .input(1), field: "new shape", remedy: "it does not divide the input's elements")
      }
      replacement = whole / rest.elementCount
    }
    guard let shape = Shape(rank: rank, { $0 == unknown ? replacement : wanted($0) }) else {
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
    guard input.type == .string, output.type == .string else {
      var plan = try prepareView(node)
      let isGiven = try node.optionalInput(1).map { $0.isConstant || node.options.int32Vector(0).isEmpty } ?? false
      if node.isRunTime && !isGiven { plan.wanted = node.options.int32Vector(0) }
      return plan
    }
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

  package static func adapt(_ plan: inout Plan, to shapes: RunTimeShapes) -> Bool {
    guard plan.strings == nil else { return false }
    let wanted = plan.wanted
    let rank = wanted.isEmpty && shapes.inputCount > 1 ? shapes.shape(1).elementCount : wanted.count
    do throws(PrepareError) {
      let shape = try resolve(rank, from: shapes.shape(0)) { index in
        wanted.isEmpty ? shapes.integer(1, index) ?? -2 : wanted[index]
      }
      return adaptView(&plan, to: shape, shapes)
    } catch {
      return false
    }
  }

  /// The plan of `prepareView` for an output of `shape`.
  static func adaptView(_ plan: inout Plan, to shape: Shape?, _ shapes: RunTimeShapes) -> Bool {
    let input = shapes.shape(0)
    guard let shape, shape.elementCount == input.elementCount, let bytes = shapes.byteCount(0) else { return false }
    plan.byteCount = bytes
    return shapes.set(0, to: shape)
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    if let strings = plan.strings { return strings.run(invocation) }
    invocation.view(plan.output, as: UInt8.self, count: plan.byteCount)
      .copy(from: invocation.view(plan.input, as: UInt8.self, count: plan.byteCount))
  }
}

extension Operator where Plan == Reshape.Plan {
  package static func step(_ plan: Plan, node: Int) -> Step {
    Step(node: node, isIdle: { plan.strings == nil && $0.coincide(plan.input, plan.output) }) { run(plan, $0) }
  }
}
