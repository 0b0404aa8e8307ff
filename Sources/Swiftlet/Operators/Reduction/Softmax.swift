import CKernels
import ModelFormat

/// SOFTMAX along the last axis: `exp(beta * x) / sum(exp(beta * x))`.
///
/// Quantized outputs stand for 0 to 1: scale 1/256 with zero point -128 or 0, for int16 1/32768. They equal those of
/// TensorFlow Lite's reference kernel.
package enum Softmax: AdaptableOperator {
  package struct Plan: Sendable {
    let input, output: Operand
    var rows, depth, grain: Int
    let isa: swl_isa
    let kernel: Kernel
  }

  enum Kernel: Sendable {
    case float(beta: Float)
    case int8(table: Operand)
    case uint8(table: Operand)
    case int16(table: Operand, multiplier: swl_multiplier)
  }

  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 1...1, outputs: 1)
    try node.setOutput(0, shape: node.input(0).shape)
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let (input, output) = (try node.input(0), try node.output(0))
    try node.require(input, .input(0), among: .float32, .int8, .uint8, .int16)
    try node.require(output, .output(0), ofTypeOf: input)
    let beta = node.options.float(0)
    guard beta > 0, beta <= 1e6 else {
      throw PrepareError(.optionInvalid, field: "beta", found: .float(beta), remedy: "it is above 0 and at most 1e6")
    }
    let kernel: Kernel
    switch input.type {
    case .float32: kernel = .float(beta: beta)
    case .int16 where Selection.hasInt16Tensors:
      try requireUnitRange(node, output, scale: 1 / 32768, zeroPoint: 0)
      // The steps of the table's 65536 positions on -10...0.
      let multiplier = try node.multiplier(Double(beta) * Double(input.scale) / (10 / 65535), .input(0))
      kernel = .int16(table: try table16(node), multiplier: multiplier.c)
    case .int8:
      try requireUnitRange(node, output, scale: 1 / 256, zeroPoint: -128)
      kernel = .int8(table: try table(node, beta: beta, scale: input.scale))
    default:
      try requireUnitRange(node, output, scale: 1 / 256, zeroPoint: 0)
      kernel = .uint8(table: try table(node, beta: beta, scale: input.scale))
    }
    let depth = input.shape.last
    let rows = input.count / max(1, depth)
    return Plan(
      input: node.operand(input), output: node.operand(output), rows: rows, depth: depth,
      grain: max(1, 20_000 / max(1, depth)), isa: node.isa.value, kernel: kernel)
  }

  package static func adapt(_ plan: inout Plan, to shapes: RunTimeShapes) -> Bool {
    let shape = shapes.shape(0)
    plan.depth = shape.last
    plan.rows = shape.elementCount / max(1, plan.depth)
    plan.grain = max(1, 20_000 / max(1, plan.depth))
    return shapes.set(0, to: shape)
  }

  static func requireUnitRange(
    _ node: Node, _ output: Tensor, scale: Float, zeroPoint: Int32
  ) throws(PrepareError) {
    guard output.zeroPoint == zeroPoint else {
      throw PrepareError(
        .quantizationInvalid, .output(0), field: "zero point", found: .int(Int(output.zeroPoint)),
        expected: .int(Int(zeroPoint)))
    }
    let difference = output.scale - scale
    guard (difference < 0 ? -difference : difference) <= scale / 1000 else {
      throw PrepareError(
        .quantizationInvalid, .output(0), field: "scale", found: .float(output.scale), expected: .float(scale))
    }
  }

  /// Exponentials of the 256 distances from the largest element.
  private static func table(_ node: Node, beta: Float, scale: Float) throws(PrepareError) -> Operand {
    // The kernel works on distances with 5 integer and 26 fractional bits.
    let steps = min(Double(beta) * Double(scale) * Double(1 << 26), Double(Int32.max))
    let multiplier = try node.multiplier(steps, .input(0))
    guard multiplier.shift >= 0 else {
      throw PrepareError(
        .quantizationInvalid, .input(0), field: "scale", found: .float(scale),
        remedy: "beta times the scale is below what a fixed-point exponential resolves")
    }
    // The largest distance whose product still has 5 integer bits.
    let farthest = Int32(31 * Double(1 << 26) / Double(Int64(1) << multiplier.shift))
    return unsafe try node.packed(MemoryLayout<swl_softmax_table>.size) { memory in
      unsafe swl_softmax_prepare(
        memory.assumingMemoryBound(to: swl_softmax_table.self), multiplier.c, farthest)
    }
  }

  private static func table16(_ node: Node) throws(PrepareError) -> Operand {
    unsafe try node.packed(MemoryLayout<swl_softmax_table16>.size) { memory in
      unsafe swl_softmax_prepare16(memory.assumingMemoryBound(to: swl_softmax_table16.self))
    }
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    invocation.parallel(count: plan.rows, grain: plan.grain) { begin, end, _ in
      run(plan, invocation, first: begin * plan.depth, rows: end - begin)
    }
  }

  private static func run(_ plan: Plan, _ invocation: borrowing Invocation, first: Int, rows: Int) {
    switch plan.kernel {
    case .float(let beta):
      guard Selection.hasFloatTensors else { return }
      unsafe swl_f32_softmax(
        plan.isa, invocation.elements(plan.input, as: Float.self) + first,
        invocation.elements(plan.output, as: Float.self) + first, rows, plan.depth, beta)
    case .int8(let table):
      unsafe swl_i8_softmax(
        plan.isa, invocation.elements(table, as: swl_softmax_table.self),
        invocation.elements(plan.input, as: Int8.self) + first,
        invocation.elements(plan.output, as: Int8.self) + first, rows, plan.depth)
    case .uint8(let table):
      guard Selection.hasUInt8Tensors else { return }
      unsafe swl_u8_softmax(
        plan.isa, invocation.elements(table, as: swl_softmax_table.self),
        invocation.elements(plan.input, as: UInt8.self) + first,
        invocation.elements(plan.output, as: UInt8.self) + first, rows, plan.depth)
    case .int16(let table, let multiplier):
      guard Selection.hasInt16Tensors else { return }
      unsafe swl_i16_softmax(
        invocation.elements(table, as: swl_softmax_table16.self), multiplier,
        invocation.elements(plan.input, as: Int16.self) + first,
        invocation.elements(plan.output, as: Int16.self) + first, rows, plan.depth)
    }
  }
}
