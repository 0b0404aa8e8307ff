import Converter
import ModelFormat

/// An input of a float graph, as samples see it.
struct SampleInput: Sendable {
  let name: String
  let type: ElementType
  /// In the graph.
  let shape: [Int]
  /// In the source model, which the samples' arrays follow.
  let sourceShape: [Int]
  /// Dimension `i` of `shape` is dimension `permutation[i]` of `sourceShape`.
  let permutation: [Int]

  static func inputs(of graph: Graph) -> [SampleInput] {
    zip(graph.inputs, graph.inputLayouts).map { id, layout in
      SampleInput(
        name: layout.sourceName, type: graph[id].type, shape: graph[id].shape, sourceShape: layout.sourceShape,
        permutation: layout.permutation)
    }
  }

  /// The bytes of the input for an array in the source model's layout, with or without its first dimension of 1.
  ///
  /// - Throws: `NPYError` that says what was expected.
  func bytes(of array: NPY) throws(NPYError) -> [UInt8] {
    let batchless = sourceShape.first == 1 ? Array(sourceShape.dropFirst()) : sourceShape
    guard array.shape == sourceShape || array.shape == batchless else {
      throw NPYError(
        "found \(array.type.name)\(array.shape.text), expected \(type.name)\(sourceShape.text) for input '\(name)'")
    }
    guard let elements = ArrayElements.converted(array, to: type) else {
      throw NPYError("found elements of type \(array.type.name), expected \(type.name) for input '\(name)'")
    }
    let bytes = ConstantBytes(elements)
    guard permutation != Array(permutation.indices) else { return elements }
    return bytes.transposed(shape: sourceShape, permutation: permutation, elementBytes: type.bitWidth / 8).array
  }
}

/// Elements of arrays in other types.
enum ArrayElements {
  /// The bytes of the array's elements as `type`; `nil` where a number would have to be rounded to an integer or the
  /// types are no numbers.
  static func converted(_ array: NPY, to type: ElementType) -> [UInt8]? {
    if array.type == type { return array.bytes }
    let constant = ConstantBytes(array.bytes)
    switch type {
    case .float32:
      let elements: [Float]? =
        switch array.type {
        case .float64: constant.elements(as: Double.self).map { Float($0) }
        case .uint8: array.bytes.map { Float($0) }
        case .int8: constant.elements(as: Int8.self).map { Float($0) }
        case .int16: constant.elements(as: Int16.self).map { Float($0) }
        case .int32: constant.elements(as: Int32.self).map { Float($0) }
        case .int64: constant.elements(as: Int64.self).map { Float($0) }
        default: nil
        }
      return elements.map { ConstantBytes(elements: $0).array }
    case .int32 where array.type == .int64:
      return ConstantBytes(elements: constant.elements(as: Int64.self).map { Int32(clamping: $0) }).array
    case .int64 where array.type == .int32:
      return ConstantBytes(elements: constant.elements(as: Int32.self).map { Int64($0) }).array
    default: return nil
    }
  }
}
