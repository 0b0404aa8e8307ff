import CKernels
import ModelFormat

/// EMBEDDING_LOOKUP: rows of a table.
///
/// Inputs: ids, a vector of int32; the table. The output has the table's type, or is float32 for a constant table of int8,
/// int4 or int2 that is quantized symmetrically, per tensor or per row. Constant ids are checked while preparing; a computed id outside the
/// table gives zeros.
package enum EmbeddingLookup: Operator {
  package struct Plan: Sendable {
    let ids, table, output: Operand
    let params: swl_gather_params
    /// Scales of the rows, for a float32 output of a table of integers.
    let scales: Operand?
    let scaleCount: Int
    /// Of an integer of the table.
    let bits: Int
  }

  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 2...2, outputs: 1)
    let (ids, table) = (try node.input(0).shape, try node.input(1).shape)
    guard ids.rank == 1 else {
      throw PrepareError(.shapeMismatch, .input(0), field: "rank", found: .int(ids.rank), expected: .int(1))
    }
    guard table.rank >= 2 else {
      throw PrepareError(.shapeMismatch, .input(1), field: "rank", found: .int(table.rank), expected: .int(2))
    }
    try node.setOutput(0, shape: table.replacing(0, with: ids[0]))
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let (ids, table, output) = (try node.input(0), try node.input(1), try node.output(0))
    guard ids.type == .int32 else {
      throw PrepareError(.typeUnsupported, .input(0), found: .type(ids.type), expected: .type(.int32))
    }
    try node.checkIndices(ids, at: 0, below: { _ in table.shape[0] })
    let isInteger = table.type == .int8 || table.type == .int4 || table.type == .int2
    let isScaled = isInteger && output.type == .float32
    let bytes = isScaled ? 1 : try node.movedElementBytes(table, operand: 1)
    let scales = isScaled ? try rowScales(table) : []
    return Plan(
      ids: node.operand(ids), table: node.operand(table), output: node.operand(output),
      params: swl_gather_params(
        batches: 1, outer: 1, rows: table.shape[0], indices: ids.count, index_bytes: 4,
        row_bytes: table.shape.count(of: 1..<table.rank) * bytes),
      scales: isScaled ? try pack(scales, node) : nil, scaleCount: scales.count,
      bits: table.type.bitWidth)
  }

  private static func rowScales(_ table: Tensor) throws(PrepareError) -> [Float] {
    guard let quantization = table.quantization, quantization.isSymmetric,
      quantization.scales.count == 1 || quantization.scales.count == table.shape[0]
    else {
      throw PrepareError(
        .quantizationInvalid, .input(1), field: "scales", found: .int(table.quantization?.scales.count ?? 0),
        expected: .int(table.shape[0]))
    }
    return quantization.scales
  }

  private static func pack(_ scales: [Float], _ node: Node) throws(PrepareError) -> Operand {
    unsafe try node.packed(scales.count * MemoryLayout<Float>.size) { memory in
      for (index, scale) in scales.enumerated() {
        unsafe memory.storeBytes(of: scale, toByteOffset: index * MemoryLayout<Float>.size, as: Float.self)
      }
    }
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    var params = plan.params
    guard let scales = plan.scales else {
      unsafe swl_gather_rows(
        &params, invocation.pointer(plan.table), invocation.pointer(plan.ids), invocation.pointer(plan.output))
      return
    }
    unsafe swl_gather_scaled_rows(
      &params, invocation.pointer(plan.table), plan.bits,
      invocation.pointer(scales).assumingMemoryBound(to: Float.self),
      plan.scaleCount, invocation.pointer(plan.ids),
      invocation.pointer(plan.output).assumingMemoryBound(to: Float.self))
  }
}
