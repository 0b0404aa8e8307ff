import Converter
import ModelFormat
import Vision

/// The samples of an .npz archive: an array for each input, by its name, with one sample for each index of the first
/// dimension. Arrays that are stored as they are stay in the file, one sample is read at a time; deflated ones are unpacked
/// into memory.
struct ArrayArchive: SampleSource {
  private struct InputArray {
    let type: ElementType
    let shape: [Int]
    let elements: Elements

    /// Where the elements of one sample after the other lie.
    enum Elements {
      case file(Range<Int>)
      case memory([UInt8])
    }

    var byteCount: Int {
      switch elements {
      case .file(let range): range.count
      case .memory(let bytes): bytes.count
      }
    }
  }

  let count: Int
  private let path: String
  private let inputs: [SampleInput]
  private let bytes: ModelBytes
  private let arrays: [InputArray]

  /// Bytes within which a header ends.
  private static let headerBytes = 1 << 16

  init(_ path: String, _ inputs: [SampleInput]) throws(CommandFailure) {
    self.path = path
    self.inputs = inputs
    do throws(FormatError) {
      bytes = try ModelBytes(path: path)
    } catch {
      throw CommandFailure(error, file: path)
    }
    let entries = try Self.entries(bytes, path)
    var arrays: [InputArray] = []
    for input in inputs {
      guard
        let name = entries.keys.first(where: { $0 == "\(input.name).npy" })
          ?? (inputs.count == 1 && entries.count == 1 ? entries.keys.first : nil), let elements = entries[name]
      else {
        let names = entries.keys.sorted().map { "'\($0)'" }.joined(separator: ", ")
        throw CommandFailure(
          .badData, file: path, "has no array '\(input.name)', found \(names.isEmpty ? "none" : names)")
      }
      do throws(NPYError) {
        arrays.append(try Self.array(elements, bytes))
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

  /// The array behind the header of an entry.
  private static func array(_ entry: InputArray.Elements, _ bytes: ModelBytes) throws(NPYError) -> InputArray {
    switch entry {
    case .memory(let contents):
      let array = try NPY(contents: contents)
      return InputArray(type: array.type, shape: array.shape, elements: .memory(array.bytes))
    case .file(let range):
      let start = copy(range.prefix(headerBytes), of: bytes)
      let header = try NPYHeader(contents: start)
      let place = (range.lowerBound + header.end)..<range.upperBound
      return InputArray(
        type: try header.elementType(byteCount: place.count), shape: header.shape, elements: .file(place))
    }
  }

  private static func copy(_ range: Range<Int>, of bytes: ModelBytes) -> [UInt8] {
    bytes.withBytes(in: range) { part in unsafe part.withUnsafeBytes { unsafe [UInt8]($0) } }
  }

  private static func entries(
    _ bytes: ModelBytes, _ path: String
  ) throws(CommandFailure) -> [String: InputArray.Elements] {
    let entries: [String: InputArray.Elements]?
    do throws(VisionError) {
      entries = try bytes.withBytes(in: 0..<bytes.count) { span throws(VisionError) in try elements(span) }
    } catch {
      throw CommandFailure(error, file: path)
    }
    guard let entries else { throw CommandFailure(.badData, file: path, "is no .npz archive") }
    return entries
  }

  private static func elements(_ span: RawSpan) throws(VisionError) -> [String: InputArray.Elements]? {
    guard let archive = try ZipArchive(at: span) else { return nil }
    var entries: [String: InputArray.Elements] = [:]
    for entry in archive.entries {
      if let range = try archive.storedRange(of: entry, in: span) {
        entries[entry.name] = .file(range)
      } else {
        entries[entry.name] = .memory(try archive.contents(of: entry, in: span))
      }
    }
    return entries
  }

  func sample(_ index: Int) throws -> [[UInt8]] {
    defer { bytes.forgetPages() }
    return try zip(inputs, arrays).map { input, array in
      let stride = array.byteCount / max(count, 1)
      let place = (index * stride)..<((index + 1) * stride)
      let part =
        switch array.elements {
        case .memory(let bytes): [UInt8](bytes[place])
        case .file(let range):
          Self.copy((range.lowerBound + place.lowerBound)..<(range.lowerBound + place.upperBound), of: bytes)
        }
      do throws(NPYError) {
        return try input.bytes(of: NPY(type: array.type, shape: [Int](array.shape.dropFirst()), bytes: part))
      } catch {
        throw CommandFailure(.badData, file: path, error.message)
      }
    }
  }
}
