import CKernels
import ModelFormat

/// ARG_MAX and ARG_MIN: the position of the largest or smallest element along an axis, the first among equals.
///
/// Inputs: data; the axis, a constant scalar. The output is int32 or int64 and lacks the axis. The quantization of the input
/// does not matter, since scales are positive.
package enum ArgExtremum: AdaptableOperator {
  package struct Plan: Sendable {
    let input, output: Operand
    let type: swl_element
    let findsLeast, isWide: Bool
    /// What is searched; adapted plans have others.
    let shape: Shape
    let elementBytes: Int
    var outer, count, inner: Int
  }

  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 2...2, outputs: 1)
    let shape = try node.input(0).shape
    try node.setOutput(0, shape: shape.removing(try node.axis(fromInput: 1, in: shape)))
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let (input, output) = (try node.input(0), try node.output(0))
    guard let type = swl_element(input.type == .bool ? .uint8 : input.type) else {
      throw PrepareError(.typeUnsupported, .input(0), found: .type(input.type))
    }
    guard output.type == .int32 || output.type == .int64 else {
      throw PrepareError(.typeUnsupported, .output(0), found: .type(output.type), expected: .type(.int32))
    }
    let axis = try node.axis(fromInput: 1, in: input.shape)
    guard input.shape[axis] > 0 || output.count == 0 else {
      throw PrepareError(.shapeMismatch, .input(0), field: "searched dimension", found: .int(0), expected: .int(1))
    }
    return Plan(
      input: node.operand(input), output: node.operand(output), type: type, findsLeast: node.code.builtin == 79,
      isWide: output.type == .int64, shape: input.shape, elementBytes: input.type.bitWidth / 8,
      outer: input.shape.count(of: 0..<axis), count: input.shape[axis],
      inner: input.shape.count(of: axis + 1..<input.rank))
  }

  package static func adapt(_ plan: inout Plan, to shapes: RunTimeShapes) -> Bool {
    let shape = shapes.shape(0)
    guard let axis = shapes.axis(1, in: shape), let output = shape.removing(axis),
      shape[axis] > 0 || output.elementCount == 0
    else { return false }
    plan.outer = shape.count(of: 0..<axis)
    plan.count = shape[axis]
    plan.inner = shape.count(of: axis + 1..<shape.rank)
    return shapes.set(0, to: output)
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    let grain = max(1, (64 << 10) / max(1, plan.count))
    invocation.parallel(count: plan.outer * plan.inner, grain: grain) { begin, end, _ in
      unsafe swl_search_extremum(
        plan.type, plan.findsLeast, plan.isWide, invocation.pointer(plan.input), invocation.pointer(plan.output),
        plan.count, plan.inner, begin, end)
    }
  }

  package static func step(_ plan: Plan, node: Int) -> Step {
    Step(node: node, rowwise: Rows(plan)) { run(plan, $0) }
  }

  private final class Rows: RowwisePlan {
    private let plan: Plan

    init(_ plan: Plan) { self.plan = plan }

    /// What looking at an element takes, in multiply-adds of a convolution.
    private static let productsOfElement = 8

    /// For the channels of pictures.
    var rowLayer: RowLayer? {
      let shape = plan.shape
      guard shape.rank == 4, plan.inner == 1, shape.elementCount > 0, plan.count == shape[3] else { return nil }
      return RowLayer(
        plan: self, rows: .rowByRow(shape[1]), batches: shape[0],
        inputRowBytes: shape[2] * plan.count * plan.elementBytes, outputRowBytes: shape[2] * (plan.isWide ? 8 : 4),
        products: shape.elementCount.multipliedSaturated(by: Self.productsOfElement))
    }

    func scratchBytes(rows: Int) -> Int { 0 }

    func run(_ band: RowBand, _ invocation: borrowing Invocation) {
      unsafe swl_search_extremum(
        plan.type, plan.findsLeast, plan.isWide, band.input, band.output, plan.count, 1, 0,
        band.outputRows * plan.shape[2])
    }
  }
}

extension swl_element {
  /// `nil` for types whose order the kernels do not know.
  init?(_ type: ElementType) {
    switch type {
    case .float32: self = SWL_ELEMENT_F32
    case .int8: self = SWL_ELEMENT_I8
    case .uint8: self = SWL_ELEMENT_U8
    case .int16: self = SWL_ELEMENT_I16
    case .int32: self = SWL_ELEMENT_I32
    case .int64: self = SWL_ELEMENT_I64
    default: return nil
    }
  }
}
