import ModelFormat

/// DYNAMIC_UPDATE_SLICE: input 0 with a box of it replaced by input 1.
///
/// Inputs: data; the update, of the same rank and type and nowhere larger; the box's first element, a vector of int32 or
/// int64, moved so far that the box lies inside.
package enum DynamicUpdateSlice: Operator {
  package struct Plan: Sendable {
    let input, update, starts, output: Operand
    let byteCount: Int
    let box: StridedCopy
    /// Room for the box along each dimension, and bytes from one element to the next.
    let limits, strides: ByAxis
    let isWide: Bool
  }

  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 3...3, outputs: 1)
    let (input, update, starts) = (try node.input(0).shape, try node.input(1).shape, try node.input(2).shape)
    guard update.rank == input.rank, Shape(rank: input.rank, { min(update[$0], input[$0]) }) == update else {
      throw PrepareError(.shapeMismatch, .input(1), found: .shape(update), expected: .shape(input))
    }
    guard starts.rank == 1, starts[0] == input.rank else {
      throw PrepareError(
        .shapeMismatch, .input(2), found: .shape(starts), expected: Shape(of: input.rank).map { .shape($0) } ?? .none)
    }
    try node.setOutput(0, shape: input)
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let (input, update, starts) = (try node.input(0), try node.input(1), try node.input(2))
    let output = try node.output(0)
    let bytes = try node.movedElementBytes(input)
    _ = try node.movedElementBytes(update, operand: 1)
    guard starts.type == .int32 || starts.type == .int64 else {
      throw PrepareError(.typeUnsupported, .input(2), found: .type(starts.type), expected: .type(.int32))
    }
    let from = update.shape.byteStrides(elementBytes: bytes)
    let to = output.shape.byteStrides(elementBytes: bytes)
    let box = StridedCopy(to.count, elementBytes: bytes) {
      StridedCopy.Loop(update.shape[$0], source: from[$0], destination: to[$0])
    }
    node.allowInPlace(input: 0)
    return Plan(
      input: node.operand(input), update: node.operand(update), starts: node.operand(starts),
      output: node.operand(output), byteCount: output.byteCount, box: box,
      limits: ByAxis(count: to.count) { input.shape[$0] - update.shape[$0] }, strides: to, isWide: starts.type == .int64
    )
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    invocation.view(plan.output, as: UInt8.self, count: plan.byteCount)
      .copy(from: invocation.view(plan.input, as: UInt8.self, count: plan.byteCount))
    var offset = 0
    for axis in 0..<plan.strides.count {
      let starts = unsafe invocation.pointer(plan.starts)
      let start =
        plan.isWide
        ? unsafe Int(clamping: ConstantView<Int64>(starts, count: plan.strides.count)[axis])
        : unsafe Int(ConstantView<Int32>(starts, count: plan.strides.count)[axis])
      offset += min(max(start, 0), plan.limits[axis]) * plan.strides[axis]
    }
    unsafe plan.box.run(from: invocation.pointer(plan.update), to: invocation.pointer(plan.output) + offset, invocation)
  }
}
