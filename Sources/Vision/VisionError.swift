/// What went wrong with a picture, a label file or an archive, and where.
///
/// `description` reads: file, what, where, found, expected, what to do.
public struct VisionError: Error, Sendable, Equatable {
  /// The kind of a failure. New kinds may be added.
  public struct Code: Sendable, Hashable, CustomStringConvertible {
    private enum Kind: String, Sendable {
      case unreadableFile = "unreadable file"
      case unwritableFile = "unwritable file"
      case unknownFormat = "unknown picture format"
      case truncated = "truncated file"
      case corrupt = "corrupt file"
      case unsupported = "unsupported variant"
      case tooLarge = "too large"
      case outOfMemory = "out of memory"
      case notText = "not a text file"
    }

    private let kind: Kind

    /// The system refused to open or read the file.
    public static let unreadableFile = Code(kind: .unreadableFile)
    /// The system refused to write the file.
    public static let unwritableFile = Code(kind: .unwritableFile)
    /// The first bytes are of no format that this module reads.
    public static let unknownFormat = Code(kind: .unknownFormat)
    /// The bytes end before the contents do.
    public static let truncated = Code(kind: .truncated)
    /// The contents contradict themselves.
    public static let corrupt = Code(kind: .corrupt)
    /// A correct file of a variant that this module does not read.
    public static let unsupported = Code(kind: .unsupported)
    /// Beyond a limit of the caller or of a format.
    public static let tooLarge = Code(kind: .tooLarge)
    /// A library could not allocate.
    public static let outOfMemory = Code(kind: .outOfMemory)
    /// A label file that is not UTF-8 text.
    public static let notText = Code(kind: .notText)

    public var description: String { kind.rawValue }
  }

  public let code: Code
  /// The file's path; empty for bytes in memory.
  public var file: String
  /// The part of the contents, such as "BMP header, byte 14".
  public let place: String
  public let found: String
  public let expected: String
  /// What the user can do.
  public let remedy: String

  public init(
    _ code: Code, file: String = "", place: String, found: String, expected: String, remedy: String
  ) {
    self.code = code
    self.file = file
    self.place = place
    self.found = found
    self.expected = expected
    self.remedy = remedy
  }

  /// The same error with the file's name, unless it has one.
  func naming(_ path: String) -> VisionError {
    var error = self
    if error.file.isEmpty { error.file = path }
    return error
  }
}

extension VisionError: CustomStringConvertible {
  public var description: String {
    let subject = file.isEmpty ? "" : "\(file): "
    return "\(subject)\(code) (\(place)): found \(found), expected \(expected); \(remedy)"
  }
}
