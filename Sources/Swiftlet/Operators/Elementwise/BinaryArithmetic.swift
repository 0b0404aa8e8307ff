import CKernels
import ModelFormat

/// ADD, SUB, MUL, DIV, MAXIMUM, MINIMUM, SQUARED_DIFFERENCE, POW, FLOOR_DIV, FLOOR_MOD and ATAN2: two inputs of one type
/// that broadcast. Option of the first four: `fused_activation_function`.
///
/// Integers wrap around; a division by zero gives 0, the lowest number divided by -1 the highest. MAXIMUM and MINIMUM on
/// quantized types compare the stored numbers: their operands have one quantization. Quantized results are those of
/// TensorFlow Lite's reference kernels, but for ADD, SUB and MUL on 8 bits, see `sum8` and `product8`, and for DIV, which is
/// computed exactly.
package enum BinaryArithmetic: AdaptableOperator {
  package struct Plan: Sendable {
    var work: Work
    let isa: swl_isa
  }

  enum Work: Sendable {
    case elements(BinaryOperands, Kernel)
    /// One operand is constant: what becomes of every byte of the other.
    case table(UnaryOperands, table: Operand)
  }

  enum Kernel: Sendable {
    case float(swl_binary_op, swl_f32_limits)
    case integer(swl_type, swl_binary_op, swl_i64_limits)
    case quantizedAdd(swl_type, swl_quantized_add_params)
    case sum8(swl_type, swl_q8_sum_params)
    case shiftedSum(swl_i16_shifted_sum_params)
    case product8(swl_type, swl_q8_product_params)
    case quantizedMul(swl_type, swl_quantized_mul_params)
    case quantizedDiv(swl_type, swl_quantized_div_params)
    case squaredDifference(swl_type, swl_squared_difference_params)
  }

  package static func infer(_ node: Node) throws(PrepareError) {
    try BinaryOperands.infer(node)
    // Old converters left quantized sums as float32 in the file; TensorFlow Lite gives ADD, SUB and MUL their input's type.
    let input = try node.input(1).type
    if [0, 18, 41].contains(node.code.builtin), input == .int8 || input == .uint8 || input == .int16 {
      try node.correctOutput(0, declared: .float32, to: input)
    }
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let (a, b, output) = (try node.input(0), try node.input(1), try node.output(0))
    try node.expectType(of: b, .input(1), toBeThatOf: a)
    try node.expectType(of: output, .output(0), toBeThatOf: a)
    let operation = operation(node.code.builtin)
    let kernel = try kernel(node, operation, type: a.type)
    if let work = try table(node, kernel) { return Plan(work: work, isa: node.isa.value) }
    return Plan(work: .elements(try BinaryOperands(node), kernel), isa: node.isa.value)
  }

  private static func operation(_ code: Int) -> swl_binary_op {
    switch code {
    case 0: SWL_BINARY_ADD
    case 41: SWL_BINARY_SUB
    case 18: SWL_BINARY_MUL
    case 42: SWL_BINARY_DIV
    case 55: SWL_BINARY_MAXIMUM
    case 57: SWL_BINARY_MINIMUM
    case 99: SWL_BINARY_SQUARED_DIFFERENCE
    case 78: SWL_BINARY_POW
    case 90: SWL_BINARY_FLOOR_DIV
    case 95: SWL_BINARY_FLOOR_MOD
    default: SWL_BINARY_ATAN2
    }
  }

  private static func kernel(
    _ node: Node, _ operation: swl_binary_op, type: ElementType
  ) throws(PrepareError) -> Kernel {
    guard let kernelType = type.kernelType, isKnown(operation, type) else {
      throw PrepareError(.typeUnsupported, .input(0), found: .type(type), expected: .type(.float32))
    }
    let hasActivation = operation.rawValue <= SWL_BINARY_DIV.rawValue
    let limits = try hasActivation ? node.activationLimits(0) : .none
    if type == .float32 {
      return .float(operation, swl_f32_limits(minimum: limits.minimum, maximum: limits.maximum))
    }
    if type.isQuantized, let quantized = try quantizedKernel(node, operation, kernelType, limits) { return quantized }
    return .integer(kernelType, operation, integerLimits(limits, type))
  }

  /// Which of the types that kernels have an operator accepts.
  private static func isKnown(_ operation: swl_binary_op, _ type: ElementType) -> Bool {
    switch operation {
    case SWL_BINARY_ATAN2: type == .float32
    case SWL_BINARY_POW: type == .float32 || type == .int32
    case SWL_BINARY_DIV: type != .int64
    case SWL_BINARY_SQUARED_DIFFERENCE: type != .uint8 && type != .int64
    case SWL_BINARY_FLOOR_DIV: type != .int64 && type != .uint8
    case SWL_BINARY_FLOOR_MOD: type != .uint8
    default: true
    }
  }

  private static func integerLimits(_ limits: ActivationLimits, _ type: ElementType) -> swl_i64_limits {
    let lowest = type == .int64 ? Int64.min : Int64(type.quantizedRange.lowerBound)
    let highest = type == .int64 ? Int64.max : Int64(type.quantizedRange.upperBound)
    return swl_i64_limits(
      minimum: limits.minimum.isFinite ? Int64(limits.minimum) : lowest,
      maximum: limits.maximum.isFinite ? Int64(limits.maximum) : highest)
  }

  package static func adapt(_ plan: inout Plan, to shapes: RunTimeShapes) -> Bool {
    switch plan.work {
    case .elements(var operands, let kernel):
      guard operands.adapt(to: shapes) else { return false }
      plan.work = .elements(operands, kernel)
    case .table(var operands, let table):
      guard let shape = Shape.broadcast(shapes.shape(0), shapes.shape(1)), operands.adapt(to: shape, shapes) else {
        return false
      }
      plan.work = .table(operands, table: table)
    }
    return true
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    switch plan.work {
    case .elements(let operands, let kernel):
      unsafe operands.run(invocation) { shape, a, b, output, begin, end in
        unsafe kernel.run(plan.isa, shape, a, b, output, begin, end)
      }
    case .table(let operands, let table):
      unsafe operands.run(invocation, UInt8.self, UInt8.self) { input, output, count in
        unsafe swl_lookup_u8(
          plan.isa, invocation.pointer(table).assumingMemoryBound(to: UInt8.self), input, output, count)
      }
    }
  }
}

