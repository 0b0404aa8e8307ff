/// The values of `--input-shape` and `--input-value`.
enum InputShapes {
  /// By name, from "NAME=1,3,48,48" each.
  /// - Throws: `usage` for another form or dimensions below 1.
  static func parse(_ arguments: [String]) throws(CommandFailure) -> [String: [Int]] {
    var result: [String: [Int]] = [:]
    for text in arguments {
      guard let (name, parts) = split(text), let dimensions = all(parts, { Int($0) }),
        dimensions.allSatisfy({ $0 > 0 && $0 < 1 << 31 })
      else { throw CommandFailure(.usage, "--input-shape is '\(text)', expected for example images=1,3,320,320") }
      result[name] = dimensions
    }
    return result
  }

  /// By name, from "NAME=16000" or "NAME=0.5,0.5" each.
  /// - Throws: `usage` for another form, and for numbers that are not finite. Whether they suit the input's type is judged
  ///   where that is known.
  static func parseValues(_ arguments: [String]) throws(CommandFailure) -> [String: [Double]] {
    var result: [String: [Double]] = [:]
    for text in arguments {
      guard let (name, parts) = split(text), let numbers = all(parts, { Double($0) }) else {
        throw CommandFailure(.usage, "--input-value is '\(text)', expected for example sr=16000")
      }
      guard numbers.allSatisfy(\.isFinite) else {
        throw CommandFailure(.usage, "--input-value is '\(text)', expected finite numbers")
      }
      result[name] = numbers
    }
    return result
  }

  /// Names may have an equals sign of their own.
  private static func split(_ text: String) -> (name: String, parts: [Substring])? {
    guard let equals = text.lastIndex(of: "=") else { return nil }
    return (
      String(text[..<equals]),
      text[text.index(after: equals)...].split(separator: ",", omittingEmptySubsequences: false)
    )
  }

  private static func all<Number>(_ parts: [Substring], _ number: (Substring) -> Number?) -> [Number]? {
    let numbers = parts.compactMap(number)
    return numbers.count == parts.count ? numbers : nil
  }
}
