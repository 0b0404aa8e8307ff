internal import FoundationEssentials
package import ModelFormat

/// The elements of a constant, little-endian in C order, by reference: a slice of a mapped file or memory that is shared
/// by all copies of the value. Passes hand it on without touching the bytes.
package struct ConstantBytes: Sendable {
  private enum Storage: Sendable {
    case mapped(ModelBytes, Range<Int>)
    case data(Data)
    case array([UInt8])
    case floats([Float])
    case signed([Int8])
    case halves([UInt16])
  }

  private let storage: Storage
  package let count: Int

  private init(_ storage: Storage, count: Int) {
    self.storage = storage
    self.count = count
  }

  package init(_ bytes: [UInt8]) {
    storage = .array(bytes)
    count = bytes.count
  }

  init(_ data: Data) {
    storage = .data(data)
    count = data.count
  }

  /// - Precondition: `range` lies within the file.
  package init(_ file: ModelBytes, _ range: Range<Int>) {
    storage = .mapped(file, range)
    count = range.count
  }

  /// The elements as they lie in memory; those of float32, int8 and float16 are not copied, as most weights are
  /// of them.
  package init<Element: BitwiseCopyable>(elements: [Element]) {
    if Element.self == Float.self, let floats = elements as? [Float] {
      self.init(.floats(floats), count: floats.count * 4)
    } else if Element.self == Int8.self, let signed = elements as? [Int8] {
      self.init(.signed(signed), count: signed.count)
    } else if Element.self == UInt16.self, let halves = elements as? [UInt16] {
      self.init(.halves(halves), count: halves.count * 2)
    } else {
      self.init(unsafe elements.withUnsafeBytes { unsafe [UInt8]($0) })
    }
  }

  package func withBytes<Result>(_ body: (RawSpan) throws -> Result) rethrows -> Result {
    switch storage {
    case .mapped(let file, let range): try file.withBytes(in: range, body)
    case .data(let data): try unsafe data.withUnsafeBytes { try unsafe body($0.bytes) }
    case .array(let bytes): try unsafe body(bytes.span.bytes)
    case .floats(let elements): try unsafe body(elements.span.bytes)
    case .signed(let elements): try unsafe body(elements.span.bytes)
    case .halves(let elements): try unsafe body(elements.span.bytes)
    }
  }

  /// The elements as float32, copied only where they do not lie as such in memory.
  package func withFloats<Result>(_ body: (Span<Float>) throws -> Result) rethrows -> Result {
    try withBytes { bytes in
      try unsafe bytes.withUnsafeBytes { raw in
        guard Int(bitPattern: raw.baseAddress) % MemoryLayout<Float>.alignment == 0 else {
          return try body(elements(as: Float.self).span)
        }
        return try unsafe body(raw.bindMemory(to: Float.self).span)
      }
    }
  }

  /// Whether all elements are finite as float32.
  package var hasFiniteFloats: Bool {
    defer { forgetPages() }
    return withBytes { bytes in
      for offset in stride(from: 0, through: bytes.byteCount - 4, by: 4)
      where unsafe !bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: Float.self).isFinite { return false }
      return true
    }
  }

  /// Takes a part of a mapped file out of the resident memory until it is read again.
  package func forgetPages() {
    if case .mapped(let file, let range) = storage { file.forgetPages(of: range) }
  }

  /// The same bytes where elements of `alignment` bytes can be read in place: copied for a file that has them elsewhere.
  package func aligned(to alignment: Int) -> ConstantBytes {
    let isAligned = withBytes { bytes in
      unsafe bytes.withUnsafeBytes { Int(bitPattern: $0.baseAddress) % alignment == 0 }
    }
    guard !isAligned else { return self }
    defer { forgetPages() }
    return ConstantBytes(array)
  }

  /// A copy as elements of one type; whole elements only.
  package func elements<Element: BitwiseCopyable>(as type: Element.Type) -> [Element] {
    let size = MemoryLayout<Element>.size
    return withBytes { bytes in
      unsafe bytes.withUnsafeBytes { source in
        unsafe [Element](unsafeUninitializedCapacity: source.count / size) { target, count in
          count = source.count / size
          if count > 0 {
            unsafe UnsafeMutableRawBufferPointer(target).copyMemory(from: .init(rebasing: source[..<(count * size)]))
          }
        }
      }
    }
  }

  package var array: [UInt8] {
    if case .array(let bytes) = storage { return bytes }
    return withBytes { bytes in unsafe bytes.withUnsafeBytes { unsafe [UInt8]($0) } }
  }
}

extension ConstantBytes: Hashable {
  package static func == (a: ConstantBytes, b: ConstantBytes) -> Bool {
    guard a.count == b.count else { return false }
    return a.withBytes { left in
      b.withBytes { right in
        unsafe left.withUnsafeBytes { left in
          unsafe right.withUnsafeBytes { right in unsafe left.elementsEqual(right) }
        }
      }
    }
  }

  package func hash(into hasher: inout Hasher) {
    withBytes { bytes in unsafe bytes.withUnsafeBytes { unsafe hasher.combine(bytes: $0) } }
  }
}
