import CPlatform

/// The bytes of a model file: a private read-only mapping, memory of our own, or memory that the caller keeps alive.
///
/// `@unchecked` because it holds a pointer: the memory is written before `init` returns and never after it, so any number
/// of threads may read it.
@safe
public final class ModelBytes: @unchecked Sendable {
  /// Address of the first byte; valid as long as this object. Any alignment.
  package let base: UnsafeRawPointer
  /// Number of bytes.
  public let count: Int
  private let origin: Origin

  private enum Origin { case mapping, stream, allocation, caller }

  /// The initializers that can fail are convenience ones: Embedded Swift does not free the object that a designated
  /// initializer leaves by throwing.
  private init(_ base: UnsafeRawPointer, count: Int, _ origin: Origin) {
    unsafe self.base = base
    self.count = count
    self.origin = origin
  }

  /// Maps the file at `path`. Pages are read when they are first touched, so the file must not be shortened while the
  /// object lives: write a new file and rename it instead.
  ///
  /// - Throws: `unreadable` with the system's error number.
  public convenience init(path: String) throws(FormatError) {
    var bytes = Text(path).bytes.map { CChar(bitPattern: $0) }
    bytes.append(0)
    try unsafe self.init(zeroTerminatedPath: bytes)
  }

  /// As `init(path:)`, of bytes that a zero ends.
  package convenience init(zeroTerminatedPath path: UnsafePointer<CChar>) throws(FormatError) {
    var address: UnsafeRawPointer?
    var size = 0
    var isBacked = false
    let error = unsafe swl_map_file(path, &address, &size, &isBacked)
    guard error == 0 else {
      throw FormatError(
        .unreadable, found: .text(Self.text(errorNumber: error)), name: unsafe Text(zeroTerminated: path))
    }
    guard let address = unsafe address else {
      throw FormatError(.tooShort, found: .integer(0), expected: .atLeast(8), name: unsafe Text(zeroTerminated: path))
    }
    unsafe self.init(address, count: size, isBacked ? .mapping : .stream)
  }

  /// Copies `bytes`.
  ///
  /// - Throws: `outOfMemory`.
  public convenience init(copying bytes: RawSpan) throws(FormatError) {
    guard let memory = unsafe swl_allocate(max(bytes.byteCount, 1)) else {
      throw FormatError(.outOfMemory, found: .count(bytes.byteCount))
    }
    unsafe bytes.withUnsafeBytes { source in
      if let start = source.baseAddress {
        unsafe memory.copyMemory(from: start, byteCount: source.count)
      }
    }
    unsafe self.init(UnsafeRawPointer(memory), count: bytes.byteCount, .allocation)
  }

  /// Copies `bytes`.
  ///
  /// - Throws: `outOfMemory`.
  public convenience init(copying bytes: [UInt8]) throws(FormatError) {
    try unsafe self.init(copying: bytes.span.bytes)
  }

  /// Uses `bytes` in place. The caller keeps them alive and unchanged as long as this object and every `Model` made of
  /// it live.
  @unsafe
  public convenience init(borrowing bytes: UnsafeRawBufferPointer) {
    let nowhere: StaticString = ""
    unsafe self.init(bytes.baseAddress ?? UnsafeRawPointer(nowhere.utf8Start), count: bytes.count, .caller)
  }

  deinit {
    switch origin {
    case .mapping, .stream: unsafe swl_unmap_file(base, count)
    case .allocation: unsafe swl_deallocate(UnsafeMutableRawPointer(mutating: base))
    case .caller: break
    }
  }

  private static func text(errorNumber: Int32) -> StaticString {
    switch errorNumber {
    case 2: "no such file"
    case 12: "out of memory"
    case 13: "permission denied"
    case 21: "a directory"
    default: "a system error"
    }
  }
}

extension ModelBytes {
  /// The bytes of `range`, for the duration of `body`.
  ///
  /// - Precondition: `range` lies within `0..<count`.
  public func withBytes<Result, Failure: Error>(
    in range: Range<Int>, _ body: (RawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    precondition(range.lowerBound >= 0 && range.upperBound <= count)
    let buffer = unsafe UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count)
    return try unsafe body(buffer.bytes)
  }

  /// Takes the pages of a mapped file out of the resident memory, where there is one; reading them brings them back.
  package func forgetPages() {
    if case .mapping = origin { unsafe swl_forget_pages(base, count) }
  }

  /// The same for those that `range` lies on.
  ///
  /// - Precondition: `range` lies within `0..<count`.
  package func forgetPages(of range: Range<Int>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= count)
    guard case .mapping = origin else { return }
    // A mapping begins at a page, of whatever size up to this.
    let start = range.lowerBound & ~0xFFFF
    unsafe swl_forget_pages(base + start, range.upperBound - start)
  }

  /// Address of the first byte of `range`; valid as long as this object. Any alignment.
  ///
  /// - Precondition: `range` lies within `0..<count`.
  @unsafe
  package func rawPointer(of range: Range<Int>) -> UnsafeRawPointer {
    precondition(range.lowerBound >= 0 && range.upperBound <= count)
    return unsafe base + range.lowerBound
  }
}
