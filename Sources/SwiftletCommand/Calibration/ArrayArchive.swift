import Converter
import ModelFormat
import Vision

/// The samples of an .npz archive: an array for each input, by its name, with one sample for each index of the first
/// dimension.
struct ArrayArchive: SampleSource {
  let count: Int
  private let path: String
  private let inputs: [SampleInput]
  private let arrays: [NPY]

  init(_ path: String, _ inputs: [SampleInput]) throws(CommandFailure) {
    self.path = path
    self.inputs = inputs
    let bytes = try FileSystem.read(path)
    let entries = try Self.entries(bytes, path)
    var arrays: [NPY] = []
    for input in inputs {
      guard
        let contents = entries["\(input.name).npy"]
          ?? (inputs.count == 1 && entries.count == 1 ? entries.values.first : nil)
      else {
        let names = entries.keys.sorted().map { "'\($0)'" }.joined(separator: ", ")
        throw CommandFailure(
          .badData, file: path, "has no array '\(input.name)', found \(names.isEmpty ? "none" : names)")
      }
      do throws(NPYError) {
        arrays.append(try NPY(contents: contents))
      } catch {
        throw CommandFailure(.badData, file: path, "array '\(input.name)': \(error.message)")
      }
    }
    let samples = arrays.map { $0.shape.first ?? 0 }
    count = samples.first ?? 0
    guard Set(samples).count <= 1 else {
      let found = arrays.map { $0.shape.text }.joined(separator: ", ")
      throw CommandFailure(.badData, file: path, "its arrays hold different numbers of samples: \(found)")
    }
    self.arrays = arrays
  }

  private static func entries(_ bytes: [UInt8], _ path: String) throws(CommandFailure) -> [String: [UInt8]] {
    let entries: [String: [UInt8]]?
    do throws(VisionError) {
      entries = try contents(bytes)
    } catch {
      throw CommandFailure(error, file: path)
    }
    guard let entries else { throw CommandFailure(.badData, file: path, "is no .npz archive") }
    return entries
  }

  private static func contents(_ bytes: [UInt8]) throws(VisionError) -> [String: [UInt8]]? {
    let span = unsafe bytes.span.bytes  // a byte has no padding
    guard let archive = try ZipArchive(at: span) else { return nil }
    var entries: [String: [UInt8]] = [:]
    for entry in archive.entries { entries[entry.name] = try archive.contents(of: entry, in: span) }
    return entries
  }

  func sample(_ index: Int) throws -> [[UInt8]] {
    try zip(inputs, arrays).map { input, array in
      let stride = array.bytes.count / max(count, 1)
      let part = Array(array.bytes[(index * stride)..<((index + 1) * stride)])
      do throws(NPYError) {
        return try input.bytes(of: NPY(type: array.type, shape: Array(array.shape.dropFirst()), bytes: part))
      } catch {
        throw CommandFailure(.badData, file: path, error.message)
      }
    }
  }
}
