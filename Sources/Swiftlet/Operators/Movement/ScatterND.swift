import CKernels
import ModelFormat

/// SCATTER_ND: zeros to which rows of updates are added at the places that tuples of indices name.
///
/// Inputs: indices [..., depth], int32; updates, of the indices' shape without its last dimension followed by the dimensions
/// behind the indexed ones; the output's shape, a constant vector. Constant indices are checked while preparing; a computed
/// tuple outside changes nothing.
package enum ScatterND: Operator {
  package struct Plan: Sendable {
    let indices, updates, output: Operand
    let params: swl_gather_nd_params
    let type: swl_element
    let isBool: Bool
    let byteCount: Int
  }

  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 3...3, outputs: 1)
    let (indices, updates) = (try node.input(0).shape, try node.input(1).shape)
    guard let shape = Shape(try node.shapeIntegers(2)) else {
      throw PrepareError(.valueInvalid, .input(2), field: "shape", remedy: "at most 8 dimensions are supported")
    }
    let depth = indices.last
    guard indices.rank >= 1, depth <= shape.rank else {
      throw PrepareError(
        .shapeMismatch, .input(0), field: "last dimension", found: .int(depth), expected: .int(shape.rank))
    }
    let expected = Shape(rank: indices.rank - 1 + shape.rank - depth) {
      $0 < indices.rank - 1 ? indices[$0] : shape[$0 - (indices.rank - 1) + depth]
    }
    guard updates == expected else {
      throw PrepareError(
        .shapeMismatch, .input(1), found: .shape(updates), expected: expected.map { .shape($0) } ?? .none)
    }
    try node.setOutput(0, shape: shape)
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let (indices, updates, output) = (try node.input(0), try node.input(1), try node.output(0))
    let bytes = try node.movedElementBytes(updates, operand: 1)
    guard let type = swl_element(updates.type == .bool ? .uint8 : updates.type) else {
      throw PrepareError(.typeUnsupported, .input(1), found: .type(updates.type))
    }
    let depth = indices.shape.last
    try node.checkIndices(indices, at: 0, below: { output.shape[$0 % depth] })
    return Plan(
      indices: node.operand(indices), updates: node.operand(updates), output: node.operand(output),
      params: swl_gather_nd_params(
        tuples: indices.shape.count(of: 0..<indices.rank - 1), depth: depth, index_bytes: indices.type.bitWidth / 8,
        row_bytes: output.shape.count(of: depth..<output.rank) * bytes, dimensions: output.shape.cDimensions),
      type: type, isBool: updates.type == .bool, byteCount: output.byteCount)
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    var params = plan.params
    invocation.view(plan.output, as: UInt8.self, count: plan.byteCount).fill(with: 0)
    unsafe swl_scatter_add_nd(
      &params, plan.type, plan.isBool, invocation.pointer(plan.indices), invocation.pointer(plan.updates),
      invocation.pointer(plan.output))
  }
}
