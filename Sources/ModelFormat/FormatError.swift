/// Why bytes are not a model that this library accepts, and where.
///
/// `message` says what, where, what was found and expected, and what to do.
///
/// One pointer wide, because every `try` that passes an error on would otherwise copy all of it.
public struct FormatError: Error, Sendable {
  private let storage: Storage

  private indirect enum Storage { case fields(Fields) }

  private struct Fields {
    let code: Code
    var subject: Subject
    var name: Text
    var field: Text
    let offset: Int?
    let found: Value?
    let expected: Value?
  }

  private var fields: Fields {
    switch storage {
    case .fields(let fields): fields
    }
  }

  private init(_ fields: Fields) { storage = .fields(fields) }

  public var code: Code { fields.code }
  /// The part of the file that is wrong.
  public var subject: Subject { fields.subject }
  /// The subject's name in the file (a tensor's name, an operator's kernel, a signature's key, a path); may be empty.
  public var name: String { fields.name.string }
  package var nameText: Text { fields.name }
  /// The field of the schema, such as "quantization.scale"; empty where no single field is to blame.
  public var field: String { fields.field.string }
  package var fieldText: Text { fields.field }
  /// Byte offset in the file of what is wrong, where it has one.
  public var offset: Int? { fields.offset }
  public var found: Value? { fields.found }
  public var expected: Value? { fields.expected }

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
    case name(Text)
  }

  @inline(never)
  package init(
    _ code: Code, _ field: StaticString = "", offset: Int? = nil, found: Value? = nil, expected: Value? = nil,
    subject: Subject = .file, name: Text = Text()
  ) {
    self.init(
      Fields(
        code: code, subject: subject, name: name, field: Text(field), offset: offset, found: found, expected: expected))
  }

  /// The error with the full name of its field.
  func renamed(_ field: Text) -> FormatError {
    var fields = fields
    fields.field = field
    return FormatError(fields)
  }

  /// The error with its subject filled in, unless something further inside has already said it.
  func located(_ subject: Subject, name: Text) -> FormatError {
    guard self.subject == .file else { return self }
    var fields = fields
    fields.subject = subject
    fields.name = name
    return FormatError(fields)
  }
}

extension FormatError.Value {
  /// A count or index of the file; what does not fit in 64 signed bits is shown as the largest number.
  static func count(_ value: some BinaryInteger) -> FormatError.Value { .integer(Int64(clamping: value)) }
}

/// Runs `body` and says of its errors that they concern `subject`.
func locating<Result>(
  _ subject: FormatError.Subject, _ name: @autoclosure () -> Text = Text(), _ body: () throws(FormatError) -> Result
) throws(FormatError) -> Result {
  do {
    return try body()
  } catch {
    throw error.located(subject, name: name())
  }
}
