import CKernels
import ModelFormat

/// GATHER: slices of the input along `axis`, picked by indices.
///
/// Inputs: data; indices of int16, int32 or int64. Options: `axis`; `batch_dims`, the number of leading dimensions that data
/// and indices share. Constant indices are checked while preparing; a computed index outside the dimension gives zeros, or
/// an empty string. Strings are gathered from vectors.
package enum Gather: Operator {
  package enum Plan: Sendable {
    case rows(Rows)
    case strings(StringMoves)
  }

  package struct Rows: Sendable {
    let input, indices, output: Operand
    let params: swl_gather_params
  }

  private static func axes(_ node: Node) throws(PrepareError) -> (axis: Int, batchDimensions: Int) {
    let (data, indices) = (try node.input(0).shape, try node.input(1).shape)
    let axis = try node.axis(fromOption: node.options.int32(0), rank: data.rank)
    let option = node.options.int32(1)
    let batch = option < 0 ? option + indices.rank : option
    guard batch >= 0, batch <= min(axis, indices.rank) else {
      throw PrepareError(
        .optionInvalid, field: "batch_dims", found: .int(option), expected: .int(min(axis, indices.rank)))
    }
    for index in 0..<batch where data[index] != indices[index] {
      throw PrepareError(
        .shapeMismatch, .input(1), field: "batch dimension", found: .int(indices[index]), expected: .int(data[index]))
    }
    return (axis, batch)
  }

  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 2...2, outputs: 1)
    let (axis, batch) = try axes(node)
    let (data, indices) = (try node.input(0).shape.dimensions, try node.input(1).shape.dimensions)
    try node.setOutput(0, shape: Shape(Array(data[..<axis]) + indices[batch...] + data[(axis + 1)...]))
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let (input, indices) = (try node.input(0), try node.input(1))
    let (axis, batch) = try axes(node)
    let rows = input.shape[axis]
    try node.checkIndices(indices, at: 1, below: { _ in rows })
    if input.type == .string { return .strings(try strings(node, input, indices)) }
    let bytes = try node.movedElementBytes(input)
    return .rows(
      Rows(
        input: node.operand(input), indices: node.operand(indices), output: node.operand(try node.output(0)),
        params: swl_gather_params(
          batches: input.shape.count(of: 0..<batch), outer: input.shape.count(of: batch..<axis), rows: rows,
          indices: indices.shape.count(of: batch..<indices.rank), index_bytes: indices.type.bitWidth / 8,
          row_bytes: input.shape.count(of: axis + 1..<input.rank) * bytes)))
  }

  private static func strings(_ node: Node, _ input: Tensor, _ indices: Tensor) throws(PrepareError) -> StringMoves {
    let output = try node.output(0)
    guard input.rank == 1 else {
      throw PrepareError(
        .shapeUnsupported, .input(0), field: "rank of strings", found: .int(input.rank), expected: .int(1))
    }
    guard output.type == .string else {
      throw PrepareError(.typeMismatch, .output(0), found: .type(output.type), expected: .type(.string))
    }
    return StringMoves(
      input: try node.reference(input: 0), output: node.reference(output: 0), shape: output.shape,
      indices: (node.operand(indices), indices.type.bitWidth / 8))
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    switch plan {
    case .strings(let moves): moves.run(invocation)
    case .rows(let rows):
      var params = rows.params
      unsafe swl_gather_rows(
        &params, invocation.pointer(rows.input), invocation.pointer(rows.indices), invocation.pointer(rows.output))
    }
  }
}

extension Node {
  /// Refuses indices of another type than int16, int32 and int64, and constant ones of which index `i` is not in
  /// `0..<limit(i)`.
  func checkIndices(_ indices: Tensor, at position: Int, below limit: (Int) -> Int) throws(PrepareError) {
    guard indices.type == .int16 || indices.type == .int32 || indices.type == .int64 else {
      throw PrepareError(.typeUnsupported, .input(position), found: .type(indices.type), expected: .type(.int32))
    }
    guard indices.isConstant else { return }
    for index in 0..<indices.count {
      guard let value = constantInteger(indices, index), value >= 0, value < limit(index) else {
        throw PrepareError(
          .valueInvalid, .input(position), field: "index", found: .int(constantInteger(indices, index) ?? -1),
          expected: .int(limit(index) - 1))
      }
    }
  }

  private func constantInteger(_ tensor: Tensor, _ index: Int) -> Int? {
    switch tensor.type {
    case .int16: constant(tensor, as: Int16.self).map { Int($0[index]) }
    case .int32: constant(tensor, as: Int32.self).map { Int($0[index]) }
    default: constant(tensor, as: Int64.self).map { Int($0[index]) }
    }
  }
}
