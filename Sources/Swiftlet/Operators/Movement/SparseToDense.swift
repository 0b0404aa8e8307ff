import CKernels
import ModelFormat

/// SPARSE_TO_DENSE: a tensor of one value with others at the places that indices name.
///
/// Inputs: indices, int32 or int64: a scalar or vector for rank 1, else [count, rank]; the output's shape, a constant vector;
/// the values, one for each index or one for all; the value elsewhere, a scalar. Constant indices are checked while
/// preparing; a computed one outside changes nothing.
package enum SparseToDense: Operator {
  package struct Plan: Sendable {
    let indices, values, standard, output: Operand
    let fill: StridedCopy
    let parameters: swl_gather_nd_params
    let valueStride: Int
  }

  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 4...4, outputs: 1)
    guard let shape = Shape(try node.shapeIntegers(1)) else {
      throw PrepareError(.valueInvalid, .input(1), field: "shape", remedy: "at most 8 dimensions are supported")
    }
    let indices = try node.input(0).shape
    guard indices.rank <= 2, shape.rank == (indices.rank == 2 ? indices[1] : 1) else {
      throw PrepareError(.shapeMismatch, .input(0), found: .shape(indices), expected: .text("[count, rank]"))
    }
    let (values, standard) = (try node.input(2), try node.input(3))
    let count = indices.rank == 0 ? 1 : indices[0]
    guard values.rank == 0 || (values.rank == 1 && values.count == count) else {
      throw PrepareError(
        .shapeMismatch, .input(2), field: "number of elements", found: .int(values.count), expected: .int(count))
    }
    guard standard.count == 1 else {
      throw PrepareError(
        .shapeMismatch, .input(3), field: "number of elements", found: .int(standard.count), expected: .int(1))
    }
    try node.setOutput(0, shape: shape)
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let (indices, values, output) = (try node.input(0), try node.input(2), try node.output(0))
    try node.expectType(of: indices, .input(0), among: .int32, .int64)
    let bytes = try node.movedElementBytes(values, operand: 2)
    let standard = try node.input(3)
    _ = try node.movedElementBytes(standard, operand: 3)
    let depth = output.rank
    try node.checkIndices(indices, at: 0, below: { output.shape[$0 % depth] })
    return Plan(
      indices: node.operand(indices), values: node.operand(values), standard: node.operand(standard),
      output: node.operand(output), fill: StridedCopy(repeatingElementOf: bytes, count: output.count),
      parameters: swl_gather_nd_params(
        tuples: indices.rank == 0 ? 1 : indices.shape[0], depth: depth, index_bytes: indices.type.bitWidth / 8,
        row_bytes: bytes, dimensions: output.shape.cDimensions),
      valueStride: values.rank == 0 ? 0 : bytes)
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    unsafe plan.fill.run(from: invocation.pointer(plan.standard), to: invocation.pointer(plan.output), invocation)
    unsafe withUnsafePointer(to: plan.parameters) { parameters in
      unsafe swl_scatter_values(
        parameters, invocation.pointer(plan.indices), invocation.pointer(plan.values), plan.valueStride,
        invocation.pointer(plan.output))
    }
  }
}
