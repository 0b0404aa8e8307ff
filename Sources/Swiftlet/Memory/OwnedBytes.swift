import CPlatform

/// Memory of a program: written while preparing, read-only once the program exists, freed with the last user.
///
/// Unchecked: the compiler cannot see that nothing writes after `prepare` has returned the program.
@safe package final class OwnedBytes: @unchecked Sendable {
  package let base: UnsafeMutableRawPointer
  package let count: Int

  /// `nil` when the machine has no `count` bytes left.
  package convenience init?(count: Int) {
    guard let memory = unsafe swl_allocate(max(count, 1)) else { return nil }
    unsafe self.init(memory, count: count)
  }

  /// Cannot fail: Embedded Swift does not free the object that a designated initializer leaves by failing.
  private init(_ base: UnsafeMutableRawPointer, count: Int) {
    unsafe self.base = base
    self.count = count
  }

  deinit { unsafe swl_deallocate(base) }
}
