/// The values of `--input-shape`.
enum InputShapes {
  /// By name, from "NAME=1,3,48,48" each.
  /// - Throws: `usage` for another form or dimensions below 1.
  static func parse(_ arguments: [String]) throws(CommandFailure) -> [String: [Int]] {
    var result: [String: [Int]] = [:]
    for text in arguments {
      let parts = text.split(separator: "=", omittingEmptySubsequences: false)
      let dimensions =
        parts.last.map { $0.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) } } ?? []
      guard parts.count >= 2, dimensions.allSatisfy({ $0.map { $0 > 0 && $0 < 1 << 31 } ?? false }) else {
        throw CommandFailure(.usage, "--input-shape is '\(text)', expected for example images=1,3,320,320")
      }
      result[parts.dropLast().joined(separator: "=")] = dimensions.compactMap { $0 }
    }
    return result
  }
}
