import ModelFormat
import Swiftlet

extension CommandFailure {
  /// The failure that an error of the reader means for the file at `path`.
  init(_ error: FormatError, file path: String) {
    let kind: Kind =
      switch error.code {
      case .unreadable: .noInput
      case .versionUnsupported, .externalData, .limitExceeded, .outOfMemory: .unavailable
      default: .badData
      }
    self.init(kind, file: path, CommandFailure.withoutSubject(error.message, path))
  }

  /// Errors about the whole file begin with "file: " or the file's name, which the failure states already.
  private static func withoutSubject(_ message: String, _ path: String) -> String {
    let subjects = ["file: ", "file '\(path)': "]
    return subjects.first { message.hasPrefix($0) }.map { String(message.dropFirst($0.count)) } ?? message
  }

  init(_ error: PrepareError, file path: String) {
    let kind: Kind =
      if error.code == .signatureMissing {
        .usage
      } else {
        error.code.isUnsupported || error.code.isResource ? .unavailable : .badData
      }
    self.init(kind, file: path, error.message)
  }

  init(_ error: InvokeError, file path: String) {
    if case .refused(let reason) = error {
      self.init(reason, file: path)
    } else {
      self.init(.unavailable, file: path, error.message)
    }
  }
}
