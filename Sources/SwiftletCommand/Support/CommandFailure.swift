/// Why a command ends without its result: an exit code of sysexits.h, the file concerned and one line of text.
struct CommandFailure: Error {
  /// Raw values are the exit codes.
  enum Kind: Int32 {
    case usage = 64
    /// A model, picture or array that is damaged or does not fit.
    case badData = 65
    /// A file that does not exist or may not be read.
    case noInput = 66
    /// An operator, type, amount of memory or time that the runtime does not have.
    case unavailable = 69
    case internalError = 70
    /// An output file that cannot be written.
    case cannotCreate = 73
    /// A file that could not be written to its end, as on a full disk; nothing of it is left.
    case outputFailed = 74
  }

  let kind: Kind
  /// The file's path; empty when no file is concerned.
  let file: String
  let message: String

  init(_ kind: Kind, file: String = "", _ message: String) {
    self.kind = kind
    self.file = file
    self.message = message
  }

  /// "model.tflite: what is wrong"
  var text: String { file.isEmpty ? message : "\(file): \(message)" }

  /// `{"error": {"code", "file", "message"}}`
  var json: JSON {
    ["error": ["code": .integer(Int(kind.rawValue)), "file": .string(file), "message": .string(message)]]
  }

  /// One line on standard error, and the same as JSON on standard output when the command was asked for JSON.
  func report(inJSON: Bool) {
    if inJSON { print(json.text) }
    Console.error("swiftlet: \(text)")
  }
}
