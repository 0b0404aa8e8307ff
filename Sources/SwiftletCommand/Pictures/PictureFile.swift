import Vision

/// A picture read from a file.
enum PictureFile {
  static func read(_ path: String) throws(CommandFailure) -> Image {
    do throws(VisionError) {
      return try Image(contentsOf: path)
    } catch {
      throw CommandFailure(error, file: path)
    }
  }

  static func write(_ image: Image, to path: String) throws(CommandFailure) {
    do throws(VisionError) {
      try image.write(to: path)
    } catch {
      throw CommandFailure(error, file: path)
    }
  }
}

extension CommandFailure {
  init(_ error: VisionError, file path: String) {
    let kind: Kind =
      switch error.code {
      case .unreadableFile: .noInput
      case .unwritableFile: .cannotCreate
      case .unsupported, .outOfMemory: .unavailable
      default: .badData
      }
    var nameless = error
    nameless.file = ""
    self.init(kind, file: path, nameless.description)
  }
}
