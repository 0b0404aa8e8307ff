extension ModelReader {
  /// Checks the tables of a sparse tensor and returns how many elements its buffer holds.
  ///
  /// Levels of a compressed tree, outermost first: a dense level multiplies the nodes by its size; a compressed one has
  /// `segments[node]..<segments[node + 1]` children whose positions stand in `indices`.
  mutating func sparseElementCount(_ table: FlatTable, shape: [Int]) throws(FormatError) -> Int {
    let order = try int32s(table, 0, "sparsity.traversal_order")
    let blockMap = try int32s(table, 1, "sparsity.block_map")
    let levels = try tables(table, 2, "sparsity.dim_metadata") { (reader, table, _) throws(FormatError) in
      try reader.level(table)
    }
    try verifyOrder(order, blockMap: blockMap, levels: levels.count, rank: shape.count, table)
    let sizes = try dimensionSizes(shape, blockMap: blockMap, order: order, levels: levels, table)
    var nodes = 1
    for (level, dimension) in zip(levels, order) {
      nodes = try level.children(of: nodes, size: sizes[dimension], table.position)
    }
    return nodes
  }

  private mutating func level(_ table: FlatTable) throws(FormatError) -> SparseLevel {
    let isSparse = try table.number(0, "sparsity.format", default: Int8(0)) == 1
    let size = Int(try table.number(1, "sparsity.dense_size", default: Int32(0)))
    guard isSparse else { return SparseLevel(denseSize: size) }
    return SparseLevel(
      denseSize: size,
      segments: try unionVector(table, typeID: 2, "sparsity.array_segments"),
      indices: try unionVector(table, typeID: 4, "sparsity.array_indices"))
  }

  /// A vector of one of three widths, each inside a table of its own.
  private mutating func unionVector(
    _ table: FlatTable, typeID: Int, _ field: StaticString
  ) throws(FormatError) -> [Int] {
    let type = try table.number(typeID, field, default: UInt8(0))
    guard let vector = try table.table(typeID + 1, field) else { return [] }
    switch type {
    case 1: return try int32s(vector, 0, field)
    case 2: return try numbers(vector, 0, as: UInt16.self, field) { Int($0) }
    case 3: return try numbers(vector, 0, as: UInt8.self, field) { Int($0) }
    default:
      throw FormatError(.sparsity, field, offset: table.position, found: .count(type), expected: .text("1 to 3"))
    }
  }

  private func verifyOrder(
    _ order: [Int], blockMap: [Int], levels: Int, rank: Int, _ table: FlatTable
  ) throws(FormatError) {
    guard order.count == levels, levels == rank + blockMap.count else {
      throw FormatError(
        .sparsity, "sparsity.dim_metadata", offset: table.position, found: .count(levels),
        expected: .count(rank + blockMap.count))
    }
    var seen = Array(repeating: false, count: levels)
    for dimension in order {
      guard dimension >= 0, dimension < levels, !seen[dimension] else {
        throw FormatError(
          .sparsity, "sparsity.traversal_order", offset: table.position, found: .count(dimension),
          expected: .text("each dimension once"))
      }
      seen[dimension] = true
    }
    for dimension in blockMap where dimension < 0 || dimension >= rank {
      throw FormatError(
        .sparsity, "sparsity.block_map", offset: table.position, found: .count(dimension), expected: .below(Int64(rank))
      )
    }
  }

  /// The number of blocks along each dimension, then the length of each block dimension.
  private func dimensionSizes(
    _ shape: [Int], blockMap: [Int], order: [Int], levels: [SparseLevel], _ table: FlatTable
  ) throws(FormatError) -> [Int] {
    var sizes = shape + blockMap.map { _ in 0 }
    for (level, dimension) in zip(levels, order) where dimension >= shape.count {
      let size = level.denseSize
      let blocked = blockMap[dimension - shape.count]
      guard level.segments == nil, size > 0, sizes[blocked] % size == 0 else {
        throw FormatError(
          .sparsity, "sparsity.dense_size", offset: table.position, found: .count(size),
          expected: .text("a divisor of the dimension that is split into blocks"))
      }
      sizes[dimension] = size
      sizes[blocked] /= size
    }
    return sizes
  }
}

/// One level of a sparse tensor's tree.
struct SparseLevel {
  var denseSize: Int
  /// `nil` for a dense level.
  var segments: [Int]?
  var indices: [Int] = []

  /// The nodes below `nodes` of this level, whose dimension has `size` positions.
  func children(of nodes: Int, size: Int, _ offset: Int) throws(FormatError) -> Int {
    guard let segments else {
      let (product, overflow) = nodes.multipliedReportingOverflow(by: size)
      guard denseSize == size, !overflow else {
        throw FormatError(
          .sparsity, "sparsity.dense_size", offset: offset, found: .count(denseSize), expected: .count(size))
      }
      return product
    }
    guard nodes < Int.max, segments.count == nodes + 1, segments.first == 0, segments.last == indices.count else {
      throw FormatError(
        .sparsity, "sparsity.array_segments", offset: offset, found: .count(segments.count),
        expected: .text("one segment for each node, together all indices"))
    }
    for node in 0..<nodes {
      try verifySegment(from: segments[node], to: segments[node + 1], size: size, offset)
    }
    return indices.count
  }

  private func verifySegment(from start: Int, to end: Int, size: Int, _ offset: Int) throws(FormatError) {
    guard start <= end, start >= 0, end <= indices.count else {
      throw FormatError(
        .sparsity, "sparsity.array_segments", offset: offset, found: .count(end), expected: .text("rising numbers"))
    }
    var previous = -1
    for index in indices[start..<end] {
      guard index > previous, index < size else {
        throw FormatError(
          .sparsity, "sparsity.array_indices", offset: offset, found: .count(index), expected: .below(Int64(size)))
      }
      previous = index
    }
  }
}
