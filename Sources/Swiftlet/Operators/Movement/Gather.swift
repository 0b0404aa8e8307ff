import CKernels
import ModelFormat

/// GATHER: slices of the input along `axis`, picked by indices.
///
/// Inputs: data; indices of int16, int32 or int64. Options: `axis`; `batch_dims`, the number of leading dimensions that data
/// and indices share. Constant indices are checked while preparing; a computed index outside the dimension gives zeros, or
/// an empty string. Strings are gathered from vectors.
package enum Gather: AdaptableOperator {
  package enum Plan: Sendable {
    case rows(Rows)
    case strings(StringMoves)
  }

  package struct Rows: Sendable {
    let input, indices, output: Operand
    /// Bytes of an element.
    let elementBytes: Int
    var params: swl_gather_params
  }

  private static func axes(_ node: Node) throws(PrepareError) -> (axis: Int, batchDimensions: Int) {
    try axes(node.options, try node.input(0).shape, try node.input(1).shape)
  }

  private static func axes(
    _ options: OptionTable, _ data: Shape, _ indices: Shape
  ) throws(PrepareError) -> (axis: Int, batchDimensions: Int) {
    let axis = try Node.axis(fromOption: options.int32(0), rank: data.rank)
    let option = options.int32(1)
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
    try node.setOutput(0, shape: outputShape(try node.input(0).shape, try node.input(1).shape, axis, batch))
  }

  /// The data's dimensions before the axis, the indices' behind the batch, the data's behind the axis.
  private static func outputShape(_ data: Shape, _ indices: Shape, _ axis: Int, _ batch: Int) -> Shape? {
    let picked = axis + indices.rank - batch
    return Shape(rank: picked + data.rank - axis - 1) { index in
      if index < axis { return data[index] }
      return index < picked ? indices[index - axis + batch] : data[index - picked + axis + 1]
    }
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
        elementBytes: bytes,
        params: params(input.shape, indices.shape, axis, batch, (bytes, indices.type.bitWidth / 8))))
  }

  private static func params(
    _ data: Shape, _ indices: Shape, _ axis: Int, _ batch: Int, _ bytes: (element: Int, index: Int)
  ) -> swl_gather_params {
    swl_gather_params(
      batches: data.count(of: 0..<batch), outer: data.count(of: batch..<axis), rows: data[axis],
      indices: indices.count(of: batch..<indices.rank), index_bytes: bytes.index,
      row_bytes: data.count(of: axis + 1..<data.rank) * bytes.element)
  }

  package static func adapt(_ plan: inout Plan, to shapes: RunTimeShapes) -> Bool {
    guard case .rows(var rows) = plan else { return false }
    let (data, indices) = (shapes.shape(0), shapes.shape(1))
    do throws(PrepareError) {
      let (axis, batch) = try axes(shapes.options, data, indices)
      // Constant indices have been compared with the dimension.
      guard !shapes.isConstant(1) || data[axis] == rows.params.rows else { return false }
      rows.params = params(data, indices, axis, batch, (rows.elementBytes, rows.params.index_bytes))
      plan = .rows(rows)
      return shapes.set(0, to: outputShape(data, indices, axis, batch))
    } catch {
      return false
    }
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
    default: constant(tensor, as: Int64.self).map { Int(clamping: $0[index]) }
    }
  }
}
