/// Numbers and tables as text.
enum Format {
  /// `value` with exactly `places` decimals: "0.250".
  static func fixed(_ value: Double, places: Int) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
    var scale = 1
    for _ in 0..<places { scale *= 10 }
    let scaled = Int((abs(value) * Double(scale)).rounded())
    let sign = value < 0 && scaled > 0 ? "-" : ""
    guard places > 0 else { return "\(sign)\(scaled)" }
    return "\(sign)\(scaled / scale).\(padded(String(scaled % scale), to: places, with: "0"))"
  }

  /// `text` with `filler` before it until it is `width` characters long.
  static func padded(_ text: String, to width: Int, with filler: Character = " ") -> String {
    String(repeating: filler, count: max(0, width - text.count)) + text
  }

  /// `text` itself, or its end after an ellipsis: names of tensors differ at their ends.
  static func shortened(_ text: String, to width: Int) -> String {
    text.count <= width ? text : "…" + text.suffix(width - 1)
  }

  /// Rows under a heading, columns aligned: those in `numeric` to the right, the others to the left.
  static func table(_ heading: [String], _ rows: [[String]], numeric: Set<Int> = []) -> String {
    let widths = heading.indices.map { column in
      ([heading] + rows).reduce(0) { max($0, $1[column].count) }
    }
    return ([heading] + rows).map { row in
      var line = ""
      for column in row.indices {
        if column > 0 { line += "  " }
        let filler = String(repeating: " ", count: widths[column] - row[column].count)
        line += numeric.contains(column) ? filler + row[column] : row[column] + filler
      }
      while line.last == " " { line.removeLast() }
      return line
    }.joined(separator: "\n")
  }
}

extension Format {
  /// Rising numbers: "4", "1-6", "1, 3, 4".
  static func indices(_ numbers: [Int]) -> String {
    guard let first = numbers.first, let last = numbers.last, numbers.count > 1 else {
      return numbers.map { "\($0)" }.joined()
    }
    return last - first == numbers.count - 1 ? "\(first)-\(last)" : numbers.map { "\($0)" }.joined(separator: ", ")
  }
}
