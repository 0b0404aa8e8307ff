import ArgumentParser

/// Amounts of memory as people write and read them; K, M and G are powers of 1024.
enum ByteCount {
  /// "4096", "64K", "64M", "2G".
  static func parse(_ text: String) throws -> Int {
    let shifts: [Character: Int] = ["K": 10, "M": 20, "G": 30]
    let shift = text.last.flatMap { shifts[Character($0.uppercased())] }
    let digits = shift == nil ? text[...] : text.dropLast()
    guard let count = Int(digits), count >= 0 else {
      throw ValidationError("'\(text)' is not an amount of memory; expected for example 65536, 64K, 64M or 2G")
    }
    let (bytes, overflow) = count.multipliedReportingOverflow(by: 1 << (shift ?? 0))
    return overflow ? Int.max : bytes
  }

  /// "712 B", "1.4 KiB", "3.0 MiB".
  static func text(_ count: Int) -> String {
    if count < 1024 { return "\(count) B" }
    var value = Double(count) / 1024
    for unit in ["KiB", "MiB"] {
      if value < 1024 { return "\(Format.fixed(value, places: 1)) \(unit)" }
      value /= 1024
    }
    return "\(Format.fixed(value, places: 1)) GiB"
  }
}
