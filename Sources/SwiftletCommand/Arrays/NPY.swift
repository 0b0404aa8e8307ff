import ModelFormat

/// An array as NumPy stores it in a .npy file (NumPy Enhancement Proposal 1, format versions 1 to 3).
struct NPY: Equatable {
  let type: ElementType
  let shape: [Int]
  /// Elements in C order, little-endian.
  let bytes: [UInt8]
}

/// What is wrong with an array file, without the file's name.
struct NPYError: Error, Equatable {
  let message: String

  init(_ message: String) { self.message = message }
}

extension NPY {
  /// "<f4", "|i1", ...; `nil` for types that NumPy does not have.
  static func descriptor(of type: ElementType) -> String? {
    switch type {
    case .float16: "<f2"
    case .float32: "<f4"
    case .float64: "<f8"
    case .int8: "|i1"
    case .int16: "<i2"
    case .int32: "<i4"
    case .int64: "<i8"
    case .uint8: "|u1"
    case .uint16: "<u2"
    case .uint32: "<u4"
    case .uint64: "<u8"
    case .bool: "|b1"
    case .complex64: "<c8"
    case .complex128: "<c16"
    default: nil
    }
  }

  /// The type that a descriptor means. For one-byte types the byte order may be anything.
  static func type(of descriptor: String) -> ElementType? {
    let types: [ElementType] = [
      .float16, .float32, .float64, .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64, .bool, .complex64,
      .complex128,
    ]
    return types.first {
      guard let known = Self.descriptor(of: $0) else { return false }
      return known == descriptor || (known.first == "|" && known.dropFirst() == descriptor.dropFirst())
    }
  }
}
