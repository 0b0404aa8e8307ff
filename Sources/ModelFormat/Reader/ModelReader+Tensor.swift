extension ModelReader {
  mutating func tensors(_ table: FlatTable, subgraph: Int) throws(FormatError) -> [TensorInfo] {
    try tables(table, 0, "tensors") { (reader, table, index) throws(FormatError) in
      let place = FormatError.Subject.tensor(index, subgraph: subgraph)
      let name = try locating(place) { () throws(FormatError) in try reader.text(table, 3, "name") }
      return try locating(place, reader.reader.text(name)) { () throws(FormatError) in
        try reader.tensor(table, name: name)
      }
    }
  }

  private mutating func tensor(_ table: FlatTable, name: Range<Int>) throws(FormatError) -> TensorInfo {
    let type = ElementType(rawValue: try table.number(1, "type", default: UInt8(0)))
    guard type.isDefined else {
      throw FormatError(
        .invalidValue, "type", offset: table.position, found: .count(type.rawValue), expected: .below(23))
    }
    let shape = try int32s(table, 0, "shape")
    let elements = try elementCount(shape, type, table)
    try refuseExternalData(table)
    let buffer = try bufferIndex(table)
    let data = buffer == 0 || buffers[buffer].isEmpty ? nil : buffers[buffer]
    let isVariable = try table.bool(5, "is_variable")
    guard !isVariable || data == nil else {
      throw FormatError(
        .invalidValue, "is_variable", offset: table.position, found: .text("a variable with a constant value"))
    }
    let sparsity = try table.table(6, "sparsity")
    if let sparsity {
      guard Selection.hasSparseTensors else { throw FormatError(.notBuilt, "sparsity", offset: table.position) }
      let stored = try sparseElementCount(sparsity, shape: shape)
      try verify(data, holds: stored, type, table)
    } else {
      try verify(data, holds: elements, type, table)
    }
    return TensorInfo(
      name: name, in: bytes, type: type, shape: shape, shapeSignature: try shapeSignature(table, shape: shape),
      hasRank: try table.bool(8, "has_rank") || !shape.isEmpty,
      buffer: buffer, data: data, quantization: try quantization(table, type: type, shape: shape),
      unusedQuantization: type == .float32 ? try unusedQuantization(table) : nil,
      isVariable: isVariable, sparsity: sparsity?.extent)
  }

  /// The product of the dimensions, whose bytes fit in `Int`.
  private func elementCount(
    _ shape: [Int], _ type: ElementType, _ table: FlatTable
  ) throws(FormatError) -> Int {
    var count = 1
    var overflow = false
    for dimension in shape {
      guard dimension >= 0 else {
        throw FormatError(
          .invalidValue, "shape", offset: table.position, found: .count(dimension), expected: .atLeast(0))
      }
      // Zero dimensions do not excuse others whose product is too large: programs multiply them in any order.
      let (product, wraps) = count.multipliedReportingOverflow(by: max(dimension, 1))
      overflow = overflow || wraps
      count = product
    }
    guard !overflow, type.bitWidth == 0 || type.byteCount(of: count) != nil else {
      throw FormatError(
        .shapeOverflow, "shape", offset: table.position, found: .text("a product beyond the address space"))
    }
    return shape.contains(0) ? 0 : count
  }

  private mutating func shapeSignature(_ table: FlatTable, shape: [Int]) throws(FormatError) -> [Int] {
    let signature = try int32s(table, 7, "shape_signature")
    guard signature.isEmpty || signature.count == shape.count else {
      throw FormatError(
        .invalidValue, "shape_signature", offset: table.position, found: .count(signature.count),
        expected: .count(shape.count))
    }
    for dimension in signature where dimension < -1 {
      throw FormatError(
        .invalidValue, "shape_signature", offset: table.position, found: .count(dimension), expected: .atLeast(-1))
    }
    return signature
  }

  private func bufferIndex(_ table: FlatTable) throws(FormatError) -> Int {
    let buffer = Int(clamping: try table.number(2, "buffer", default: UInt32(0)))
    guard buffer == 0 || buffer < buffers.count else {
      throw FormatError(
        .invalidIndex, "buffer", offset: table.position, found: .count(buffer), expected: .below(Int64(buffers.count)))
    }
    return buffer
  }

  private func refuseExternalData(_ table: FlatTable) throws(FormatError) {
    let external = try table.number(10, "external_buffer", default: UInt32(0))
    guard external != 0 else { return }
    let group = externalGroups.first { $0.id == external }?.name ?? Text()
    throw FormatError(
      .externalData, "external_buffer", offset: table.position, found: .name(group),
      expected: .text("constants inside the file"))
  }

  /// Whether the bytes of a constant are as many as its elements need.
  private mutating func verify(
    _ data: Range<Int>?, holds elements: Int, _ type: ElementType, _ table: FlatTable
  ) throws(FormatError) {
    guard let data else { return }
    if type == .string {
      guard Selection.hasStrings else { throw FormatError(.notBuilt, "type", found: .text("string")) }
      return try verifyStrings(data, elements: elements)
    }
    guard let expected = type.byteCount(of: elements) else {
      throw FormatError(
        .invalidValue, "buffer", offset: table.position, found: .text("a constant of a type without constants"))
    }
    guard data.count == expected else {
      throw FormatError(
        .sizeMismatch, "buffer", offset: data.lowerBound, found: .count(data.count), expected: .count(expected))
    }
  }

  /// Layout of a string tensor: i32 count, count + 1 offsets from the start of the data, then the bytes.
  private mutating func verifyStrings(_ data: Range<Int>, elements: Int) throws(FormatError) {
    let stored = try reader.load(Int32.self, at: data.lowerBound, "buffer")
    guard data.count >= 4, stored == elements, elements <= (data.count - 8) / 4 else {
      throw FormatError(
        .stringData, "buffer", offset: data.lowerBound, found: .count(stored), expected: .count(elements))
    }
    try spend(elements, of: 4, at: data.lowerBound, "buffer")
    var previous = 4 * (elements + 2)
    for index in 0...elements {
      let position = data.lowerBound + 4 * (index + 1)
      let offset = Int(try reader.load(Int32.self, at: position, "buffer"))
      guard offset >= previous, offset <= data.count else {
        throw FormatError(
          .stringData, "buffer", offset: position, found: .count(offset), expected: .atLeast(Int64(previous)))
      }
      previous = offset
    }
  }
}
