import ModelFormat

/// A model file with blocks of metadata before it: a new root that leads to the old tables, the blocks, then the old file
/// byte for byte. What lies behind the old file, an archive of labels, stays at the end.
struct ExtendedModel {
  let bytes: [UInt8]

  /// A block of metadata whose bytes may depend on where the old file comes to lie.
  struct Block {
    let name: String
    let byteCount: Int
    let bytes: (_ original: Range<Int>) -> [UInt8]
  }

  /// Fields of the schema's `Model`: operator codes, subgraphs, description, buffers, metadata_buffer, metadata,
  /// signatures, groups of external buffers, external buffers. All but the version lead to something else.
  private static let fieldCount = 10
  private static let versionField = 0
  private static let bufferField = 4
  private static let metadataField = 6

  /// - Parameter original: a verified model.
  /// - Throws: `unavailable` when the file has what cannot be moved.
  init(_ original: [UInt8], adding blocks: [Block]) throws(CommandFailure) {
    let old = Root(original)
    guard !old.hasField(from: Self.fieldCount) else {
      throw CommandFailure(.unavailable, "the model has tables of a newer schema")
    }
    let buffers = old.vector(Self.bufferField), metadata = old.vector(Self.metadataField)
    var layout = Layout(blocks, buffers: buffers.count, metadata: metadata.count)
    let shift = layout.end
    guard shift + original.count < Int(Int32.max) else {
      throw CommandFailure(.unavailable, "the packed file would have 2 GiB or more")
    }
    layout.put(UInt32(layout.root), at: 0)
    layout.put(bytes: Array("TFL3".utf8), at: 4)
    layout.putVTable(size: 4 + 4 * Self.fieldCount, fields: Self.fieldCount, at: Layout.vtable, for: layout.root)
    for field in 0..<Self.fieldCount {
      let position = layout.root + 4 + 4 * field
      switch field {
      case Self.versionField: layout.put(old.number(at: old.field(field)), at: position)
      case Self.bufferField: layout.lead(to: layout.buffers, at: position)
      case Self.metadataField: layout.lead(to: layout.metadata, at: position)
      default:
        if let target = old.target(field) { layout.lead(to: target + shift, at: position) }
      }
    }
    for (vector, old, added) in [
      (layout.buffers, buffers, layout.places.map(\.buffer)), (layout.metadata, metadata, layout.places.map(\.entry)),
    ] {
      layout.put(UInt32(old.count + added.count), at: vector)
      for (index, target) in (old.map { $0 + shift } + added).enumerated() {
        layout.lead(to: target, at: vector + 4 + 4 * index)
      }
    }
    for (index, (block, place)) in zip(blocks, layout.places).enumerated() {
      layout.put(block, place, buffer: buffers.count + index, original: shift..<shift + original.count)
    }
    layout.clearAbsentFields(old)
    bytes = layout.bytes + original
  }
}

/// The root table of a verified file.
private struct Root {
  private let bytes: [UInt8]
  private let root, vtable, fields: Int

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    root = Int(Self.word(bytes, 0))
    vtable = root - Int(Int32(bitPattern: Self.word(bytes, root)))
    fields = (Int(Self.half(bytes, vtable)) - 4) / 2
  }

  /// Where the field is; `nil` when it is absent.
  func field(_ index: Int) -> Int? {
    guard index < fields else { return nil }
    let offset = Int(Self.half(bytes, vtable + 4 + 2 * index))
    return offset == 0 ? nil : root + offset
  }

  func hasField(from first: Int) -> Bool { (first..<max(first, fields)).contains { field($0) != nil } }

  func number(at position: Int?) -> UInt32 { position.map { Self.word(bytes, $0) } ?? 0 }

  /// What the field leads to.
  func target(_ index: Int) -> Int? { field(index).map { $0 + Int(Self.word(bytes, $0)) } }

  /// What the elements of a vector of tables lead to.
  func vector(_ index: Int) -> [Int] {
    guard let start = target(index) else { return [] }
    return (0..<Int(Self.word(bytes, start))).map { element in
      let position = start + 4 + 4 * element
      return position + Int(Self.word(bytes, position))
    }
  }

  private static func half(_ bytes: [UInt8], _ at: Int) -> UInt16 { UInt16(bytes[at]) | UInt16(bytes[at + 1]) << 8 }

  private static func word(_ bytes: [UInt8], _ at: Int) -> UInt32 {
    UInt32(half(bytes, at)) | UInt32(half(bytes, at + 2)) << 16
  }
}

