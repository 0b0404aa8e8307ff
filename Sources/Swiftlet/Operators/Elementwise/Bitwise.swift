import CKernels
import ModelFormat

/// BITWISE_XOR and RIGHT_SHIFT of two inputs of one integer type of 8, 16 or 32 bits, signed or not, that broadcast.
///
/// Shifts fill with the sign of signed types. A distance below 0 counts as 0, one beyond the width as the width less one.
package enum Bitwise: AdaptableOperator {
  package struct Plan: Sendable {
    var operands: BinaryOperands
    let operation: swl_bitwise_op
    let elementBytes: Int
  }

  package static func infer(_ node: Node) throws(PrepareError) { try BinaryOperands.infer(node) }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let input = try node.input(0)
    try node.expectType(of: input, .input(0), among: .int32, .int8, .int16, .uint8, .uint16, .uint32)
    try node.expectType(of: try node.input(1), .input(1), toBeThatOf: input)
    try node.expectType(of: try node.output(0), .output(0), toBeThatOf: input)
    let isSigned = input.type == .int8 || input.type == .int16 || input.type == .int32
    return Plan(
      operands: try BinaryOperands(node),
      operation: node.code.builtin == 160
        ? SWL_BITWISE_XOR : isSigned ? SWL_SHIFT_RIGHT_SIGNED : SWL_SHIFT_RIGHT_UNSIGNED,
      elementBytes: input.type.bitWidth / 8)
  }

  package static func adapt(_ plan: inout Plan, to shapes: RunTimeShapes) -> Bool { plan.operands.adapt(to: shapes) }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    unsafe plan.operands.run(invocation) { shape, a, b, output, begin, end in
      unsafe swl_bitwise(plan.operation, plan.elementBytes, shape, a, b, output, begin, end)
    }
  }
}
