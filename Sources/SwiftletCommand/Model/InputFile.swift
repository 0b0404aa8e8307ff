import ModelFormat
import Vision

/// A file given for an input of a model.
struct InputFile {
  enum Contents {
    case array(NPY)
    /// Bytes as they stand in the input.
    case raw([UInt8])
    case picture(Image)
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
      contents = .picture(try InputFile.picture(bytes, path))
    }
  }

  private static func picture(_ bytes: [UInt8], _ path: String) throws(CommandFailure) -> Image {
    do throws(VisionError) {
      return try Image(decoding: bytes)
    } catch  where error.code == .unknownFormat {
      throw CommandFailure(
        .badData, file: path, "found neither a .npy array nor a JPEG, PNG or BMP picture; name raw bytes .bin")
    } catch {
      throw CommandFailure(error, file: path)
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
