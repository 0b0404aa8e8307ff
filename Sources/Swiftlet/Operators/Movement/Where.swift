import CKernels
import ModelFormat

/// WHERE: the positions of all elements that are not zero, one row of int64 for each, in the order of the elements.
///
/// How many rows there are is known only while running; memory is set aside for all elements.
package enum Where: AdaptableOperator {
  package struct Plan: Sendable {
    let input: Operand
    let output: TensorReference
    var shape: Shape
    let elementBytes: Int
    let isFloat: Bool
  }

  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 1...1, outputs: 1)
    let input = try node.input(0)
    let declared = try node.declaredOutput(0)
    guard declared.type == .int64 else {
      throw PrepareError(.typeMismatch, .output(0), found: .type(declared.type), expected: .type(.int64))
    }
    guard let bound = Shape(of: input.count, input.rank) else {
      throw PrepareError(.shapeUnsupported, .input(0), found: .shape(input.shape))
    }
    try node.setRunTimeOutput(0, bound: bound)
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let input = try node.input(0)
    return Plan(
      input: node.operand(input), output: node.reference(output: 0), shape: input.shape,
      elementBytes: input.type.bitWidth / 8, isFloat: input.type == .float32)
  }

  package static func adapt(_ plan: inout Plan, to shapes: RunTimeShapes) -> Bool {
    plan.shape = shapes.shape(0)
    return true
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    let source = unsafe invocation.pointer(plan.input)
    let (count, rank) = (plan.shape.elementCount, plan.shape.rank)
    let rows = unsafe swl_count_nonzero(source, count, plan.elementBytes, plan.isFloat)
    guard let shape = Shape.matrix(rows, rank), invocation.resize(plan.output, to: shape) else { return }
    var dimensions: InlineArray<8, Int> = InlineArray(repeating: 1)
    for axis in 0..<rank { dimensions[axis] = plan.shape[axis] }
    let output = unsafe invocation.pointer(plan.output.operand).assumingMemoryBound(to: Int64.self)
    unsafe withUnsafePointer(to: &dimensions) { dimensions in
      unsafe swl_locate_nonzero(
        source, count, plan.elementBytes, plan.isFloat,
        UnsafeRawPointer(dimensions).assumingMemoryBound(to: Int.self), rank, output)
    }
  }
}
