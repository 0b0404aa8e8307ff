internal import ModelFormat

/// An ONNX file without the raw bytes of its weights, and where these lie in it, so that weights are read where the file
/// is mapped and never copied as fields of a message.
struct ONNXOutline {
  /// The model's message, its initializers without their large `raw_data`.
  let message: [UInt8]
  /// By position among the initializers of the model's graph: the bytes that `message` lacks.
  let weights: [Int: Range<Int>]

  /// `nil` when most of the file is something else, and for what is no message of protocol buffers: parsing the whole file
  /// says why.
  init?(_ file: ModelBytes) {
    var scan = Scan(file)
    guard (try? scan.model()) != nil, scan.removedBytes > file.count / 2 else { return nil }
    var message: [UInt8] = []
    message.reserveCapacity(file.count - scan.removedBytes)
    var position = 0
    for edit in scan.edits {
      file.append(position..<edit.range.lowerBound, to: &message)
      if let length = edit.length { Self.append(length, in: edit.range.count, to: &message) }
      position = edit.range.upperBound
    }
    file.append(position..<file.count, to: &message)
    self.message = message
    weights = scan.weights
  }

  /// A variable-length number of as many bytes as the larger number before it had.
  private static func append(_ number: Int, in count: Int, to message: inout [UInt8]) {
    for index in 0..<count {
      message.append(UInt8(truncatingIfNeeded: number >> (7 * index) & 0x7F) | (index < count - 1 ? 0x80 : 0))
    }
  }
}

extension ModelBytes {
  fileprivate func append(_ range: Range<Int>, to target: inout [UInt8]) {
    withBytes(in: range) { bytes in unsafe bytes.withUnsafeBytes { unsafe target.append(contentsOf: $0) } }
  }
}

/// Walks the fields of the messages that lead to weights: ModelProto, GraphProto, TensorProto.
private struct Scan {
  /// Bytes that are left out, or a length that is another without them.
  struct Edit {
    let range: Range<Int>
    var length: Int?
  }

  private struct Field {
    let number: Int
    /// With its key.
    let whole: Range<Int>
    /// Of the length, for fields that have one.
    let length: Range<Int>?
    let payload: Range<Int>
  }

  private struct Damage: Error {}

  private let file: ModelBytes
  private(set) var edits: [Edit] = []
  private(set) var weights: [Int: Range<Int>] = [:]
  private(set) var removedBytes = 0
  private var initializers = 0

  /// Shorter ones stay in the message.
  private static let smallest = 1024

  init(_ file: ModelBytes) { self.file = file }

  /// - Throws: for damaged messages.
  mutating func model() throws {
    var position = 0
    while let field = try field(at: &position, end: file.count) {
      if field.number == 7 { try shorten(field) { try $0.graph(field.payload) } }
    }
  }

  private mutating func graph(_ message: Range<Int>) throws {
    var position = message.lowerBound
    while let field = try field(at: &position, end: message.upperBound) {
      guard field.number == 5, field.length != nil else { continue }
      try shorten(field) { try $0.initializer(field.payload) }
      initializers += 1
    }
  }

  /// Of several `raw_data` the last one counts.
  private mutating func initializer(_ message: Range<Int>) throws {
    var position = message.lowerBound
    while let field = try field(at: &position, end: message.upperBound) {
      guard field.number == 9, field.length != nil else { continue }
      weights[initializers] = nil
      guard field.payload.count >= Self.smallest else { continue }
      weights[initializers] = field.payload
      edits.append(Edit(range: field.whole))
      removedBytes += field.whole.count
    }
  }

  /// What `body` takes out of a field's payload is taken off its length.
  private mutating func shorten(_ field: Field, _ body: (inout Scan) throws -> Void) throws {
    guard let length = field.length else { return }
    let (edit, before) = (edits.count, removedBytes)
    edits.append(Edit(range: length))
    try body(&self)
    edits[edit].length = field.payload.count - (removedBytes - before)
  }

  /// The field at `position`, which moves behind it; `nil` at the end. Field numbers are those of the ONNX specification.
  private func field(at position: inout Int, end: Int) throws -> Field? {
    guard position < end else { return nil }
    let start = position
    let key = try number(at: &position, end: end)
    var length: Range<Int>?
    var count: UInt64 = 0
    switch key & 7 {
    case 0: _ = try number(at: &position, end: end)
    case 1: count = 8
    case 2:
      let begin = position
      count = try number(at: &position, end: end)
      length = begin..<position
    case 5: count = 4
    default: throw Damage()
    }
    guard count <= UInt64(end - position) else { throw Damage() }
    let payload = position..<position + Int(count)
    position = payload.upperBound
    return Field(number: Int(key >> 3), whole: start..<position, length: length, payload: payload)
  }

  private func number(at position: inout Int, end: Int) throws -> UInt64 {
    var value: UInt64 = 0
    for index in 0..<10 where position < end {
      let byte = file.withBytes(in: position..<position + 1) { unsafe $0.unsafeLoad(as: UInt8.self) }
      position += 1
      value |= UInt64(byte & 0x7F) << UInt64(7 * index)
      if byte < 0x80 { return value }
    }
    throw Damage()
  }
}
