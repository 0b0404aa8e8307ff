import ModelFormat

extension NPY {
  /// The contents of a .npy file, format version 1, elements aligned to 64 bytes.
  ///
  /// - Throws: for types that NumPy does not have.
  func contents() throws(NPYError) -> [UInt8] {
    guard let descriptor = NPY.descriptor(of: type) else {
      throw NPYError("NumPy has no type for \(type.name)")
    }
    let dimensions = shape.map { "\($0)," }.joined(separator: " ")
    // A tuple of one needs its comma, a longer one must not end with it.
    let tuple = shape.count > 1 ? "\(dimensions.dropLast())" : dimensions
    var header = "{'descr': '\(descriptor)', 'fortran_order': False, 'shape': (\(tuple)), }"
    let prefix = NPY.signature.count + 4
    header += String(repeating: " ", count: 63 - (prefix + header.utf8.count) % 64) + "\n"
    let length = UInt16(header.utf8.count)  // at most eight dimensions of 20 digits
    return NPY.signature + [1, 0, UInt8(length & 0xFF), UInt8(length >> 8)] + Array(header.utf8) + bytes
  }
}
