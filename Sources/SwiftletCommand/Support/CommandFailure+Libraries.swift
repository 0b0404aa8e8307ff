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
    // An error about the whole file starts with the file's name, which the failure states already.
    let prefix = "file '\(path)': "
    let message = error.message
    self.init(kind, file: path, message.hasPrefix(prefix) ? String(message.dropFirst(prefix.count)) : message)
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
    self.init(.unavailable, file: path, error.message)
  }
}
