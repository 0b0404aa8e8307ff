/// Where a step finds a tensor, a scratch area or packed weights: an index into the interpreter's table of pointers.
///
/// Plans hold operands, never pointers, so that several interpreters share one program.
package struct Operand: Equatable, Hashable, Sendable, BitwiseCopyable {
  package let slot: Int32

  package init(slot: Int32) { self.slot = slot }
}

/// What stands behind an operand. Decided while preparing, turned into a pointer by each interpreter.
enum Slot: Sendable {
  /// An offset into the model file.
  case file(Int)
  /// Memory that the program owns: folded constants and look-up tables.
  case owned(OwnedBytes)
  /// An offset into the program's packed weights, in the space of those that files may hold or in that of the others.
  case packed(Int, isStorable: Bool)
  /// An offset into the interpreter's arena.
  case arena(Int)
  /// An offset into the interpreter's variables.
  case variable(Int)
  /// Nothing yet: a tensor that nothing touches, or one that gets a pointer while running.
  case none
}
