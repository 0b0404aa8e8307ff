/// Why bytes are not a model that this library accepts, and where.
///
/// `message` says what, where, what was found and expected, and what to do.
public struct FormatError: Error, Sendable {
  public let code: Code
  /// The part of the file that is wrong.
  public internal(set) var subject: Subject
  /// The subject's name in the file (a tensor's name, an operator's kernel, a signature's key, a path); may be empty.
  public internal(set) var name: String
  /// The field of the schema, such as "quantization.scale"; empty where no single field is to blame.
  public internal(set) var field: String
  /// Byte offset in the file of what is wrong, where it has one.
  public let offset: Int?
  public let found: Value?
  public let expected: Value?

  /// The part of the file that an error is about. Indices count from 0 in the file's order.
  public enum Subject: Sendable, Equatable {
    case file
    case operatorCode(Int)
    case subgraph(Int)
    case tensor(Int, subgraph: Int)
    case `operator`(Int, subgraph: Int)
    case buffer(Int)
    case metadata(Int)
    case signature(Int)
  }

  /// One side of a comparison.
  public enum Value: Sendable {
    case integer(Int64)
    /// 0 up to but not including the number.
    case below(Int64)
    case atLeast(Int64)
    case atMost(Int64)
    case text(StaticString)
    case name(String)
  }

  package init(
    _ code: Code, _ field: StaticString = "", offset: Int? = nil, found: Value? = nil, expected: Value? = nil,
    subject: Subject = .file, name: String = ""
  ) {
    self.code = code
    self.field = field.text
    self.offset = offset
    self.found = found
    self.expected = expected
    self.subject = subject
    self.name = name
  }

  /// The error with the full name of its field.
  func renamed(_ field: String) -> FormatError {
    var error = self
    error.field = field
    return error
  }

  /// The error with its subject filled in, unless something further inside has already said it.
  func located(_ subject: Subject, name: String) -> FormatError {
    guard self.subject == .file else { return self }
    var error = self
    error.subject = subject
    error.name = name
    return error
  }
}

extension FormatError.Value {
  /// A count or index of the file; what does not fit in 64 signed bits is shown as the largest number.
  static func count(_ value: some BinaryInteger) -> FormatError.Value { .integer(Int64(clamping: value)) }
}

/// Runs `body` and says of its errors that they concern `subject`.
func locating<Result>(
  _ subject: FormatError.Subject, _ name: @autoclosure () -> String = "", _ body: () throws(FormatError) -> Result
) throws(FormatError) -> Result {
  do {
    return try body()
  } catch {
    throw error.located(subject, name: name())
  }
}
