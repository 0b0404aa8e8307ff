import ModelFormat

extension NPY {
  static let signature: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// Reads the contents of a .npy file: little-endian, C order, exactly as many bytes as the shape needs.
  init(contents: [UInt8]) throws(NPYError) {
    let header = try NPYHeader(contents: contents)
    let type = try header.elementType(byteCount: contents.count - header.end)
    self.init(type: type, shape: header.shape, bytes: Array(contents[header.end...]))
  }
}

extension NPYHeader {
  /// The type of the elements, of which `byteCount` bytes were found.
  ///
  /// - Throws: `NPYError` for types and orders that are not read, and for another number of bytes than the shape needs.
  func elementType(byteCount: Int) throws(NPYError) -> ElementType {
    guard let type = NPY.type(of: descriptor) else {
      let advice = descriptor.hasPrefix(">") ? "; store it little-endian" : ""
      throw NPYError("elements of type '\(descriptor)' are not supported\(advice)")
    }
    guard !isFortranOrder || shape.count(where: { $0 != 1 }) <= 1 else {
      throw NPYError("the array is in Fortran order, expected C order; store numpy.ascontiguousarray(array)")
    }
    var count = 1
    for dimension in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
      guard !overflow else { throw NPYError("the shape has more elements than fit in memory") }
      count = product
    }
    guard let expected = type.byteCount(of: count), byteCount == expected else {
      throw NPYError("found \(byteCount) bytes of elements, expected \(count) elements of \(type.bitWidth / 8) bytes")
    }
    return type
  }
}
