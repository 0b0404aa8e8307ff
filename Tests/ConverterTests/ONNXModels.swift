import Converter
import Foundation
import ModelFormat
import ONNXFormat
import Swiftlet
import SwiftProtobuf

/// Builds ONNX models for tests.
struct ONNXModel {
  var proto = Onnx_ModelProto()

  init(opset: Int64 = 17) {
    var set = Onnx_OperatorSetIdProto()
    set.version = opset
    proto.opsetImport = [set]
    proto.graph = Onnx_GraphProto()
  }

  mutating func input(_ name: String, _ shape: [Int64], type: Int32 = 1) {
    var tensor = Onnx_TypeProto.Tensor()
    tensor.elemType = type
    tensor.shape.dim = shape.map { size in
      var dimension = Onnx_TensorShapeProto.Dimension()
      if size < 0 { dimension.dimParam = "N" } else { dimension.dimValue = size }
      return dimension
    }
    var value = Onnx_ValueInfoProto()
    value.name = name
    value.type.tensorType = tensor
    proto.graph.input.append(value)
  }

  mutating func output(_ name: String) {
    var value = Onnx_ValueInfoProto()
    value.name = name
    proto.graph.output.append(value)
  }

  mutating func weights(_ name: String, _ shape: [Int64], _ elements: [Float]) {
    var tensor = Onnx_TensorProto()
    (tensor.name, tensor.dims, tensor.dataType, tensor.floatData) = (name, shape, 1, elements)
    proto.graph.initializer.append(tensor)
  }

  mutating func integers(_ name: String, _ shape: [Int64], type: Int32, _ elements: [Int32]) {
    var tensor = Onnx_TensorProto()
    (tensor.name, tensor.dims, tensor.dataType, tensor.int32Data) = (name, shape, type, elements)
    proto.graph.initializer.append(tensor)
  }

  mutating func external(_ name: String, _ shape: [Int64], location: String) {
    var tensor = Onnx_TensorProto()
    (tensor.name, tensor.dims, tensor.dataType, tensor.dataLocation) = (name, shape, 1, 1)
    var entry = Onnx_StringStringEntryProto()
    (entry.key, entry.value) = ("location", location)
    tensor.externalData = [entry]
    proto.graph.initializer.append(tensor)
  }

  mutating func node(
    _ type: String, _ inputs: [String], _ outputs: [String], name: String = "", domain: String = "",
    ints: [String: [Int64]] = [:], attributes: [Onnx_AttributeProto] = []
  ) {
    var node = Onnx_NodeProto()
    (node.opType, node.input, node.output, node.name, node.domain) = (type, inputs, outputs, name, domain)
    node.attribute = ints.sorted { $0.key < $1.key }.map { key, values in
      var attribute = Onnx_AttributeProto()
      (attribute.name, attribute.ints, attribute.type) = (key, values, 7)
      return attribute
    }
    node.attribute += attributes
    proto.graph.node.append(node)
  }

  mutating func output(_ names: [String]) { for name in names { output(name) } }

  var bytes: [UInt8] { (try? proto.serializedBytes()) ?? [] }

  /// A convolution with batch normalization and an activation, on a picture with 2 channels.
  static var small: ONNXModel {
    var model = ONNXModel()
    model.input("x", [-1, 2, 4, 4])
    model.weights("w", [2, 2, 1, 1], [1, 2, 3, 4])
    for name in ["scale", "variance"] { model.weights(name, [2], [1, 1]) }
    for name in ["shift", "mean"] { model.weights(name, [2], [0.5, 0.25]) }
    model.node("Conv", ["x", "w"], ["c"], name: "conv")
    model.node("BatchNormalization", ["c", "scale", "shift", "mean", "variance"], ["b"])
    model.node("Relu", ["b"], ["y"])
    model.output("y")
    return model
  }
}

extension Onnx_AttributeProto {
  static func int(_ name: String, _ value: Int64) -> Self { .with { ($0.name, $0.i, $0.type) = (name, value, 2) } }
  static func float(_ name: String, _ value: Float) -> Self { .with { ($0.name, $0.f, $0.type) = (name, value, 1) } }
  static func text(_ name: String, _ value: String) -> Self {
    .with { ($0.name, $0.s, $0.type) = (name, Data(value.utf8), 3) }
  }
  /// The graph of a model.
  static func graph(_ name: String, _ model: ONNXModel) -> Self {
    .with { ($0.name, $0.g, $0.type) = (name, model.proto.graph, 5) }
  }
}

/// A folder that is removed with the last reference to it.
final class Folder: Sendable {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appending(path: "converter-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file and returns its path.
  func write(_ bytes: [UInt8], to name: String) throws -> String {
    try Data(bytes).write(to: URL(filePath: "\(path)/\(name)"))
    return "\(path)/\(name)"
  }

  /// Converts the model from a file in the folder.
  func convert(_ model: ONNXModel, _ options: Conversion.Options = Conversion.Options()) throws -> Conversion {
    try Conversion(path: write(model.bytes, to: "model.onnx"), options: options)
  }

  /// What the converted model gives for its inputs, in the order of the file.
  func run(
    _ model: ONNXModel, _ inputs: [Float]..., options: Conversion.Options = .plain
  ) throws -> [[Float]] {
    let file = try Model(bytes: ModelBytes(copying: convert(model, options).file))
    let interpreter = try Interpreter(program: Program(model: file))
    for (index, input) in inputs.enumerated() { try interpreter.setInput(index, to: input) }
    try interpreter.invoke()
    return try interpreter.program.outputs.indices.map { try interpreter.output($0, as: Float.self) }
  }
}

extension Conversion.Options {
  /// Inputs and outputs as the source model has them.
  static var plain: Self {
    var options = Self()
    options.keepsLayout = true
    return options
  }
}
