import CKernels
import ModelFormat

/// BUCKETIZE: for each element of float32, int32 or int64 how many boundaries are not above it, as int32. Option:
/// `boundaries`, rising.
package enum Bucketize: Operator {
  package struct Plan: Sendable {
    let input, boundaries, output: Operand
    let type: swl_element
    var count: Int
    let boundaryCount: Int
  }

  package static func infer(_ node: Node) throws(PrepareError) { try UnaryOperands.infer(node) }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let (input, output) = (try node.input(0), try node.output(0))
    try node.expectType(of: input, .input(0), among: .float32, .int32, .int64)
    try node.expectType(of: output, .output(0), among: .int32)
    guard let type = swl_element(input.type) else {
      throw PrepareError(.typeUnsupported, .input(0), found: .type(input.type), expected: .type(.float32))
    }
    let boundaries = node.options.floatVector(0)
    for index in boundaries.indices.dropFirst() {
      guard boundaries[index - 1] <= boundaries[index] else {
        throw PrepareError(
          .optionInvalid, field: "boundaries", found: .float(boundaries[index]), expected: .float(boundaries[index - 1])
        )
      }
    }
    let packed = unsafe try node.packed(max(4, boundaries.count * 4)) { memory in
      for (index, value) in boundaries.enumerated() {
        unsafe memory.storeBytes(of: value, toByteOffset: index * 4, as: Float.self)
      }
    }
    return Plan(
      input: node.operand(input), boundaries: packed, output: node.operand(output), type: type, count: input.count,
      boundaryCount: boundaries.count)
  }

  package static func replan(_ plan: inout Plan, _ node: Node) throws(PrepareError) {
    plan.count = try node.input(0).count
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    unsafe swl_search_buckets(
      plan.type, invocation.pointer(plan.input), plan.count, invocation.elements(plan.boundaries, as: Float.self),
      plan.boundaryCount, invocation.elements(plan.output, as: Int32.self))
  }
}
