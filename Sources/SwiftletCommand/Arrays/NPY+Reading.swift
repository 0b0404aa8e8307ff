import ModelFormat

extension NPY {
  static let signature: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// Reads the contents of a .npy file: little-endian, C order, exactly as many bytes as the shape needs.
  init(contents: [UInt8]) throws(NPYError) {
    let header = try NPYHeader(contents: contents)
    guard let type = NPY.type(of: header.descriptor) else {
      let advice = header.descriptor.hasPrefix(">") ? "; store it little-endian" : ""
      throw NPYError("elements of type '\(header.descriptor)' are not supported\(advice)")
    }
    guard !header.isFortranOrder || header.shape.count(where: { $0 != 1 }) <= 1 else {
      throw NPYError("the array is in Fortran order, expected C order; store numpy.ascontiguousarray(array)")
    }
    var count = 1
    for dimension in header.shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
      guard !overflow else { throw NPYError("the shape has more elements than fit in memory") }
      count = product
    }
    let found = contents.count - header.end
    guard let expected = type.byteCount(of: count), found == expected else {
      throw NPYError("found \(found) bytes of elements, expected \(count) elements of \(type.bitWidth / 8) bytes")
    }
    self.init(type: type, shape: header.shape, bytes: Array(contents[header.end...]))
  }
}
