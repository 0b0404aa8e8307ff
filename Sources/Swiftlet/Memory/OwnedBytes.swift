import CPlatform

/// Memory of a program: written while preparing, read-only once the program exists, freed with the last user.
///
/// Unchecked: the compiler cannot see that nothing writes after `prepare` has returned the program.
@safe package final class OwnedBytes: @unchecked Sendable {
  package let base: UnsafeMutableRawPointer
  package let count: Int

  /// `nil` when the machine has no `count` bytes left.
  package init?(count: Int) {
    guard let memory = unsafe swl_allocate(max(count, 1)) else { return nil }
    unsafe base = memory
    self.count = count
  }

  deinit { unsafe swl_deallocate(base) }
}
