/// An operator's option table, verified when the model was read.
///
/// Fields are read by their id in the schema; one that is absent reads as the default given. Reading cannot fail: a field
/// whose bytes lie outside the table is refused while the model is read.
public struct OptionTable: Sendable {
  /// The number of the union member (`BuiltinOptions` or `BuiltinOptions2`); 0 when there is no table.
  public let type: Int
  let bytes: ModelBytes
  /// Where the table lies; `nil` when there is none.
  let extent: FlatTable.Extent?

  public func bool(_ field: Int, default standard: Bool = false) -> Bool {
    number(field, as: UInt8.self).map { $0 != 0 } ?? standard
  }

  public func int8(_ field: Int, default standard: Int = 0) -> Int {
    number(field, as: Int8.self).map { Int($0) } ?? standard
  }

  public func int32(_ field: Int, default standard: Int = 0) -> Int {
    number(field, as: Int32.self).map { Int($0) } ?? standard
  }

  public func int64(_ field: Int, default standard: Int64 = 0) -> Int64 {
    number(field, as: Int64.self) ?? standard
  }

  public func float(_ field: Int, default standard: Float = 0) -> Float {
    number(field, as: UInt32.self).map { Float(bitPattern: $0) } ?? standard
  }

  /// Empty when absent; invalid UTF-8 is replaced.
  public func string(_ field: Int) -> String { text(field).string }

  /// Empty when absent.
  package func text(_ field: Int) -> Text { ByteReader(bytes).text(byteRange(field)) }

  /// Where in the file the elements of a byte vector or string lie; empty when absent.
  public func byteRange(_ field: Int) -> Range<Int> {
    vector(field, elementBytes: 1)?.range ?? 0..<0
  }

  /// Empty when absent.
  public func int32Vector(_ field: Int) -> [Int] {
    elements(field, as: Int32.self) { Int($0) }
  }

  /// Empty when absent.
  public func floatVector(_ field: Int) -> [Float] {
    elements(field, as: UInt32.self) { Float(bitPattern: $0) }
  }

  /// Empty when absent.
  public func int64Vector(_ field: Int) -> [Int64] {
    elements(field, as: Int64.self) { $0 }
  }

  /// Whether the file stores the field.
  public func contains(_ field: Int) -> Bool { fieldPosition(field, bytes: 1) != nil }

  private var table: FlatTable? { extent.map { FlatTable(ByteReader(bytes), $0) } }

  private func fieldPosition(_ field: Int, bytes: Int) -> Int? {
    guard let table, let position = try? table.position(of: field, bytes: bytes, "") else { return nil }
    return position
  }

  private func number<Number: FixedWidthInteger & BitwiseCopyable>(_ field: Int, as type: Number.Type) -> Number? {
    guard let table, let position = try? table.position(of: field, bytes: MemoryLayout<Number>.size, "") else {
      return nil
    }
    return table.reader.load(type, at: position)
  }

  private func vector(_ field: Int, elementBytes: Int) -> FlatVector? {
    guard let table, let vector = try? table.vector(field, elementBytes: elementBytes, "") else { return nil }
    return vector
  }

  private func elements<Number: FixedWidthInteger & BitwiseCopyable, Element>(
    _ field: Int, as type: Number.Type, _ transform: (Number) -> Element
  ) -> [Element] {
    guard let vector = vector(field, elementBytes: MemoryLayout<Number>.size) else { return [] }
    var elements: [Element] = []
    elements.reserveCapacity(vector.count)
    for index in 0..<vector.count {
      guard let number = vector.reader.load(type, at: vector.position(of: index)) else { return elements }
      elements.append(transform(number))
    }
    return elements
  }
}
