internal import FoundationEssentials
internal import ModelFormat
internal import ONNXFormat

/// Weights that an ONNX file keeps in files beside it. Only files below the model's folder are opened, symbolic links
/// resolved.
final class ExternalData {
  /// The folder of the model, `nil` when the model did not come from a file.
  private let folder: String?
  private var files: [String: ModelBytes] = [:]

  init(modelPath: String?) {
    folder = modelPath.map { URL(filePath: $0).resolvingSymlinksInPath().deletingLastPathComponent().path }
  }

  func bytes(of tensor: Onnx_TensorProto) throws -> ConstantBytes {
    let entries = Dictionary(tensor.externalData.map { ($0.key, $0.value) }) { first, _ in first }
    guard let location = entries["location"], !location.isEmpty else {
      throw failure(tensor, "external data without a location", "export the model again")
    }
    let file = try file(location, tensor)
    let offset = try number(entries["offset"] ?? "0", tensor)
    let length = try entries["length"].map { try number($0, tensor) } ?? max(0, file.count - offset)
    guard offset <= file.count, length <= file.count - offset else {
      throw failure(
        tensor, "bytes \(offset)... of '\(location)', which has \(file.count)",
        "copy the data file beside the model again")
    }
    return ConstantBytes(file, offset..<offset + length)
  }

  private func number(_ text: String, _ tensor: Onnx_TensorProto) throws -> Int {
    guard let number = Int(text), number >= 0 else {
      throw failure(tensor, "external data at '\(text)', expected a number of bytes", "export the model again")
    }
    return number
  }

  private func file(_ location: String, _ tensor: Onnx_TensorProto) throws -> ModelBytes {
    if let known = files[location] { return known }
    guard let folder else {
      throw failure(tensor, "its weights lie in another file", "give the model as a file, with its data beside it")
    }
    let path = URL(filePath: "\(folder)/\(location)").standardizedFileURL.resolvingSymlinksInPath().path
    guard !location.hasPrefix("/"), path.hasPrefix(folder.hasSuffix("/") ? folder : folder + "/") else {
      throw failure(
        tensor, "external data '\(location)' lies outside the model's folder", "move the data file beside the model")
    }
    do throws(FormatError) {
      let bytes = try ModelBytes(path: path)
      files[location] = bytes
      return bytes
    } catch {
      throw ConversionError(
        .noInput, layer: tensor.name, "external data '\(location)' cannot be read",
        remedy: "put the data file beside the model")
    }
  }

  private func failure(_ tensor: Onnx_TensorProto, _ problem: String, _ remedy: String) -> ConversionError {
    ConversionError(.badData, layer: tensor.name, problem, remedy: remedy)
  }
}
