import CKernels
import ModelFormat

/// ONE_HOT: a new dimension of `depth` elements that holds the "on" value at the index and the "off" value elsewhere; an
/// index out of range gives none but "off".
///
/// Inputs: indices, int32 or int64; the depth, a constant scalar; the two values, scalars of the output's type. Option `axis`:
/// where the new dimension goes, -1 for the end.
package enum OneHot: Operator {
  package struct Plan: Sendable {
    let indices, on, off, output: Operand
    let offs: StridedCopy
    let indexBytes, elementBytes: Int
    let outer, depth, inner: Int
  }

  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 4...4, outputs: 1)
    let depth = try node.shapeIntegers(1, count: 1)[0]
    guard depth >= 0, depth <= Int(Int32.max) else {
      throw PrepareError(.valueInvalid, .input(1), field: "depth", found: .int(depth), expected: .int(0))
    }
    let indices = try node.input(0).shape
    try node.setOutput(0, shape: indices.inserting(depth, at: try axis(node, rank: indices.rank)))
  }

  private static func axis(_ node: Node, rank: Int) throws(PrepareError) -> Int {
    try node.axis(fromOption: node.options.int32(0), rank: rank + 1)
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let (indices, on, off, output) = (
      try node.input(0), try node.input(2), try node.input(3), try node.output(0)
    )
    guard indices.type == .int32 || indices.type == .int64 else {
      throw PrepareError(.typeUnsupported, .input(0), found: .type(indices.type), expected: .type(.int32))
    }
    let bytes = try node.movedElementBytes(on, operand: 2)
    _ = try node.movedElementBytes(off, operand: 3)
    guard on.count == 1, off.count == 1 else {
      let (position, count) = on.count != 1 ? (2, on.count) : (3, off.count)
      throw PrepareError(
        .shapeMismatch, .input(position), field: "number of elements", found: .int(count), expected: .int(1))
    }
    let axis = try axis(node, rank: indices.rank)
    return Plan(
      indices: node.operand(indices), on: node.operand(on), off: node.operand(off), output: node.operand(output),
      offs: StridedCopy(repeatingElementOf: bytes, count: output.count),
      indexBytes: indices.type.bitWidth / 8, elementBytes: bytes, outer: indices.shape.count(of: 0..<axis),
      depth: output.shape[axis], inner: indices.shape.count(of: axis..<indices.rank))
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    unsafe plan.offs.run(from: invocation.pointer(plan.off), to: invocation.pointer(plan.output), invocation)
    unsafe swl_scatter_one_hot(
      invocation.pointer(plan.indices), plan.indexBytes, plan.outer, plan.depth, plan.inner,
      invocation.pointer(plan.on), plan.elementBytes, invocation.pointer(plan.output))
  }
}
