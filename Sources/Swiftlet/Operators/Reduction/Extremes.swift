import ModelFormat

/// REDUCE_MAX, REDUCE_MIN and REDUCE_PROD along constant axes (input 1), REDUCE_ANY and REDUCE_ALL on bool.
///
/// Stored values are compared, so input and output have one quantization. An axis without elements gives the lowest
/// value, the highest, 1, false and true.
package enum ReduceMax: AdaptableOperator {
  package struct Plan: Sendable { var reduction: Reduction }

  package static func infer(_ node: Node) throws(PrepareError) { try Reduction.infer(node) }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    Plan(reduction: try prepare(node, .maximum, .numbers))
  }

  package static func adapt(_ plan: inout Plan, to shapes: RunTimeShapes) -> Bool {
    plan.reduction.adapt(to: shapes)
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) { plan.reduction.run(invocation) }

  static func prepare(
    _ node: Node, _ kernel: Reduction.Kernel, _ types: ElementTypes
  ) throws(PrepareError) -> Reduction {
    let (input, output) = (try node.input(0), try node.output(0))
    guard types.contains(input.type) else {
      throw PrepareError(
        .typeUnsupported, .input(0), found: .type(input.type), expected: .type(types == .bool ? .bool : .float32))
    }
    guard output.type == input.type else {
      throw PrepareError(.typeMismatch, .output(0), found: .type(output.type), expected: .type(input.type))
    }
    try node.requireSameQuantization(output, as: input, .output(0))
    return try Reduction(node, ReductionAxes(node), kernel)
  }
}

package enum ReduceMin: AdaptableOperator {
  package struct Plan: Sendable { var reduction: Reduction }

  package static func infer(_ node: Node) throws(PrepareError) { try Reduction.infer(node) }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    Plan(reduction: try ReduceMax.prepare(node, .minimum, .numbers))
  }

  package static func adapt(_ plan: inout Plan, to shapes: RunTimeShapes) -> Bool {
    plan.reduction.adapt(to: shapes)
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) { plan.reduction.run(invocation) }
}

package enum ReduceProd: AdaptableOperator {
  package struct Plan: Sendable { var kernel: Kernel }

  enum Kernel: Sendable {
    case plain(Reduction)
    case quantized(QuantizedProduct)
  }

  package static func infer(_ node: Node) throws(PrepareError) { try Reduction.infer(node) }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let type = try node.input(0).type
    if type == .int8 || type == .int16 { return Plan(kernel: .quantized(try QuantizedProduct(node))) }
    return Plan(kernel: .plain(try ReduceMax.prepare(node, .product, .wideNumbers)))
  }

  package static func adapt(_ plan: inout Plan, to shapes: RunTimeShapes) -> Bool {
    guard case .plain(var reduction) = plan.kernel, reduction.adapt(to: shapes) else { return false }
    plan.kernel = .plain(reduction)
    return true
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    switch plan.kernel {
    case .plain(let reduction): reduction.run(invocation)
    case .quantized(let product): product.run(invocation)
    }
  }
}

package enum ReduceAny: AdaptableOperator {
  package struct Plan: Sendable { var reduction: Reduction }

  package static func infer(_ node: Node) throws(PrepareError) { try Reduction.infer(node) }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    Plan(reduction: try ReduceMax.prepare(node, .maximum, .bool))
  }

  package static func adapt(_ plan: inout Plan, to shapes: RunTimeShapes) -> Bool {
    plan.reduction.adapt(to: shapes)
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) { plan.reduction.run(invocation) }
}

package enum ReduceAll: AdaptableOperator {
  package struct Plan: Sendable { var reduction: Reduction }

  package static func infer(_ node: Node) throws(PrepareError) { try Reduction.infer(node) }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    Plan(reduction: try ReduceMax.prepare(node, .minimum, .bool))
  }

  package static func adapt(_ plan: inout Plan, to shapes: RunTimeShapes) -> Bool {
    plan.reduction.adapt(to: shapes)
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) { plan.reduction.run(invocation) }
}
