internal import CKerasFile
#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// An array of an HDF5 file.
struct KerasArray {
  let shape: [Int]
  let elements: [Float]
}

/// An HDF5 file through the system's library, in a process of its own. One call at a time.
@safe final class HDF5File {
  private let file: OpaquePointer

  /// Arrays of more elements than this are refused.
  private static let elementLimit = 1 << 30

  init(path: String) throws {
    var lacksLibrary = false
    guard let opened = unsafe swl_hdf5_open(path, &lacksLibrary) else { throw Self.refusal(lacksLibrary) }
    unsafe file = opened
  }

  init(image: [UInt8]) throws {
    var lacksLibrary = false
    guard let opened = unsafe swl_hdf5_open_image(image, image.count, &lacksLibrary) else {
      throw Self.refusal(lacksLibrary)
    }
    unsafe file = opened
  }

  deinit { unsafe swl_hdf5_close(file) }

  private static func refusal(_ lacksLibrary: Bool) -> ConversionError {
    lacksLibrary
      ? ConversionError(
        .unavailable, "Keras weights are read through HDF5, which is not installed",
        remedy: "install it (Debian: libhdf5-103-1)")
      : ConversionError(.badData, "the HDF5 file is damaged", remedy: "copy or save the model again")
  }

  func contains(_ path: String) -> Bool { unsafe swl_hdf5_exists(file, path) != 0 }

  /// The text attribute of the object at `path`: one string for each element.
  func texts(_ name: String, at path: String = "/") -> [String]? {
    guard let text = unsafe swl_hdf5_text(file, path, name) else { return nil }
    defer { unsafe free(text) }
    return unsafe String(cString: text).split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(
      String.init)
  }

  /// As `texts`, joined: for one long text.
  func text(_ name: String, at path: String = "/") -> String? { texts(name, at: path)?.joined(separator: "\n") }

  /// The array at `path`, as float32.
  ///
  /// - Throws: `ConversionError` for damaged and for impossible arrays, and for numbers that are none.
  func array(at path: String, layer: String) throws -> KerasArray {
    var dimensions = [Int64](repeating: 0, count: 8)
    let rank = unsafe swl_hdf5_shape(file, path, &dimensions)
    guard rank >= 0 else {
      throw ConversionError(
        .badData, layer: layer, "its weights '\(path)' are missing", remedy: "save the whole model again")
    }
    let shape = dimensions.prefix(Int(rank)).map { Int($0) }
    var count = 1
    for dimension in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
      guard !overflow, product <= Self.elementLimit else {
        throw ConversionError(
          .badData, layer: layer, "weights of an impossible shape \(shape)", remedy: "save the model again")
      }
      count = product
    }
    var elements = [Float](repeating: 0, count: count)
    guard unsafe swl_hdf5_read(file, path, &elements, count) == 0 else {
      throw ConversionError(
        .badData, layer: layer, "its weights '\(path)' are damaged", remedy: "copy or save the model again")
    }
    guard !elements.contains(where: \.isNaN) else {
      throw ConversionError(
        .badData, layer: layer, "a weight in '\(path)' is not a number (NaN)", remedy: "train or save the layer again")
    }
    return KerasArray(shape: shape, elements: elements)
  }
}
