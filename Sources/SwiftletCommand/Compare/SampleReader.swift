import Converter
import ModelFormat
import Swiftlet
import Vision

/// Makes the inputs of two models from one file each, so that both get the same real numbers.
struct SampleReader {
  let first: [TensorDescription]
  let second: [TensorDescription]
  /// The first model's inputs in its source model.
  let layouts: [BoundaryLayout]?
  let preprocessing: PicturePreprocessing?

  typealias Bytes = (first: [UInt8], second: [UInt8])

  /// Input `index` of both models from `file`: a picture, a .npy array in the layout of the first model or of its source
  /// model, or the first input's raw bytes.
  func bytes(of file: InputFile, input index: Int) throws(CommandFailure) -> Bytes {
    let tensor = first[index]
    switch file.contents {
    case .picture(let image):
      guard let one = PictureFeed(tensor, preprocessing: preprocessing),
        let other = PictureFeed(second[index], preprocessing: preprocessing)
      else {
        throw CommandFailure(
          .badData, file: file.path,
          "found a picture, expected \(tensor.type.name)\(tensor.shape.dimensions.text) for input '\(tensor.name)', "
            + "which is none: give a .npy array")
      }
      return (one.bytes(of: image), other.bytes(of: image))
    case .raw(let bytes):
      guard bytes.count == tensor.byteCount else {
        throw CommandFailure(
          .badData, file: file.path,
          "found \(bytes.count) bytes, expected \(tensor.byteCount) for input '\(tensor.name)'")
      }
      return try pair(bytes, index, file.path)
    case .array(let array): return try self.bytes(of: array, index, file.path)
    }
  }

  /// Reproducible random numbers for input `index`.
  func random(_ generator: inout RandomInput, input index: Int) throws(CommandFailure) -> Bytes {
    let tensor = first[index]
    guard let bytes = generator.bytes(of: tensor.type, count: tensor.shape.elementCount) else {
      throw CommandFailure(.unavailable, "input '\(tensor.name)': no random values of type \(tensor.type.name)")
    }
    return try pair(bytes, index, "")
  }

  private func bytes(of array: NPY, _ index: Int, _ path: String) throws(CommandFailure) -> Bytes {
    let tensor = first[index]
    let shape = tensor.shape.dimensions
    let source = layouts?[index].sourceShape ?? shape
    let isQuantized = tensor.type != .float32 && array.type == .float32
    guard array.type == tensor.type || isQuantized, array.shape == shape || array.shape == source,
      let values = RealValues.floats(array.bytes, array.type, isQuantized ? nil : tensor.quantization),
      let ordered = reordered(values, array.shape, index)
    else {
      let other = source == shape ? "" : " or \(source.text)"
      throw CommandFailure(
        .badData, file: path,
        "found \(array.type.name)\(array.shape.text), expected \(tensor.type.name)\(shape.text)\(other) for input "
          + "'\(tensor.name)'")
    }
    if array.type == tensor.type, array.shape == shape { return try pair(array.bytes, index, path) }
    guard let bytes = RealValues.bytes(ordered, tensor.type, tensor.quantization) else {
      throw CommandFailure(.unavailable, file: path, "input '\(tensor.name)' is \(tensor.type.name), no real numbers")
    }
    return try pair(bytes, index, path)
  }

  /// From the source model's order to the first model's.
  private func reordered(_ values: [Float], _ shape: [Int], _ index: Int) -> [Float]? {
    Layouts.reordered(values, from: shape, to: first[index].shape.dimensions)
  }

  /// The second model's bytes for the same real numbers.
  private func pair(_ bytes: [UInt8], _ index: Int, _ path: String) throws(CommandFailure) -> Bytes {
    let (one, other) = (first[index], second[index])
    if one.type == other.type, one.shape == other.shape, one.quantization == other.quantization {
      return (bytes, bytes)
    }
    guard let values = RealValues.floats(bytes, one.type, one.quantization),
      let ordered = Layouts.reordered(values, from: one.shape.dimensions, to: other.shape.dimensions),
      let stored = RealValues.bytes(ordered, other.type, other.quantization)
    else {
      throw CommandFailure(
        .badData, file: path,
        "input '\(one.name)': found \(other.type.name)\(other.shape.dimensions.text) in the second model, "
          + "expected \(one.type.name)\(one.shape.dimensions.text) as in the first")
    }
    return (bytes, stored)
  }
}
