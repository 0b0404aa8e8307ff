import ModelFormat
import Vision

extension ModelFile {
  /// The name of the metadata that `swiftlet convert` writes for pictures.
  static let preprocessingEntry = "swiftlet.preprocessing"

  /// How pictures become inputs as the file says; `nil` when it says nothing.
  ///
  /// - Parameter given: what the user says instead.
  func preprocessing(unless given: PicturePreprocessing? = nil) throws(CommandFailure) -> PicturePreprocessing? {
    if let given { return given }
    guard let bytes = metadata(Self.preprocessingEntry) else { return nil }
    do throws(VisionError) {
      return try PicturePreprocessing(text: String(decoding: bytes, as: UTF8.self))
    } catch {
      throw CommandFailure(error, file: path)
    }
  }

  /// The bytes of the metadata with this name.
  func metadata(_ name: String) -> [UInt8]? {
    guard let entry = model.metadata.first(where: { $0.name == name }) else { return nil }
    return model.bytes.withBytes(in: model.buffers[entry.buffer]) { bytes in
      unsafe bytes.withUnsafeBytes { unsafe [UInt8]($0) }
    }
  }
}
