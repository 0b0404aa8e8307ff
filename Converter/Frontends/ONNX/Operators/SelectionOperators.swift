internal import ModelFormat

/// Operators whose outputs are as large as data has it, where these data are constants.
enum SelectionOperators {
  private static let remedy = "mask with Where instead"

  /// The coordinates of elements that are not zero: (rank, elements).
  static func nonZero(_ node: ONNXNode) throws -> [ValueID] {
    let builder = node.builder
    let id = try node.input(0)
    let shape = builder.shape(id)
    guard let places = builder.placesOfNonZero(id) else {
      throw node.unsupported("its output size depends on data", remedy)
    }
    let coordinates = shape.indices.flatMap { axis in
      let inner = shape[(axis + 1)...].reduce(1, *)
      return places.map { Int64($0 / inner % shape[axis]) }
    }
    return [
      builder.constant(ConstantBytes(elements: coordinates), type: .int64, shape: [shape.count, places.count])
    ]
  }

  /// The slices along an axis, or the elements, for which the condition holds.
  static func compress(_ node: ONNXNode) throws -> [ValueID] {
    let builder = node.builder
    guard let places = builder.placesOfNonZero(try node.input(1)) else {
      throw node.unsupported("its output size depends on data", remedy)
    }
    var data = try node.input(0)
    var axis = 0
    if node.attribute("axis") == nil {
      data = try builder.reshape(data, [builder.shape(data).reduce(1, *)])
    } else {
      axis = try node.normalized(node.int("axis", default: 0), rank: builder.shape(data).count)
    }
    let extent = builder.shape(data)[axis]
    guard places.last ?? 0 < max(extent, 1) else { throw node.malformed("its condition is longer than \(extent)") }
    return [try builder.emit(.gather(axis: axis), [data, builder.integers(places)])]
  }
}

extension GraphBuilder {
  /// Where a constant is not zero, by position among its elements; `nil` when it is computed.
  fileprivate func placesOfNonZero(_ id: ValueID) -> [Int]? {
    if let floats = constantFloats(id) { return floats.indices.filter { floats[$0] != 0 } }
    guard let integers = constantIntegers(id) else { return nil }
    return integers.indices.filter { integers[$0] != 0 }
  }
}
