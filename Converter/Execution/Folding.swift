internal import ModelFormat

/// Computes operators whose inputs are all constant.
enum Folding {
  /// The outputs; `nil` when an input is computed, when the runtime cannot compute the operator, or when the results
  /// would take more than `limit` bytes and more than their inputs.
  static func evaluate(
    _ operation: Operation, _ inputs: [Value?], outputs: [Value], limit: Int, source: String
  ) -> [ConstantBytes]? {
    guard !inputs.isEmpty, inputs.allSatisfy({ $0 == nil || $0?.constant != nil }), operation.kind.rawValue >= 0 else {
      return nil
    }
    let inputBytes = inputs.reduce(0) { $0 + ($1?.constant?.count ?? 0) }
    let outputBytes = outputs.reduce(0) { $0 + ($1.type.byteCount(of: $1.count) ?? Int.max / 4) }
    guard outputBytes <= max(limit, inputBytes) else { return nil }
    if let moved = moved(operation, inputs) { return [moved] }
    return OneNodeModel.evaluate(operation, inputs, outputs: outputs, source: source)
  }

  /// RESHAPE and TRANSPOSE, without a model around them: they concern weights.
  private static func moved(_ operation: Operation, _ inputs: [Value?]) -> ConstantBytes? {
    guard let data = inputs[0], let bytes = data.constant else { return nil }
    switch operation.kind {
    case .reshape, .squeeze, .expandDims: return bytes
    case .transpose:
      guard inputs.count == 2, let permutation = inputs[1]?.constant?.elements(as: Int32.self),
        data.type.bitWidth >= 8, permutation.count == data.shape.count
      else { return nil }
      return bytes.transposed(
        shape: data.shape, permutation: permutation.map { Int($0) }, elementBytes: data.type.bitWidth / 8)
    default: return nil
    }
  }
}

extension ConstantBytes {
  /// The elements in the order of the permuted dimensions: dimension `i` of the result is `permutation[i]` of this.
  package func transposed(shape: [Int], permutation: [Int], elementBytes: Int) -> ConstantBytes {
    var strides = Array(repeating: 1, count: shape.count)
    for index in stride(from: shape.count - 2, through: 0, by: -1) {
      strides[index] = strides[index + 1] * shape[index + 1]
    }
    let extents = permutation.map { shape[$0] }
    let steps = permutation.map { strides[$0] }
    defer { forgetPages() }
    return withBytes { bytes in
      ConstantBytes(
        unsafe [UInt8](unsafeUninitializedCapacity: bytes.byteCount) { target, count in
          let target = UnsafeMutableRawBufferPointer(target)
          Self.walk(extents, steps) { offset in
            if elementBytes == 4 {
              let element = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset * 4, as: UInt32.self)
              unsafe target.storeBytes(of: element, toByteOffset: count, as: UInt32.self)
            } else {
              for byte in 0..<elementBytes {
                unsafe target[count + byte] = unsafe bytes.unsafeLoad(
                  fromByteOffset: offset * elementBytes + byte, as: UInt8.self)
              }
            }
            count += elementBytes
          }
        })
    }
  }

  /// Calls `body` with the source offset of each element, in the result's order.
  private static func walk(_ extents: [Int], _ steps: [Int], _ body: (Int) -> Void) {
    guard !extents.contains(0) else { return }
    guard let last = extents.last, let step = steps.last else { return body(0) }
    var index = Array(repeating: 0, count: extents.count)
    var offset = 0
    while true {
      for inner in 0..<last { body(offset + inner * step) }
      var axis = extents.count - 2
      while axis >= 0 {
        index[axis] += 1
        offset += steps[axis]
        if index[axis] < extents[axis] { break }
        offset -= steps[axis] * extents[axis]
        index[axis] = 0
        axis -= 1
      }
      if axis < 0 { return }
    }
  }
}
