internal import ModelFormat
internal import ONNXFormat

/// An ONNX node while it is being translated: operands, attributes and the builder.
struct ONNXNode {
  let proto: Onnx_NodeProto
  let builder: GraphBuilder
  /// The version of the operator set that the node belongs to.
  let opset: Int
  /// `nil` where the node leaves an operand out.
  let inputs: [ValueID?]

  /// The node's name or, as many exporters leave it out, that of its first output.
  static func layerName(_ proto: Onnx_NodeProto) -> String {
    let name = proto.name.isEmpty ? proto.output.first ?? "" : proto.name
    return "\(name) (\(proto.opType))"
  }

  /// The same node with other operands.
  func with(inputs: [ValueID?]) -> ONNXNode {
    ONNXNode(proto: proto, builder: builder, opset: opset, inputs: inputs)
  }

  // MARK: Operands

  func input(_ index: Int) throws -> ValueID {
    guard let id = optional(index) else { throw malformed("input \(index) is missing") }
    return id
  }

  func optional(_ index: Int) -> ValueID? { inputs.indices.contains(index) ? inputs[index] : nil }

  func shape(_ index: Int) throws -> [Int] { builder.shape(try input(index)) }

  func type(_ index: Int) throws -> ElementType { builder.type(try input(index)) }

  /// A constant operand as integers; `nil` when the node leaves it out.
  func integers(_ index: Int, _ what: String) throws -> [Int]? {
    guard let id = optional(index) else { return nil }
    guard let elements = builder.constantIntegers(id) else { throw notConstant(index, what) }
    return elements
  }

  /// A constant operand as floats; `nil` when the node leaves it out.
  func floats(_ index: Int, _ what: String) throws -> [Float]? {
    guard let id = optional(index) else { return nil }
    guard let elements = builder.constantFloats(id) else { throw notConstant(index, what) }
    return elements
  }

  /// `axis` counted from the front.
  func normalized(_ axis: Int, rank: Int) throws -> Int {
    let index = axis < 0 ? axis &+ rank : axis
    guard index >= 0, index < rank else { throw malformed("axis \(axis) is outside a tensor of rank \(rank)") }
    return index
  }

  /// How many outputs the node names; an empty name stands for one that nothing reads.
  var outputCount: Int { proto.output.count }

  func isOutputUsed(_ index: Int) -> Bool { proto.output.indices.contains(index) && !proto.output[index].isEmpty }

  // MARK: Attributes

  func attribute(_ name: String) -> Onnx_AttributeProto? { proto.attribute.first { $0.name == name } }

  func int(_ name: String, default standard: Int) -> Int { attribute(name).map { Int($0.i) } ?? standard }

  func ints(_ name: String) -> [Int]? { attribute(name).map { $0.ints.map { Int($0) } } }

  func float(_ name: String, default standard: Float) -> Float { attribute(name).map(\.f) ?? standard }

  func optionalFloat(_ name: String) -> Float? { attribute(name).map(\.f) }

  func floats(named name: String) -> [Float]? { attribute(name).map(\.floats) }

  func string(_ name: String, default standard: String) -> String {
    attribute(name).map { String(decoding: $0.s, as: UTF8.self) } ?? standard
  }

  func strings(_ name: String) -> [String]? {
    attribute(name).map { $0.strings.map { String(decoding: $0, as: UTF8.self) } }
  }

  // MARK: Errors

  var layer: String { Self.layerName(proto) }

  /// The model contradicts the operator's specification.
  func malformed(_ problem: String) -> ConversionError {
    ConversionError(.badData, layer: layer, problem, remedy: "export the model again")
  }

  /// The model is sound, but this form has no translation.
  func unsupported(_ problem: String, _ remedy: String) -> ConversionError {
    ConversionError(.unavailable, layer: layer, problem, remedy: remedy)
  }

  func notConstant(_ index: Int, _ what: String) -> ConversionError {
    unsupported(
      "its \(what) (input \(index)) is computed from data",
      "make it a constant when exporting, or give open dimensions with --input-shape")
  }

  /// Refuses to work out a constant of more elements than any real layer needs.
  func requireModest(_ counts: Int...) throws {
    let count = counts.reduce(1.0) { $0 * Double($1) }
    guard count <= 0x1p26 else {
      throw unsupported("it needs a constant of \(count) elements", "use smaller tensors")
    }
  }

  /// Refuses other types than float32 in input `index`.
  func requireFloat(_ index: Int) throws {
    let type = try type(index)
    guard type == .float32 else {
      throw unsupported("input \(index) is \(type.name), expected float32", "cast it to float32 before the layer")
    }
  }
}
