import ModelFormat

/// RANGE: numbers from `start` up to but without `limit`, `delta` apart; all three constant scalars of one type, float32,
/// int32 or int64. Float elements are sums, each of the one before it and `delta`.
package enum RangeOperator: AdaptableOperator {
  package struct Plan: Sendable {
    let start, delta, output: Operand
    let type: ElementType
    var count: Int
  }

  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 3...3, outputs: 1)
    for position in 0..<3 {
      let tensor = try node.input(position)
      guard tensor.isConstant else {
        throw PrepareError(.dynamicShape, .input(position), remedy: "freeze it to a constant when converting")
      }
      guard tensor.count == 1 else {
        throw PrepareError(
          .shapeMismatch, .input(position), field: "number of elements", found: .int(tensor.count), expected: .int(1))
      }
      let type = try node.input(0).type
      guard tensor.type == type else {
        throw PrepareError(.typeMismatch, .input(position), found: .type(tensor.type), expected: .type(type))
      }
    }
    let isFloat = try node.input(0).type == .float32
    let count = isFloat ? try floatCount(node) : try integerCount(node)
    guard let count, count <= Int(Int32.max) else {
      throw PrepareError(
        .valueInvalid, .input(2), field: "delta", remedy: "it leads from start to limit in less than 2^31 steps")
    }
    try node.setOutput(0, shape: Shape(of: count))
  }

  private static func integerCount(_ node: Node) throws(PrepareError) -> Int? {
    integerCount(try node.integers(0)[0], try node.integers(1)[0], try node.integers(2)[0])
  }

  private static func integerCount(_ start: Int, _ limit: Int, _ delta: Int) -> Int? {
    let (distance, overflow) = limit.subtractingReportingOverflow(start)
    guard delta != 0, !overflow, distance == 0 || (distance > 0) == (delta > 0) else { return nil }
    let (span, step) = (distance.magnitude, delta.magnitude)
    return Int(exactly: span / step + (span % step == 0 ? 0 : 1))
  }

  private static func floatCount(_ node: Node) throws(PrepareError) -> Int? {
    floatCount(try float(node, 0), try float(node, 1), try float(node, 2))
  }

  private static func floatCount(_ start: Float, _ limit: Float, _ delta: Float) -> Int? {
    guard delta != 0, start == limit || (limit > start) == (delta > 0) else { return nil }
    return Int(exactly: ((limit - start) / delta).magnitude.rounded(.up))
  }

  private static func float(_ node: Node, _ position: Int) throws(PrepareError) -> Float {
    guard let values = node.constant(try node.input(position), as: Float.self) else {
      throw PrepareError(.notConstant, .input(position))
    }
    return values[0]
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let (start, output) = (try node.input(0), try node.output(0))
    _ = try node.movedElementBytes(start)
    return Plan(
      start: node.operand(start), delta: node.operand(try node.input(2)), output: node.operand(output),
      type: start.type, count: output.count)
  }

  package static func adapt(_ plan: inout Plan, to shapes: RunTimeShapes) -> Bool {
    for position in 0..<3 where shapes.shape(position).elementCount != 1 { return false }
    var count: Int?
    if plan.type == .float32 {
      if let start = shapes.element(0, as: Float.self), let limit = shapes.element(1, as: Float.self),
        let delta = shapes.element(2, as: Float.self)
      {
        count = floatCount(start, limit, delta)
      }
    } else if let start = shapes.integer(0), let limit = shapes.integer(1), let delta = shapes.integer(2) {
      count = integerCount(start, limit, delta)
    }
    guard let count, count <= Int(Int32.max) else { return false }
    plan.count = count
    return shapes.set(0, to: Shape(rank: 1) { _ in count })
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    switch plan.type {
    case .float32: run(plan, invocation, Float.self) { $0 + $1 }
    case .int32: run(plan, invocation, Int32.self) { $0 &+ $1 }
    default: run(plan, invocation, Int64.self) { $0 &+ $1 }
    }
  }

  private static func run<Number: BitwiseCopyable>(
    _ plan: Plan, _ invocation: borrowing Invocation, _: Number.Type, _ add: (Number, Number) -> Number
  ) {
    var value = unsafe ConstantView<Number>(invocation.pointer(plan.start), count: 1)[0]
    let delta = unsafe ConstantView<Number>(invocation.pointer(plan.delta), count: 1)[0]
    let output = invocation.view(plan.output, as: Number.self, count: plan.count)
    for index in 0..<plan.count {
      output[index] = value
      value = add(value, delta)
    }
  }
}
