internal import CPlatform
internal import Synchronization

/// Weights that are packed when a program first runs rather than while it is prepared: their memory is reserved and
/// counted while preparing, their bytes are written once, before the first step of the first invocation, by whichever
/// thread comes first.
///
/// Unchecked: the compiler cannot see that only the thread that moved `state` away from `waiting` touches `fills`.
final class Packing: @unchecked Sendable {
  private let state: Atomic<Int>
  private var fills: [() -> Void]

  private static let waiting = 0
  private static let running = 1
  private static let done = 2

  init(_ fills: [() -> Void]) {
    self.fills = fills
    state = Atomic(fills.isEmpty ? Packing.done : Packing.waiting)
  }

  /// Returns when every weight is packed. One load of a word when that has been done before.
  func finish() {
    if state.load(ordering: .acquiring) != Packing.done { pack() }
  }

  private func pack() {
    let (mine, _) = state.compareExchange(expected: Packing.waiting, desired: Packing.running, ordering: .acquiring)
    guard mine else {
      while state.load(ordering: .acquiring) != Packing.done { swl_yield() }
      return
    }
    for fill in fills { fill() }
    fills = []
    state.store(Packing.done, ordering: .releasing)
  }
}