extension BinaryArithmetic.Kernel {
  /// Items `begin`..<`end` of a walk over both operands.
  func run(
    _ isa: swl_isa, _ shape: UnsafePointer<swl_broadcast>, _ a: UnsafeRawPointer, _ b: UnsafeRawPointer,
    _ output: UnsafeMutableRawPointer, _ begin: Int, _ end: Int
  ) {
    switch self {
    case .float(let operation, let limits):
      unsafe swl_f32_binary(
        isa, operation, shape, limits, a.assumingMemoryBound(to: Float.self),
        b.assumingMemoryBound(to: Float.self), output.assumingMemoryBound(to: Float.self), begin, end)
    case .integer(let type, let operation, let limits):
      unsafe swl_integer_binary(type, operation, shape, limits, a, b, output, begin, end)
    case .quantizedAdd(SWL_I16, var parameters):
      unsafe swl_i16_sum(
        isa, shape, &parameters, a.assumingMemoryBound(to: Int16.self), b.assumingMemoryBound(to: Int16.self),
        output.assumingMemoryBound(to: Int16.self), begin, end)
    case .quantizedAdd(let type, var parameters):
      unsafe swl_quantized_add(type, shape, &parameters, a, b, output, begin, end)
    case .sum8(let type, var parameters):
      unsafe swl_q8_sum(isa, type, shape, &parameters, a, b, output, begin, end)
    case .shiftedSum(var parameters):
      unsafe swl_i16_shifted_sum(
        shape, &parameters, a.assumingMemoryBound(to: Int16.self), b.assumingMemoryBound(to: Int16.self),
        output.assumingMemoryBound(to: Int16.self), begin, end)
    case .product8(let type, var parameters):
      unsafe swl_q8_product(isa, type, shape, &parameters, a, b, output, begin, end)
    case .quantizedMul(SWL_I16, var parameters):
      unsafe swl_i16_product(
        isa, shape, &parameters, a.assumingMemoryBound(to: Int16.self), b.assumingMemoryBound(to: Int16.self),
        output.assumingMemoryBound(to: Int16.self), begin, end)
    case .quantizedMul(let type, var parameters):
      unsafe swl_quantized_mul(type, shape, &parameters, a, b, output, begin, end)
    case .quantizedDiv(let type, var parameters):
      unsafe swl_quantized_div(type, shape, &parameters, a, b, output, begin, end)
    case .squaredDifference(let type, var parameters):
      unsafe swl_squared_difference(isa, type, shape, &parameters, a, b, output, begin, end)
    }
  }
}
