import CKernels
import ModelFormat

/// GATHER_ND: slices of the input, picked by tuples of indices into its first dimensions.
///
/// Inputs: data; indices [..., depth] of int16, int32 or int64. Output: the indices' shape without its last dimension, then
/// the dimensions of the data behind the indexed ones. Constant indices are checked while preparing; a computed tuple
/// outside gives zeros.
package enum GatherND: AdaptableOperator {
  package struct Plan: Sendable {
    let input, indices, output: Operand
    /// Bytes of an element.
    let elementBytes: Int
    var params: swl_gather_nd_params
  }

  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 2...2, outputs: 1)
    let (data, indices) = (try node.input(0).shape, try node.input(1).shape)
    let depth = indices.last
    guard indices.rank >= 1, depth <= data.rank else {
      throw PrepareError(
        .shapeMismatch, .input(1), field: "last dimension", found: .int(depth), expected: .int(data.rank))
    }
    try node.setOutput(0, shape: outputShape(data, indices))
  }

  private static func outputShape(_ data: Shape, _ indices: Shape) -> Shape? {
    let (tuples, depth) = (indices.rank - 1, indices.last)
    return Shape(rank: tuples + data.rank - depth) { $0 < tuples ? indices[$0] : data[$0 - tuples + depth] }
  }

  package static func adapt(_ plan: inout Plan, to shapes: RunTimeShapes) -> Bool {
    let (data, indices) = (shapes.shape(0), shapes.shape(1))
    guard indices.rank >= 1, indices.last <= data.rank, !shapes.isConstant(1) else { return false }
    plan.params = params(data, indices, (plan.elementBytes, plan.params.index_bytes))
    return shapes.set(0, to: outputShape(data, indices))
  }

  private static func params(
    _ data: Shape, _ indices: Shape, _ bytes: (element: Int, index: Int)
  ) -> swl_gather_nd_params {
    swl_gather_nd_params(
      tuples: indices.count(of: 0..<indices.rank - 1), depth: indices.last, index_bytes: bytes.index,
      row_bytes: data.count(of: indices.last..<data.rank) * bytes.element, dimensions: data.cDimensions)
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let (input, indices) = (try node.input(0), try node.input(1))
    let bytes = try node.movedElementBytes(input)
    let depth = indices.shape.last
    try node.checkIndices(indices, at: 1, below: { input.shape[$0 % depth] })
    return Plan(
      input: node.operand(input), indices: node.operand(indices), output: node.operand(try node.output(0)),
      elementBytes: bytes, params: params(input.shape, indices.shape, (bytes, indices.type.bitWidth / 8)))
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
