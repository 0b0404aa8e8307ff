import CKernels
import ModelFormat

/// EQUAL, NOT_EQUAL, GREATER, GREATER_EQUAL, LESS and LESS_EQUAL: two inputs of one type that broadcast, a bool output.
///
/// Quantized inputs may have different scales. As in TensorFlow Lite, their numbers are compared after multiplication by
/// their scale in fixed point with 8 bits of fraction, so that scales far below 1/256 make neighbours equal; of int16 by
/// EQUAL and NOT_EQUAL alone, while the others compare the stored numbers.
package enum Comparison: AdaptableOperator {
  package struct Plan: Sendable {
    var operands: BinaryOperands
    let operation: swl_comparison
    let kernel: Kernel
  }

  enum Kernel: Sendable {
    case plain(swl_type)
    /// Tables of the values of both inputs, 256 numbers of 32 bits each, one after the other.
    case quantized(Operand)
    case scaledEquality(swl_i16_equality_params)
  }

  package static func infer(_ node: Node) throws(PrepareError) { try BinaryOperands.infer(node) }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let (a, b, output) = (try node.input(0), try node.input(1), try node.output(0))
    try node.expectType(of: b, .input(1), toBeThatOf: a)
    try node.expectType(of: output, .output(0), among: .bool)
    return Plan(
      operands: try BinaryOperands(node), operation: operation(node.code.builtin), kernel: try kernel(node, a, b))
  }

  private static func kernel(_ node: Node, _ a: Tensor, _ b: Tensor) throws(PrepareError) -> Kernel {
    let isEquality = node.code.builtin == 71 || node.code.builtin == 72
    switch a.type {
    case .bool where isEquality: return .plain(SWL_U8)
    case .int8, .uint8:
      let (a, b) = (try node.quantizationPerTensor(a, .input(0)), try node.quantizationPerTensor(b, .input(1)))
      let values = try values(node, a) + values(node, b)
      return .quantized(
        unsafe try node.packed(values.count * 4) { table in
          for (index, value) in values.enumerated() {
            unsafe table.storeBytes(of: value, toByteOffset: index * 4, as: Int32.self)
          }
        })
    case .int16 where isEquality && a.quantization != nil && b.quantization != nil:
      let (a, b) = (try node.quantizationPerTensor(a, .input(0)), try node.quantizationPerTensor(b, .input(1)))
      return .scaledEquality(
        swl_i16_equality_params(
          a: try node.fixedPoint(Double(a.scale)).c, b: try node.fixedPoint(Double(b.scale)).c))
    default:
      guard let type = a.type.kernelType else {
        throw PrepareError(.typeUnsupported, .input(0), found: .type(a.type), expected: .type(.float32))
      }
      return .plain(type)
    }
  }

  /// The value of every stored byte, by the byte.
  private static func values(_ node: Node, _ quantization: TensorQuantization) throws(PrepareError) -> [Int32] {
    let multiplier = try node.fixedPoint(Double(quantization.scale))
    return (0..<256).map { byte in
      let stored = quantization.type == .int8 ? Int32(Int8(truncatingIfNeeded: byte)) : Int32(byte)
      return multiplier.doubleRounding((stored - quantization.zeroPoint) * 256)
    }
  }

  private static func operation(_ code: Int) -> swl_comparison {
    switch code {
    case 58: SWL_LESS
    case 61: SWL_GREATER
    case 62: SWL_GREATER_EQUAL
    case 63: SWL_LESS_EQUAL
    case 71: SWL_EQUAL
    default: SWL_NOT_EQUAL
    }
  }

  package static func adapt(_ plan: inout Plan, to shapes: RunTimeShapes) -> Bool { plan.operands.adapt(to: shapes) }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    unsafe plan.operands.run(invocation) { shape, a, b, output, begin, end in
      let output = unsafe output.assumingMemoryBound(to: UInt8.self)
      switch plan.kernel {
      case .plain(let type):
        unsafe swl_compare(type, plan.operation, shape, a, b, output, begin, end)
      case .quantized(let table):
        let values = unsafe invocation.pointer(table).assumingMemoryBound(to: Int32.self)
        unsafe swl_q8_compare(
          plan.operation, shape, swl_q8_compare_params(a_values: values, b_values: values + 256),
          a.assumingMemoryBound(to: UInt8.self), b.assumingMemoryBound(to: UInt8.self), output, begin, end)
      case .scaledEquality(var parameters):
        unsafe swl_i16_equality(
          plan.operation == SWL_EQUAL, shape, &parameters, a.assumingMemoryBound(to: Int16.self),
          b.assumingMemoryBound(to: Int16.self), output, begin, end)
      }
    }
  }
}
