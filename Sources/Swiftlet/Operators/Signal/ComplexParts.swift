import CKernels
import ModelFormat

/// REAL, IMAG and COMPLEX_ABS: the real parts, imaginary parts and magnitudes of complex64, as float32.
package enum ComplexParts: AdaptableOperator {
  package struct Plan: Sendable {
    var operands: UnaryOperands
    let part: swl_complex_part
  }

  package static func infer(_ node: Node) throws(PrepareError) { try UnaryOperands.infer(node) }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    try node.expectType(of: try node.input(0), .input(0), among: .complex64)
    try node.expectType(of: try node.output(0), .output(0), among: .float32)
    let part =
      switch node.code.builtin {
      case 133: SWL_COMPLEX_IMAGINARY
      case 134: SWL_COMPLEX_REAL
      default: SWL_COMPLEX_MAGNITUDE
      }
    return Plan(operands: try UnaryOperands(node), part: part)
  }

  package static func adapt(_ plan: inout Plan, to shapes: RunTimeShapes) -> Bool { plan.operands.adapt(to: shapes) }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    unsafe plan.operands.run(invocation) { input, output, begin, end in
      unsafe swl_complex_parts(
        plan.part, input.assumingMemoryBound(to: Float.self) + 2 * begin, end - begin,
        output.assumingMemoryBound(to: Float.self) + begin)
    }
  }
}
