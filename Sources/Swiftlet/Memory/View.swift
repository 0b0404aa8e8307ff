/// A bounds-checked window on the elements of one tensor while a step runs or a node is prepared.
///
/// Reading and writing outside `0..<count` stops the program: operators check their arguments while preparing, so this
/// is the second line of defence. Kernels in C take `pointer`.
@safe package struct View<Element: BitwiseCopyable> {
  package let pointer: UnsafeMutablePointer<Element>
  package let count: Int

  package init(_ pointer: UnsafeMutableRawPointer, count: Int) {
    unsafe self.pointer = pointer.assumingMemoryBound(to: Element.self)
    self.count = count
  }

  @inline(__always)
  package subscript(index: Int) -> Element {
    get {
      precondition(UInt(bitPattern: index) < UInt(bitPattern: count))
      return unsafe pointer[index]  // checked above
    }
    nonmutating set {
      precondition(UInt(bitPattern: index) < UInt(bitPattern: count))
      unsafe pointer[index] = newValue  // checked above
    }
  }

  /// Sets every element.
  package func fill(with value: Element) {
    guard count > 0 else { return }
    unsafe pointer.pointee = value
    var filled = 1
    while filled < count {
      let next = min(filled, count - filled)
      unsafe (pointer + filled).copy(from: pointer, count: next)
      filled += next
    }
  }

  /// Copies all of `source`, which has the same count; the two may be the same memory.
  package func copy(from source: View<Element>) {
    precondition(source.count == count)
    guard unsafe source.pointer != pointer else { return }
    unsafe pointer.copy(from: source.pointer, count: count)
  }

  package var elements: [Element] { (0..<count).map { self[$0] } }
}

extension UnsafeMutablePointer where Pointee: BitwiseCopyable {
  /// `update(from:count:)` as one call of memmove: the compiler, told to save space, would write a loop over elements.
  func copy(from source: UnsafePointer<Pointee>, count: Int) {
    unsafe UnsafeMutableRawPointer(self).copyMemory(from: source, byteCount: count &* MemoryLayout<Pointee>.stride)
  }
}

/// Constants stand in the file at any alignment: this view loads them byte-wise.
@safe package struct ConstantView<Element: BitwiseCopyable> {
  package let base: UnsafeRawPointer
  package let count: Int

  package init(_ base: UnsafeRawPointer, count: Int) {
    unsafe self.base = base
    self.count = count
  }

  package subscript(index: Int) -> Element {
    precondition(index >= 0 && index < count)
    return unsafe base.loadUnaligned(fromByteOffset: index * MemoryLayout<Element>.size, as: Element.self)
  }

  package var elements: [Element] { (0..<count).map { self[$0] } }
}
