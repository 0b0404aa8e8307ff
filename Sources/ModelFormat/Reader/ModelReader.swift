/// Walks the file's tables and copies what they say into model types, checking every offset and value on the way.
struct ModelReader {
  let bytes: ModelBytes
  let reader: ByteReader
  /// The end of the last table, vector or buffer visited so far.
  private(set) var end = 8
  /// Bytes that may still be visited.
  private var budget: Int
  /// How many subgraphs the file has, known before they are read.
  var subgraphCount = 0
  var buffers: [Range<Int>] = []
  /// One for each operator code.
  var kernels: [Kernel] = []
  /// For each subgraph read so far, the subgraphs that its operators call.
  var calls: [[Int]] = []
  /// The groups of constants that lie in other files, by the id that tensors use.
  var externalGroups: [ExternalGroup] = []
  /// Zeros of several counts.
  var zeroPoints: [[Int32]] = []

  struct ExternalGroup {
    let id: UInt32
    let name: Text
  }

  let operatorLimit: Int

  /// What a table counts towards the budget: about what its description takes in memory.
  private static let bytesPerTable = 64

  init(_ bytes: ModelBytes, limits: ModelLimits) {
    self.bytes = bytes
    reader = ByteReader(bytes)
    budget = limits.budget(forFileOf: bytes.count)
    operatorLimit = limits.operators
  }

  /// The root table after the identifier has been checked.
  func root() throws(FormatError) -> FlatTable {
    guard reader.count >= 8 else {
      throw FormatError(.tooShort, found: .count(reader.count), expected: .atLeast(8))
    }
    guard reader.load(UInt32.self, at: 4) == 0x334C_4654 else {
      throw FormatError(.notAModel, offset: 4, expected: .text("the identifier TFL3"))
    }
    return try FlatTable(reader, at: reader.follow(at: 0, "root"), "root")
  }

  /// Counts a visit of `count` things of `size` bytes towards the budget.
  mutating func spend(_ count: Int, of size: Int, at position: Int, _ field: StaticString) throws(FormatError) {
    let (bytes, overflow) = count.multipliedReportingOverflow(by: size)
    guard !overflow, bytes <= budget - 8 else {
      throw FormatError(
        .limitExceeded, field, offset: position, found: .count(count),
        expected: .atMost(Int64(max(budget - 8, 0) / size)))
    }
    budget -= bytes + 8
  }

  private mutating func spend(_ vector: FlatVector, perElement: Int, _ field: StaticString) throws(FormatError) {
    try spend(vector.count, of: perElement, at: vector.start, field)
    reach(vector.range.upperBound)
  }

  /// Notes that the file is in use up to `position`.
  mutating func reach(_ position: Int) {
    end = max(end, position)
  }

  /// The tables that a vector of offsets leads to, each passed to `body` with its index.
  mutating func tables<Element>(
    _ table: FlatTable, _ id: Int, _ field: StaticString,
    _ body: (inout ModelReader, FlatTable, Int) throws(FormatError) -> Element
  ) throws(FormatError) -> [Element] {
    guard let vector = try table.vector(id, elementBytes: 4, field) else { return [] }
    try spend(vector, perElement: Self.bytesPerTable, field)
    var elements: [Element] = []
    elements.reserveCapacity(vector.count)
    for index in 0..<vector.count {
      let table = try vector.table(index, field)
      reach(table.end)
      elements.append(try body(&self, table, index))
    }
    return elements
  }

  /// The numbers of a vector, converted by `transform`.
  mutating func numbers<Number: FixedWidthInteger & BitwiseCopyable, Element>(
    _ table: FlatTable, _ id: Int, as type: Number.Type, _ field: StaticString, _ transform: (Number) -> Element
  ) throws(FormatError) -> [Element] {
    guard let vector = try table.vector(id, elementBytes: MemoryLayout<Number>.size, field) else { return [] }
    try spend(vector, perElement: max(MemoryLayout<Number>.size, MemoryLayout<Element>.size), field)
    var elements: [Element] = []
    elements.reserveCapacity(vector.count)
    for index in 0..<vector.count {
      elements.append(transform(try vector.number(index, as: type, field)))
    }
    return elements
  }

  mutating func int32s(_ table: FlatTable, _ id: Int, _ field: StaticString) throws(FormatError) -> [Int] {
    try numbers(table, id, as: Int32.self, field) { Int($0) }
  }

  /// Text, which ends with a zero byte that does not belong to it.
  mutating func string(_ table: FlatTable, _ id: Int, _ field: StaticString) throws(FormatError) -> Text {
    reader.text(try text(table, id, field))
  }

  /// Where text stands; empty when there is none.
  mutating func text(_ table: FlatTable, _ id: Int, _ field: StaticString) throws(FormatError) -> Range<Int> {
    guard let vector = try table.vector(id, elementBytes: 1, field) else { return 0..<0 }
    try spend(vector, perElement: 1, field)
    let end = vector.range.upperBound
    guard try reader.load(UInt8.self, at: end, field) == 0 else {
      throw FormatError(.malformedTable, field, offset: end, expected: .text("a zero byte behind the text"))
    }
    reach(end + 1)
    return vector.range
  }

  /// Checks a vector that stays in the file.
  mutating func visit(
    _ table: FlatTable, _ id: Int, elementBytes: Int, _ field: StaticString
  ) throws(FormatError) {
    guard let vector = try table.vector(id, elementBytes: elementBytes, field) else { return }
    try spend(vector, perElement: elementBytes, field)
  }
}
