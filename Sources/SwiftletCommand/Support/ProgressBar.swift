import Synchronization

/// A bar on standard error that fills while a known number of steps is done, from any thread. Silent where standard error
/// is no terminal, and for the first second.
final class ProgressBar: Sendable {
  private let title: String
  private let count: Int
  private let line = Mutex(Progress())

  private static let width = 30

  init(_ title: String, count: Int) { (self.title, self.count) = (title, count) }

  func update(_ done: Int) {
    line.withLock { $0.update(text(done)) }
  }

  private func text(_ done: Int) -> String {
    let filled = count == 0 ? 0 : min(Self.width, done * Self.width / count)
    let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: Self.width - filled)
    return "\(title) [\(bar)] \(done)/\(count)"
  }

  /// Removes the bar.
  func finish() { line.withLock { $0.finish() } }
}
