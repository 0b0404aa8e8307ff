extension ModelReader {
  mutating func tensors(
    _ table: FlatTable, subgraph: Int, buffers: [Range<Int>]
  ) throws(FormatError) -> [TensorInfo] {
    try tables(table, 0, "tensors") { (reader, table, index) throws(FormatError) in
      let name = try reader.string(table, 3, "name")
      return try locating(.tensor(index, subgraph: subgraph), name) { () throws(FormatError) in
        try reader.tensor(table, name: name, buffers: buffers)
      }
    }
  }

  private mutating func tensor(
    _ table: FlatTable, name: String, buffers: [Range<Int>]
  ) throws(FormatError) -> TensorInfo {
    let type = ElementType(rawValue: try table.number(1, "type", default: UInt8(0)))
    guard type.isDefined else {
      throw FormatError(
        .invalidValue, "type", offset: table.position, found: .count(type.rawValue), expected: .below(23))
    }
    let shape = try int32s(table, 0, "shape")
    let buffer = Int(clamping: try table.number(2, "buffer", default: UInt32(0)))
    guard buffer < max(buffers.count, 1) else {
      throw FormatError(
        .invalidIndex, "buffer", offset: table.position, found: .count(buffer), expected: .below(Int64(buffers.count)))
    }
    let data = buffer < buffers.count && !buffers[buffer].isEmpty ? buffers[buffer] : nil
    return TensorInfo(
      name: name, type: type, shape: shape,
      shapeSignature: try int32s(table, 7, "shape_signature"),
      hasRank: try table.bool(8, "has_rank") || !shape.isEmpty,
      buffer: buffer, data: data,
      quantization: try quantization(table),
      isVariable: try table.bool(5, "is_variable"),
      isSparse: try table.table(6, "sparsity") != nil)
  }

  private mutating func quantization(_ tensor: FlatTable) throws(FormatError) -> Quantization? {
    guard let table = try tensor.table(4, "quantization") else { return nil }
    let scales = try numbers(table, 2, as: UInt32.self, "quantization.scale") { Float(bitPattern: $0) }
    let zeroPoints = try numbers(table, 3, as: Int64.self, "quantization.zero_point") { Int32(clamping: $0) }
    let dimension = Int(try table.number(6, "quantization.quantized_dimension", default: Int32(0)))
    guard !scales.isEmpty else { return nil }
    return Quantization(
      scales: scales, zeroPoints: zeroPoints.isEmpty ? scales.map { _ in 0 } : zeroPoints, dimension: dimension)
  }
}
