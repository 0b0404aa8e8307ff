import ModelFormat

/// A file given for an input of a model.
struct InputFile {
  enum Contents {
    case array(NPY)
    /// Bytes as they stand in the input.
    case raw([UInt8])
  }

  let path: String
  let contents: Contents

  /// Reads `path`: .bin is raw bytes, anything else shows by its first bytes what it is.
  init(path: String) throws(CommandFailure) {
    self.path = path
    let bytes = try FileSystem.read(path)
    if FileSystem.ending(path) == "bin" {
      contents = .raw(bytes)
    } else if FileSystem.ending(path) == "npy" || bytes.starts(with: NPY.signature) {
      contents = .array(try InputFile.array(bytes, path))
    } else {
      throw CommandFailure(.badData, file: path, "is neither a .npy array nor a .bin file of raw bytes")
    }
  }

  private static func array(_ bytes: [UInt8], _ path: String) throws(CommandFailure) -> NPY {
    do throws(NPYError) {
      return try NPY(contents: bytes)
    } catch {
      throw CommandFailure(.badData, file: path, error.message)
    }
  }
}
