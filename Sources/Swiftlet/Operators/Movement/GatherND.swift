import CKernels
import ModelFormat

/// GATHER_ND: slices of the input, picked by tuples of indices into its first dimensions.
///
/// Inputs: data; indices [..., depth] of int16, int32 or int64. Output: the indices' shape without its last dimension, then
/// the dimensions of the data behind the indexed ones. Constant indices are checked while preparing; a computed tuple
/// outside gives zeros.
package enum GatherND: Operator {
  package struct Plan: Sendable {
    let input, indices, output: Operand
    let params: swl_gather_nd_params
  }

  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 2...2, outputs: 1)
    let (data, indices) = (try node.input(0).shape, try node.input(1).shape)
    let depth = indices.last
    guard indices.rank >= 1, depth <= data.rank else {
      throw PrepareError(
        .shapeMismatch, .input(1), field: "last dimension", found: .int(depth), expected: .int(data.rank))
    }
    try node.setOutput(0, shape: Shape(indices.dimensions.dropLast() + data.dimensions[depth...]))
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let (input, indices) = (try node.input(0), try node.input(1))
    let bytes = try node.movedElementBytes(input)
    let depth = indices.shape.last
    try node.checkIndices(indices, at: 1, below: { input.shape[$0 % depth] })
    return Plan(
      input: node.operand(input), indices: node.operand(indices), output: node.operand(try node.output(0)),
      params: swl_gather_nd_params(
        tuples: indices.shape.count(of: 0..<indices.rank - 1), depth: depth, index_bytes: indices.type.bitWidth / 8,
        row_bytes: input.shape.count(of: depth..<input.rank) * bytes,
        dimensions: input.shape.cDimensions))
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    var params = plan.params
    unsafe swl_gather_nd(
      &params, invocation.pointer(plan.input), invocation.pointer(plan.indices), invocation.pointer(plan.output))
  }
}

extension Shape {
  /// The dimensions as C has them, ones behind the last.
  var cDimensions: (Int, Int, Int, Int, Int, Int, Int, Int) {
    func dimension(_ index: Int) -> Int { index < rank ? self[index] : 1 }
    return (
      dimension(0), dimension(1), dimension(2), dimension(3), dimension(4), dimension(5), dimension(6), dimension(7)
    )
  }
}
