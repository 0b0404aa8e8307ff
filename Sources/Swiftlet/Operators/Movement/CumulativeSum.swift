import CKernels
import ModelFormat

/// CUMSUM: sums along a dimension up to each element.
///
/// Inputs: data, float32, int32 or int64; the dimension, a constant scalar. Options: `exclusive` leaves the element itself
/// out, `reverse` sums from the end.
package enum CumulativeSum: Operator {
  package struct Plan: Sendable {
    let input, output: Operand
    let type: swl_element
    let outer, count, inner: Int
    let isExclusive, isReverse: Bool
  }

  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 2...2, outputs: 1)
    try node.setOutput(0, shape: try node.input(0).shape)
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let input = try node.input(0)
    _ = try node.movedElementBytes(input)
    guard input.type == .float32 || input.type == .int32 || input.type == .int64, let type = swl_element(input.type)
    else { throw PrepareError(.typeUnsupported, .input(0), found: .type(input.type), expected: .type(.float32)) }
    let axis = try node.axis(fromInput: 1, in: input.shape)
    return Plan(
      input: node.operand(input), output: node.operand(try node.output(0)), type: type,
      outer: input.shape.count(of: 0..<axis), count: input.shape[axis],
      inner: input.shape.count(of: axis + 1..<input.rank), isExclusive: node.options.bool(0),
      isReverse: node.options.bool(1))
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    unsafe swl_cumulative_sum(
      plan.type, invocation.pointer(plan.input), invocation.pointer(plan.output), plan.outer, plan.count, plan.inner,
      plan.isExclusive, plan.isReverse)
  }
}
