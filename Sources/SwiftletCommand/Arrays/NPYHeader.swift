/// The header of a .npy file: signature, version, length, and a Python dictionary in text.
struct NPYHeader {
  let descriptor: String
  let isFortranOrder: Bool
  let shape: [Int]
  /// Where the elements begin in the file.
  let end: Int

  init(contents: [UInt8]) throws(NPYError) {
    guard contents.starts(with: NPY.signature) else { throw NPYError("is not a NumPy array: the signature is absent") }
    guard contents.count >= 8 else { throw NPYError("the header is cut off") }
    let version = contents[6]
    guard (1...3).contains(version) else { throw NPYError("has NumPy format version \(version), expected 1, 2 or 3") }
    let start = version == 1 ? 10 : 12
    guard contents.count >= start else { throw NPYError("the header is cut off") }
    let length = (8..<start).reversed().reduce(0) { $0 << 8 | Int(contents[$1]) }
    guard length <= contents.count - start else {
      throw NPYError("the header is cut off: found \(contents.count - start) bytes, expected \(length)")
    }
    end = start + length
    var scanner = PythonLiteralScanner(text: contents[start..<end])
    let dictionary = try scanner.dictionary()
    guard case .string(let descriptor) = dictionary["descr"] else {
      throw NPYError("the header's 'descr' is absent or not a string; structured arrays are not supported")
    }
    guard case .bool(let order) = dictionary["fortran_order"] else {
      throw NPYError("the header's 'fortran_order' is absent or not True or False")
    }
    guard case .tuple(let shape) = dictionary["shape"] else {
      throw NPYError("the header's 'shape' is absent or not a tuple of numbers from 0")
    }
    (self.descriptor, isFortranOrder, self.shape) = (descriptor, order, shape)
  }
}
