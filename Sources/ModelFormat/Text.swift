/// UTF-8 bytes of a name or a message. What is in a file may be invalid: `string` replaces that.
///
/// Libraries for C make no `String` at all: its code is larger than all that messages say.
public struct Text: Sendable, Equatable {
  package private(set) var bytes: [UInt8] = []

  package init() {}

  package init(_ literal: StaticString) { add(literal) }

  package init(_ string: String) { bytes = Array(string.utf8) }

  /// As a string, invalid UTF-8 replaced.
  public var string: String { String(decoding: bytes, as: UTF8.self) }

  package var isEmpty: Bool { bytes.isEmpty }

  @inline(never)
  package mutating func add(_ literal: StaticString) {
    for index in 0..<literal.utf8CodeUnitCount { bytes.append(literal.byte(index)) }
  }

  @inline(never)
  package mutating func add(_ other: Text) {
    for index in other.bytes.indices { bytes.append(other.bytes[index]) }
  }

  @inline(never)
  package mutating func add(_ number: Int) {
    if number < 0 { add("-") }
    var (rest, digits) = (number.magnitude, UInt(1))
    while rest / digits > 9 { digits *= 10 }
    while digits > 0 {
      bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest / digits))
      rest %= digits
      digits /= 10
    }
  }

  /// Rounded to seven digits.
  @inline(never)
  package mutating func add(_ number: Float) {
    guard number.isFinite, number != 0 else { return add(number == 0 ? "0.0" : number.isNaN ? "nan" : "infinite") }
    if number < 0 { add("-") }
    var (value, exponent) = (Double(number.magnitude), 0)
    while value >= 10 { (value, exponent) = (value / 10, exponent + 1) }
    while value < 1 { (value, exponent) = (value * 10, exponent - 1) }
    var digits = Int(value * 1e6 + 0.5)
    if digits == 10_000_000 { (digits, exponent) = (1_000_000, exponent + 1) }
    let isPlain = exponent >= -4 && exponent <= 6
    add(digits, exponent: isPlain ? exponent : 0)
    guard !isPlain else { return }
    add("e")
    add(exponent)
  }

  /// Adds seven digits of which the first stands for 10 to the power of `exponent`, without zeros at the end.
  private mutating func add(_ digits: Int, exponent: Int) {
    if exponent < 0 { add("0.") }
    for _ in 0..<max(0, -1 - exponent) { add("0") }
    var (rest, unit, place) = (digits, 1_000_000, exponent)
    repeat {
      bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest / unit))
      (rest, unit) = (rest % unit, unit / 10)
      if place == 0 { add(rest == 0 ? ".0" : ".") }
      place -= 1
    } while unit > 0 && (rest > 0 || place >= 0)
  }

  /// The bytes before the zero byte.
  package init(zeroTerminated bytes: UnsafePointer<CChar>) {
    var next = unsafe bytes
    while unsafe next.pointee != 0 {
      unsafe self.bytes.append(UInt8(bitPattern: next.pointee))
      unsafe next += 1
    }
  }

  /// Adds the bytes at `start`.
  package mutating func add(_ start: UnsafePointer<UInt8>, count: Int) {
    bytes.reserveCapacity(bytes.count + count)
    for index in 0..<count { unsafe bytes.append(start[index]) }
  }

  package func has(_ literal: StaticString) -> Bool {
    bytes.count == literal.utf8CodeUnitCount && starts(with: literal)
  }

  package func starts(with literal: StaticString) -> Bool {
    guard bytes.count >= literal.utf8CodeUnitCount else { return false }
    for index in 0..<literal.utf8CodeUnitCount where bytes[index] != literal.byte(index) { return false }
    return true
  }

  public static func == (a: Text, b: Text) -> Bool {
    guard a.bytes.count == b.bytes.count else { return false }
    for index in a.bytes.indices where a.bytes[index] != b.bytes[index] { return false }
    return true
  }

  package static func ~= (literal: StaticString, text: Text) -> Bool { text.has(literal) }
}
