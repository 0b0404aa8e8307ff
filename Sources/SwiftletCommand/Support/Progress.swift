import CPlatform

/// A line on standard error that is rewritten while work goes on. Silent where standard error is no terminal, and for the
/// first second.
struct Progress {
  private let start = swl_nanoseconds()
  private var last: UInt64 = 0
  private var isShown = false

  /// Shows `text` unless the line changed a moment ago.
  mutating func update(_ text: @autoclosure () -> String) {
    let now = swl_nanoseconds()
    guard now - start > 1_000_000_000, now - last > 200_000_000, Console.isTerminal else { return }
    Console.write("\r\u{1B}[K\(text())")
    last = now
    isShown = true
  }

  /// Removes the line.
  mutating func finish() {
    if isShown { Console.write("\r\u{1B}[K") }
    isShown = false
  }
}
