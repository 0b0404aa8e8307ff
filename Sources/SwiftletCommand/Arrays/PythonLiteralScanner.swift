/// Reads the few Python literals that the header of a .npy file may hold: strings, True, False, tuples of numbers.
struct PythonLiteralScanner {
  enum Value: Equatable {
    case string(String)
    case bool(Bool)
    /// Numbers from 0.
    case tuple([Int])
  }

  private var rest: ArraySlice<UInt8>

  init(text: ArraySlice<UInt8>) { rest = text }

  /// A dictionary with string keys, and nothing behind it but white space.
  mutating func dictionary() throws(NPYError) -> [String: Value] {
    var result: [String: Value] = [:]
    try expect("{")
    while !take("}") {
      let key = try string()
      try expect(":")
      guard result.updateValue(try value(), forKey: key) == nil else {
        throw NPYError("the header's '\(key)' occurs twice")
      }
      if take("}") { break }
      try expect(",")
    }
    skipSpace()
    guard rest.isEmpty else { throw NPYError("the header has text behind its dictionary") }
    return result
  }

  private mutating func value() throws(NPYError) -> Value {
    skipSpace()
    switch rest.first {
    case UInt8(ascii: "'"), UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "("): return .tuple(try tuple())
    default: break
    }
    if take("True") { return .bool(true) }
    if take("False") { return .bool(false) }
    throw NPYError("the header holds something other than strings, True, False and tuples")
  }

  private mutating func string() throws(NPYError) -> String {
    skipSpace()
    guard let quote = rest.popFirst(), quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\""),
      let end = rest.firstIndex(of: quote)
    else { throw NPYError("the header's dictionary is malformed: expected a quoted string") }
    let text = String(decoding: rest[..<end], as: UTF8.self)
    rest = rest[(end + 1)...]
    return text
  }

  private mutating func tuple() throws(NPYError) -> [Int] {
    var result: [Int] = []
    try expect("(")
    while !take(")") {
      result.append(try number())
      if take(")") { break }
      try expect(",")
    }
    return result
  }

  private mutating func number() throws(NPYError) -> Int {
    skipSpace()
    let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    guard let number = Int(String(decoding: digits, as: UTF8.self)) else {
      throw NPYError("the header's shape holds something other than numbers from 0")
    }
    rest = rest.dropFirst(digits.count)
    return number
  }

  private mutating func expect(_ token: String) throws(NPYError) {
    guard take(token) else { throw NPYError("the header's dictionary is malformed: expected '\(token)'") }
  }

  private mutating func take(_ token: String) -> Bool {
    skipSpace()
    guard rest.starts(with: token.utf8) else { return false }
    rest = rest.dropFirst(token.utf8.count)
    return true
  }

  private mutating func skipSpace() {
    rest = rest.drop { $0 == 0x20 || (0x09...0x0D).contains($0) }
  }
}
