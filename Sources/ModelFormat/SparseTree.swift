/// The elements of a sparse constant as the levels of a tree lead to them, see `ModelReader.sparseElementCount`, which has
/// checked every number in it.
struct SparseTree {
  private let levels: [Level]

  /// `stride`: elements of the dense tensor from one position to the next.
  private struct Level {
    let size, stride: Int
    let segments, indices: Numbers?
  }

  /// A vector of int32, uint16 or uint8.
  private struct Numbers {
    let vector: FlatVector

    init?(_ table: FlatTable, typeID: Int) {
      guard let type = try? table.number(typeID, "", default: UInt8(0)), type >= 1, type <= 3,
        let own = try? table.table(typeID + 1, ""),
        let vector = try? own.vector(0, elementBytes: type == 1 ? 4 : type == 2 ? 2 : 1, "")
      else { return nil }
      self.vector = vector
    }

    subscript(index: Int) -> Int {
      guard index >= 0, index < vector.count else { return 0 }
      let position = vector.position(of: index)
      switch vector.elementBytes {
      case 4: return Int(vector.reader.load(Int32.self, at: position) ?? 0)
      case 2: return Int(vector.reader.load(UInt16.self, at: position) ?? 0)
      default: return Int(vector.reader.load(UInt8.self, at: position) ?? 0)
      }
    }
  }

  /// `nil` for forms that no model is known to have: more than 16 levels, several blocks along a dimension.
  init?(_ table: FlatTable, shape: [Int]) {
    let order = SparseTree.integers(table, 0), blocked = SparseTree.integers(table, 1)
    guard order.count <= 16, order.count == shape.count + blocked.count,
      let tables = SparseTree.tables(table, count: order.count)
    else { return nil }
    var strides = Array(repeating: 1, count: order.count)
    for axis in shape.indices.reversed().dropFirst() { strides[axis] = strides[axis + 1] &* max(shape[axis + 1], 1) }
    var isBlocked = Array(repeating: false, count: shape.count)
    for (level, dimension) in zip(tables, order) where dimension >= shape.count {
      let axis = blocked[dimension - shape.count]
      guard !isBlocked[axis] else { return nil }
      isBlocked[axis] = true
      strides[dimension] = strides[axis]
      strides[axis] = strides[axis] &* SparseTree.denseSize(level)
    }
    levels = zip(tables, order).map { table, dimension in
      let isCompressed = (try? table.number(0, "", default: Int8(0))) == 1
      return Level(
        size: SparseTree.denseSize(table), stride: strides[dimension],
        segments: isCompressed ? Numbers(table, typeID: 2) : nil,
        indices: isCompressed ? Numbers(table, typeID: 4) : nil)
    }
  }

  private static func denseSize(_ table: FlatTable) -> Int { Int((try? table.number(1, "", default: Int32(0))) ?? 0) }

  private static func integers(_ table: FlatTable, _ field: Int) -> [Int] {
    guard let vector = try? table.vector(field, elementBytes: 4, "") else { return [] }
    return (0..<vector.count).map { Int(vector.reader.load(Int32.self, at: vector.position(of: $0)) ?? 0) }
  }

  private static func tables(_ table: FlatTable, count: Int) -> [FlatTable]? {
    if count == 0 { return [] }
    guard let vector = try? table.vector(2, elementBytes: 4, ""), vector.count == count else { return nil }
    var tables: [FlatTable] = []
    for index in 0..<count {
      guard let table = try? vector.table(index, "") else { return nil }
      tables.append(table)
    }
    return tables
  }

  /// Calls `body` with the place of each stored element among those of the dense tensor, in the order of storage.
  func forEachPlace(_ body: (Int) -> Void) { visit(0, node: 0, place: 0, body) }

  private func visit(_ index: Int, node: Int, place: Int, _ body: (Int) -> Void) {
    guard index < levels.count else { return body(place) }
    let level = levels[index]
    guard let segments = level.segments else {
      for position in 0..<level.size {
        visit(index + 1, node: node &* level.size &+ position, place: place &+ position &* level.stride, body)
      }
      return
    }
    guard let indices = level.indices else { return }
    let (begin, end) = (segments[node], segments[node + 1])
    for child in begin..<max(begin, end) {
      visit(index + 1, node: child, place: place &+ indices[child] &* level.stride, body)
    }
  }
}

extension TensorInfo {
  /// Writes all elements of a sparse constant: those stored at their places, zero bytes elsewhere.
  ///
  /// - Parameter memory: room for the bytes of `shape`.
  /// - Returns: false for a tensor that is not sparse, or in a form that is not supported: elements of less than a byte,
  ///   strings, several blocks along one dimension. Nothing is written then.
  package func expandSparse(into memory: UnsafeMutableRawPointer) -> Bool {
    guard let sparsity, let data, type.bitWidth >= 8, type != .string,
      let tree = SparseTree(FlatTable(ByteReader(file), sparsity), shape: shape),
      let total = type.byteCount(of: shape.contains(0) ? 0 : shape.reduce(1, &*))
    else { return false }
    let bytes = type.bitWidth / 8
    if total > 0 { unsafe memory.initializeMemory(as: UInt8.self, repeating: 0, count: total) }
    // Without elements levels may be as large as they like.
    guard !data.isEmpty, total > 0 else { return true }
    var source = data.lowerBound
    tree.forEachPlace { place in
      guard source <= data.upperBound - bytes, place >= 0, place < total / bytes else { return }
      unsafe (memory + place * bytes).copyMemory(from: file.base + source, byteCount: bytes)
      source += bytes
    }
    return true
  }
}