/// The new bytes before the old file.
private struct Layout {
  static let vtable = 8
  private(set) var bytes: [UInt8]
  let root, buffers, metadata: Int
  private(set) var places: [Place] = []

  struct Place {
    /// The tables of the entry and of its buffer, the text and the bytes.
    let entry, buffer, name, data: Int
  }

  var end: Int { bytes.count }

  init(_ blocks: [ExtendedModel.Block], buffers bufferCount: Int, metadata metadataCount: Int) {
    root = Self.vtable + 4 + 2 * 10
    buffers = root + 4 + 4 * 10
    metadata = buffers + 4 + 4 * (bufferCount + blocks.count)
    var position = metadata + 4 + 4 * (metadataCount + blocks.count)
    var heads: [(entry: Int, buffer: Int, name: Int)] = []
    for block in blocks {
      // Each table behind its vtable of 8 bytes: an entry takes 12 bytes, a buffer 8.
      let (entry, buffer, name) = (position + 8, position + 28, position + 36)
      heads.append((entry, buffer, name))
      position = Self.aligned(name + 4 + block.name.utf8.count + 1, to: 4)
    }
    for (block, head) in zip(blocks, heads) {
      let data = Self.aligned(position + 4, to: 64)
      places.append(Place(entry: head.entry, buffer: head.buffer, name: head.name, data: data))
      position = data + block.byteCount
    }
    bytes = [UInt8](repeating: 0, count: Self.aligned(position, to: 64))
  }

  private static func aligned(_ count: Int, to alignment: Int) -> Int {
    (count + alignment - 1) / alignment * alignment
  }

  mutating func put(_ block: ExtendedModel.Block, _ place: Place, buffer: Int, original: Range<Int>) {
    putVTable(size: 12, fields: 2, at: place.entry - 8, for: place.entry)
    lead(to: place.name, at: place.entry + 4)
    put(UInt32(buffer), at: place.entry + 8)
    putVTable(size: 8, fields: 1, at: place.buffer - 8, for: place.buffer)
    lead(to: place.data - 4, at: place.buffer + 4)
    put(UInt32(block.name.utf8.count), at: place.name)
    put(bytes: Array(block.name.utf8), at: place.name + 4)
    put(UInt32(block.byteCount), at: place.data - 4)
    put(bytes: block.bytes(original), at: place.data)
  }

  /// A vtable of `fields` fields of four bytes each, and the offset to it at the table's start.
  mutating func putVTable(size: Int, fields: Int, at vtable: Int, for table: Int) {
    for (index, number) in ([4 + 2 * fields, size] + (0..<fields).map { 4 + 4 * $0 }).enumerated() {
      bytes[vtable + 2 * index] = UInt8(number & 0xFF)
      bytes[vtable + 2 * index + 1] = UInt8(number >> 8)
    }
    put(UInt32(table - vtable), at: table)
  }

  /// The root has no field that the old one does not have, except for buffers and metadata.
  mutating func clearAbsentFields(_ old: Root) {
    for field in 0..<10 where field != 4 && field != 6 && old.field(field) == nil {
      bytes[Self.vtable + 4 + 2 * field] = 0
      bytes[Self.vtable + 5 + 2 * field] = 0
    }
  }

  /// A FlatBuffers offset, which counts from where it stands.
  mutating func lead(to target: Int, at position: Int) { put(UInt32(target - position), at: position) }

  mutating func put(_ number: UInt32, at position: Int) {
    for index in 0..<4 { bytes[position + index] = UInt8(truncatingIfNeeded: number >> (8 * UInt32(index))) }
  }

  mutating func put(bytes new: [UInt8], at position: Int) {
    bytes.replaceSubrange(position..<position + new.count, with: new)
  }
}
