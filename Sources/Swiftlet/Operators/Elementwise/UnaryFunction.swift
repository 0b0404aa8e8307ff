import CKernels
import ModelFormat

/// Operators that apply one function to each element: the RELU family, LEAKY_RELU, ELU, GELU, HARD_SWISH, LOGISTIC, TANH,
/// EXP, LOG, SQRT, RSQRT, SIN, COS, ABS, NEG, SQUARE, FLOOR, CEIL, ROUND and SIGN.
///
/// On float32 they are computed without the C library, so that every machine gives the same bits, within 2.5 units in the
/// last place. On 8 bits they go through a table of 256 entries made before the first run; on 16 bits see `UnaryFunction16`.
package enum UnaryFunction: AdaptableOperator {
  package struct Plan: Sendable {
    var operands: UnaryOperands
    let kernel: Kernel
    let isa: swl_isa
  }

  enum Kernel: Sendable {
    case float(swl_unary)
    /// The table's operand.
    case table(Operand)
    case int16(UnaryFunction16)
    case integer(IntegerFunction, ElementType)
  }

  /// What NEG, ABS and SIGN do to integers that are not quantized.
  enum IntegerFunction: Sendable { case negate, magnitude, sign }

  package static func infer(_ node: Node) throws(PrepareError) { try UnaryOperands.infer(node) }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let (input, output) = (try node.input(0), try node.output(0))
    try node.expectType(of: output, .output(0), toBeThatOf: input)
    let function = UnaryKind(node.code.builtin)
    guard function.accepts(input.type) else {
      throw PrepareError(.typeUnsupported, .input(0), found: .type(input.type), expected: .type(.float32))
    }
    return Plan(
      operands: try UnaryOperands(node, elementsPerThread: input.type == .float32 ? 1 << 14 : 1 << 16),
      kernel: try kernel(node, function, input.type), isa: node.isa.value)
  }

  private static func kernel(
    _ node: Node, _ function: UnaryKind, _ type: ElementType
  ) throws(PrepareError) -> Kernel {
    switch type {
    case .float32: return .float(function.kernel(node))
    case .int8, .uint8:
      let table = try UnaryTable(node, function)
      return .table(unsafe try node.packedLater(256) { unsafe table.fill($0) })
    case .int16: return .int16(try UnaryFunction16(node, function))
    default: return .integer(function.integerFunction, type)
    }
  }

  package static func adapt(_ plan: inout Plan, to shapes: RunTimeShapes) -> Bool { plan.operands.adapt(to: shapes) }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    switch plan.kernel {
    case .float(let function):
      unsafe plan.operands.run(invocation, Float.self, Float.self) { input, output, count in
        unsafe swl_f32_unary(plan.isa, function, input, output, count)
      }
    case .table(let table):
      let table = unsafe invocation.pointer(table).assumingMemoryBound(to: UInt8.self)
      unsafe plan.operands.run(invocation, UInt8.self, UInt8.self) { input, output, count in
        unsafe swl_lookup_u8(plan.isa, table, input, output, count)
      }
    case .int16(let function): function.run(plan.operands, invocation)
    case .integer(let function, .int32): run(function, plan.operands, invocation, Int32.self)
    case .integer(let function, .int64): run(function, plan.operands, invocation, Int64.self)
    case .integer: break
    }
  }

  /// The lowest number, which has no positive counterpart, becomes the highest.
  private static func run<Number: FixedWidthInteger & SignedInteger>(
    _ function: IntegerFunction, _ operands: UnaryOperands, _ invocation: borrowing Invocation, _: Number.Type
  ) {
    unsafe operands.run(invocation, Number.self, Number.self) { input, output, count in
      for index in 0..<count {
        let x = unsafe input[index]
        let opposite = x == .min ? .max : 0 - x
        unsafe output[index] =
          switch function {
          case .negate: opposite
          case .magnitude: x < 0 ? opposite : x
          case .sign: x.signum()
          }
      }
    }
  }
}
