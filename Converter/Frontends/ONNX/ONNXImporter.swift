internal import FoundationEssentials
package import ModelFormat
internal import ONNXFormat
internal import SwiftProtobuf

/// Reads ONNX models (operator sets 7 to 23) into graphs.
///
/// Every dimension has to be known: the first one, if open, is taken as 1, others come from the caller.
package struct ONNXImporter {
  let builder = GraphBuilder()
  private let external: ExternalData
  private let inputShapes: [String: [Int]]
  private let inputValues: [String: [Double]]
  var opset = 0
  var scope = ONNXScope()
  var functions = ONNXFunctions()
  /// How many calls of functions there are around this place.
  var depth = 0
  /// How many calls and repetitions were written out.
  var expansions = 0

  /// - Parameters:
  ///   - path: where `bytes` come from: external data is looked for beside it.
  ///   - inputShapes: shapes by input name, in the source model's layout.
  ///   - inputValues: numbers of inputs that become constants, by name: one for all elements, or one for each.
  /// - Throws: `ConversionError` that names the layer and the remedy; operators without a translation are collected and
  ///   named together.
  package static func graph(
    of bytes: ModelBytes, path: String?, inputShapes: [String: [Int]] = [:], inputValues: [String: [Double]] = [:]
  ) throws -> Graph {
    let outline = ONNXOutline(bytes)
    let model = try model(of: bytes, outline)
    var importer = ONNXImporter(
      external: ExternalData(modelPath: path), inputShapes: inputShapes, inputValues: inputValues)
    return try importer.graph(of: model, weights: outline?.weights.mapValues { ConstantBytes(bytes, $0) } ?? [:])
  }

  private static func model(of file: ModelBytes, _ outline: ONNXOutline?) throws -> Onnx_ModelProto {
    do {
      var options = BinaryDecodingOptions()
      options.messageDepthLimit = 64
      if let outline { return try Onnx_ModelProto(serializedBytes: outline.message, options: options) }
      return try file.withBytes(in: 0..<file.count) { span in
        // Fields of bytes are copied out of the file, so nothing refers to it afterwards.
        try unsafe span.withUnsafeBytes { file in
          guard let start = file.baseAddress else { return Onnx_ModelProto() }
          let data = unsafe Data(
            bytesNoCopy: UnsafeMutableRawPointer(mutating: start), count: file.count, deallocator: .none)
          return try Onnx_ModelProto(serializedBytes: data, options: options)
        }
      }
    } catch {
      throw ConversionError(.badData, "not an ONNX model, or damaged", remedy: "copy or export the file again")
    }
  }

  private init(external: ExternalData, inputShapes: [String: [Int]], inputValues: [String: [Double]]) {
    self.external = external
    self.inputShapes = inputShapes
    self.inputValues = inputValues
  }

  /// - Parameter weights: raw bytes of initializers, by position, that the message lacks.
  private mutating func graph(of model: Onnx_ModelProto, weights: [Int: ConstantBytes]) throws -> Graph {
    guard model.hasGraph, !model.graph.output.isEmpty else {
      throw ConversionError(
        .badData, "the ONNX model has no graph or no outputs", remedy: "copy or export the file again")
    }
    functions = ONNXFunctions(model.functions)
    opset = try opset(of: model)
    try refuseUnknownOperators(model)
    try addInitializers(model.graph, weights)
    try addInputs(model.graph)
    try add(model.graph.node)
    for output in model.graph.output {
      guard var id = scope[output.name] else {
        throw ConversionError(.badData, "no layer computes output '\(output.name)'", remedy: "export the model again")
      }
      // An input or constant that is handed through, or one value under two names: outputs are tensors of their own.
      if builder.graph.inputs.contains(id) || builder.graph[id].isConstant || builder.graph.outputs.contains(id) {
        builder.name = output.name
        builder.source = output.name
        id = try copy(id)
      }
      builder.graph[id].name = output.name
      let value = builder.graph[id]
      builder.graph.addOutput(
        id,
        layout: BoundaryLayout(
          sourceName: output.name, sourceShape: value.shape, permutation: Array(value.shape.indices)))
    }
    return builder.graph
  }

  /// A computed tensor of the same elements.
  private func copy(_ id: ValueID) throws -> ValueID {
    let value = builder.graph[id]
    let shape = builder.integers(value.shape)
    let result = builder.graph.add(Value(name: builder.name, type: value.type, shape: value.shape))
    builder.graph.add(Node(.reshape(value.shape), inputs: [id, shape], outputs: [result], source: builder.source))
    return result
  }

  private func opset(of model: Onnx_ModelProto) throws -> Int {
    let standard = model.opsetImport.first { $0.domain.isEmpty || $0.domain == "ai.onnx" }
    // A model of other domains' operators alone has no version to be too old.
    if standard == nil, !model.opsetImport.isEmpty { try refuseUnknownOperators(model) }
    let version = standard.map { Int($0.version) } ?? 1
    guard version >= 7 else {
      throw ConversionError(
        .unavailable, "operator set \(version), the converter reads 7 and later",
        remedy: "convert the model with onnx.version_converter, or export it again")
    }
    return version
  }

  private func refuseUnknownOperators(_ model: Onnx_ModelProto) throws {
    let nodes = model.graph.node + functions.bodies(calledBy: model.graph.node)
    let unknown = nodes.filter { node in
      functions[node] == nil && !ONNXOperators.isStructure(node) && ONNXOperators.lowering(of: node) == nil
    }
    guard !unknown.isEmpty else { return }
    throw ONNXOperators.refusal(of: unknown)
  }

  mutating func addInitializers(
    _ graph: Onnx_GraphProto, _ weights: [Int: ConstantBytes] = [:]
  ) throws {
    guard graph.sparseInitializer.isEmpty else {
      throw ConversionError(.unavailable, "sparse weights", remedy: "export the model with dense weights")
    }
    for (index, tensor) in graph.initializer.enumerated() {
      if let type = ONNXTensor.type(tensor.dataType), type == .string { continue }
      scope[tensor.name] = builder.graph.add(try ONNXTensor.value(tensor, raw: weights[index], folder: external))
    }
  }

  private mutating func addInputs(_ graph: Onnx_GraphProto) throws {
    let names = graph.input.map(\.name).filter { scope[$0] == nil }
    for (option, given) in [("shape", Array(inputShapes.keys)), ("value", Array(inputValues.keys))] {
      guard let name = given.sorted().first(where: { !names.contains($0) }) else { continue }
      throw ConversionError(
        .usage,
        "--input-\(option) names '\(name)', the model's inputs are "
          + names.map { "'\($0)'" }.joined(separator: ", "))
    }
    for input in graph.input where scope[input.name] == nil {
      let tensor = input.type.tensorType
      guard let type = ONNXTensor.type(tensor.elemType), type != .string else {
        throw ConversionError(
          .unavailable, layer: input.name, "an input of type \(ONNXTensor.name(tensor.elemType))",
          remedy: "export the model with float32 or integer inputs")
      }
      let open = tensor.shape.dim.map { dimension -> Int in
        if case .dimValue(let size) = dimension.value, size >= 0 { Int(size) } else { -1 }
      }
      let shape = try shape(of: input.name, open: open, dimensions: tensor.shape.dim)
      if let numbers = inputValues[input.name] {
        scope[input.name] = try constant(input.name, numbers, type, shape)
        continue
      }
      let id = builder.graph.add(Value(name: input.name, type: type, shape: shape))
      builder.graph.addInput(id)
      scope[input.name] = id
    }
  }

  private func shape(
    of name: String, open: [Int], dimensions: [Onnx_TensorShapeProto.Dimension]
  ) throws -> [Int] {
    var shape = open
    if let given = inputShapes[name] {
      guard given.count == open.count || open.isEmpty,
        zip(given, open).allSatisfy({ $1 < 0 || $0 == $1 })
      else {
        throw ConversionError(
          .usage, "--input-shape \(name)=\(given) does not fit the model's \(text(dimensions))")
      }
      shape = given
    }
    if shape.first == -1 { shape[0] = 1 }
    guard !shape.contains(-1) else {
      let example = shape.enumerated().map { $1 == -1 ? "<\(symbol(dimensions[$0], $0))>" : "\($1)" }
      throw ConversionError(
        .unavailable, "input '\(name)' has open dimensions \(text(dimensions))",
        remedy: "give them with --input-shape \(name)=\(example.joined(separator: ","))")
    }
    let (_, isImpossible) = shape.reduce((1, false)) { partial, dimension in
      let (product, overflow) = partial.0.multipliedReportingOverflow(by: dimension)
      return (product, partial.1 || overflow || product > 1 << 40)
    }
    guard !isImpossible else { throw ConversionError(.badData, "input '\(name)' has an impossible shape \(shape)") }
    return shape
  }

  /// What takes the place of an input to which the caller gives numbers.
  private func constant(_ name: String, _ numbers: [Double], _ type: ElementType, _ shape: [Int]) throws -> ValueID {
    let count = shape.reduce(1, *)
    guard numbers.count == count || numbers.count == 1, count <= 1 << 24 else {
      throw ConversionError(
        .usage, "--input-value \(name) has \(numbers.count) numbers, the input is \(type.name)\(shape)")
    }
    for number in numbers {
      guard let expected = ScalarBytes.expectation(number, type) else { continue }
      throw ConversionError(
        .usage, "--input-value \(name) is \(number) and the input \(type.name), expected \(expected)")
    }
    let elements = numbers.map { ScalarBytes.bytes($0, type).array }
    let bytes = elements.count == count ? elements.flatMap { $0 } : (0..<count).flatMap { _ in elements[0] }
    return builder.constant(ConstantBytes(bytes), type: type, shape: shape, name: name)
  }

  private func symbol(_ dimension: Onnx_TensorShapeProto.Dimension, _ index: Int) -> String {
    dimension.dimParam.isEmpty || dimension.dimParam == "?" ? "dimension \(index)" : dimension.dimParam
  }

  private func text(_ dimensions: [Onnx_TensorShapeProto.Dimension]) -> String {
    let parts = dimensions.enumerated().map { index, dimension in
      if case .dimValue(let size) = dimension.value, size >= 0 { "\(size)" } else { symbol(dimension, index) }
    }
    return "[\(parts.joined(separator: ", "))]"
  }

  // MARK: Nodes

  mutating func add(_ nodes: [Onnx_NodeProto]) throws {
    for proto in nodes {
      builder.source = ONNXNode.layerName(proto)
      builder.name = proto.output.first { !$0.isEmpty } ?? proto.name
      if let function = functions[proto] {
        try call(function, proto)
      } else if ONNXOperators.isStructure(proto) || isOfSequences(proto) {
        try addStructure(proto)
      } else {
        try addOperator(proto)
      }
    }
  }

  private mutating func addOperator(_ proto: Onnx_NodeProto) throws {
    guard let lowering = ONNXOperators.lowering(of: proto) else { throw ONNXOperators.refusal(of: [proto]) }
    let inputs = try proto.input.map { try operand($0) }
    let node = ONNXNode(proto: proto, builder: builder, opset: opset, inputs: inputs)
    let outputs = try lowering(node)
    for (name, id) in zip(proto.output, outputs) where !name.isEmpty { scope[name] = id }
    for name in proto.output.dropFirst(outputs.count) where !name.isEmpty {
      throw node.unsupported("its output '\(name)' has no translation", "export the model without it")
    }
  }

  /// The tensor that a layer reads; `nil` for one that is left out.
  func operand(_ name: String) throws -> ValueID? {
    if name.isEmpty || scope.isLeftOut(name) { return nil }
    guard let id = scope[name] else {
      throw ConversionError(
        .badData, layer: builder.source, "it reads '\(name)', which nothing computes",
        remedy: "export the model again")
    }
    return id
  }

  /// Layers that hold graphs, or work on sequences of tensors.
  private mutating func addStructure(_ proto: Onnx_NodeProto) throws {
    switch proto.opType {
    case "If": try addBranch(proto)
    case "Loop": try addLoop(proto)
    case "Scan": try addScan(proto)
    case "SequenceMap": try addMap(proto)
    default: try addSequence(proto)
    }
  }
}
