internal import FoundationEssentials
package import ModelFormat
internal import Vision

/// Reads Keras models into graphs: `.h5` files with a configuration of Keras 2 or 3, and `.keras` archives.
package struct KerasImporter {
  private let builder = GraphBuilder()
  private let file: HDF5File
  private let inputShapes: [String: [Int]]
  /// Whether Keras 3 wrote the file: some activations differ.
  private let isKeras3: Bool
  private let masks = KerasMasks()

  /// A whole model saved as HDF5.
  package static func graph(hdf5 path: String, inputShapes: [String: [Int]] = [:]) throws -> Graph {
    let file = try HDF5File(path: path)
    guard let text = file.text("model_config") else {
      throw ConversionError(
        .badData, "the file has no model configuration", remedy: "save the whole model with model.save, not its weights"
      )
    }
    let model = try KerasModel(KerasConfig(json: text), weights: .named("", scopes: []))
    return try KerasImporter(file, version: file.text("keras_version"), inputShapes).graph(of: model)
  }

  /// A `.keras` archive: a zip of the configuration and the weights. Entries are looked up by name and never unpacked to
  /// files.
  package static func graph(archive bytes: ModelBytes, inputShapes: [String: [Int]] = [:]) throws -> Graph {
    let (config, weights, metadata) = try bytes.withBytes(in: 0..<bytes.count) { span in
      do {
        guard let archive = try ZipArchive(at: span) else {
          throw ConversionError(.badData, "not a zip archive", remedy: "copy or save the model again")
        }
        let metadata = archive.entries.contains { $0.name == "metadata.json" }
        return (
          try entry("config.json", of: archive, span), try entry("model.weights.h5", of: archive, span),
          metadata ? try entry("metadata.json", of: archive, span) : nil
        )
      } catch let error as VisionError {
        throw ConversionError(.badData, "\(error)")
      }
    }
    let model = try KerasModel(KerasConfig(json: String(decoding: config, as: UTF8.self)), weights: .placed(""))
    let version = try metadata.flatMap {
      try KerasConfig(json: String(decoding: $0, as: UTF8.self))["keras_version"]?.text
    }
    return try KerasImporter(HDF5File(image: weights), version: version, inputShapes).graph(of: model)
  }

  private static func entry(_ name: String, of archive: ZipArchive, _ bytes: RawSpan) throws -> [UInt8] {
    guard let entry = archive.entries.first(where: { $0.name == name }) else {
      throw ConversionError(.badData, "the archive has no '\(name)'", remedy: "save the model with Keras 3")
    }
    return try archive.contents(of: entry, in: bytes)
  }

  private init(_ file: HDF5File, version: String?, _ inputShapes: [String: [Int]]) {
    self.file = file
    self.inputShapes = inputShapes
    isKeras3 = version.map { !$0.hasPrefix("2") && !$0.hasPrefix("1") } ?? true
  }

  private func graph(of model: KerasModel) throws -> Graph {
    try refuseUnknownLayers(model)
    let names = model.inputs.map(\.layer)
    for name in inputShapes.keys.sorted() where !names.contains(name) {
      throw ConversionError(
        .usage,
        "--input-shape names '\(name)', the model's inputs are \(names.map { "'\($0)'" }.joined(separator: ", "))")
    }
    var tensors: [KerasTensorReference: ValueID] = [:]
    for layer in model.layers where layer.className == "InputLayer" {
      tensors[KerasTensorReference(layer: layer.name, call: 0, output: 0)] = try addInput(layer)
    }
    for reference in model.inputs {
      guard let id = tensors[reference] else {
        throw ConversionError(
          .badData, layer: reference.layer, "the model's input is no InputLayer", remedy: "save the model again")
      }
      builder.graph.addInput(id)
    }
    try add(model, &tensors)
    for (index, reference) in model.outputs.enumerated() {
      guard let id = tensors[reference] else { throw missing(reference) }
      let earlier = model.outputs[..<index].filter { $0.layer == reference.layer }.count
      builder.graph[id].name = earlier == 0 ? reference.layer : "\(reference.layer):\(earlier)"
      builder.graph.addOutput(id)
    }
    return builder.graph
  }

  private func missing(_ reference: KerasTensorReference) -> ConversionError {
    ConversionError(.badData, layer: reference.layer, "nothing computes its output", remedy: "save the model again")
  }

  /// Calls of layers in an order in which their inputs are known: configurations list layers in order of creation.
  private func add(_ model: KerasModel, _ tensors: inout [KerasTensorReference: ValueID]) throws {
    var pending = model.layers.filter { $0.className != "InputLayer" }.flatMap { layer in
      layer.calls.indices.map { (layer: layer, call: $0) }
    }
    let firstCalls = model.firstCalls
    func output(_ index: Int, of entry: (layer: KerasLayerSpec, call: Int)) -> KerasTensorReference {
      KerasTensorReference(
        layer: entry.layer.name, call: (firstCalls[entry.layer.name] ?? 0) + entry.call, output: index)
    }
    while !pending.isEmpty {
      let ready = pending.filter { entry in entry.layer.calls[entry.call].tensors.allSatisfy { tensors[$0] != nil } }
      guard !ready.isEmpty else {
        throw ConversionError(
          .badData, layer: pending[0].layer.name, "its inputs are never computed", remedy: "save the model again")
      }
      for entry in ready {
        let resolved = try entry.layer.calls[entry.call].map { reference in
          guard let id = tensors[reference] else { throw missing(reference) }
          return id
        }
        for (index, id) in try call(entry.layer, resolved).enumerated() { tensors[output(index, of: entry)] = id }
      }
      pending.removeAll { tensors[output(0, of: $0)] != nil }
    }
  }

  private func call(_ spec: KerasLayerSpec, _ call: KerasCall<ValueID>) throws -> [ValueID] {
    builder.source = "\(spec.name) (\(spec.className))"
    builder.name = spec.name
    guard !call.tensors.isEmpty else {
      throw ConversionError(.badData, layer: builder.source, "it has no inputs", remedy: "save the model again")
    }
    if KerasLayers.isModel(spec.className) { return try callModel(spec, call.inputs) }
    if spec.className == "TimeDistributed" { return try callForEachStep(spec, call.inputs[0]) }
    // Its kernel is stored as it was normalized last.
    if spec.className == "SpectralNormalization" { return try self.call(wrapped(in: spec), call) }
    guard let lowering = KerasLayers.lowering(of: spec.className) else { throw KerasLayers.refusal(of: [spec]) }
    let layer = KerasLayer(
      spec: spec, builder: builder, call: call, weights: try KerasWeights(file).arrays(of: spec), masks: masks,
      isKeras3: isKeras3)
    let outputs = try lowering(layer)
    if let mask = layer.mask, let first = outputs.first, KerasMasks.pass(spec) { masks[first] = mask }
    return outputs
  }

  /// A model used as a layer.
  private func callModel(_ spec: KerasLayerSpec, _ inputs: [ValueID]) throws -> [ValueID] {
    let model = try KerasModel(
      .object(["class_name": .text(spec.className), "config": spec.config]), weights: spec.weights)
    try refuseUnknownLayers(model)
    guard model.inputs.count == inputs.count else {
      throw ConversionError(
        .badData, layer: builder.source, "it takes \(model.inputs.count) inputs", remedy: "save the model again")
    }
    var tensors = Dictionary(uniqueKeysWithValues: zip(model.inputs, inputs))
    try add(model, &tensors)
    return try model.outputs.map { reference in
      guard let id = tensors[reference] else { throw missing(reference) }
      return id
    }
  }

  /// A layer applied to every step of a sequence: the steps become the batch.
  private func callForEachStep(_ spec: KerasLayerSpec, _ input: ValueID) throws -> [ValueID] {
    let shape = builder.shape(input)
    guard shape.count > 2 else {
      throw ConversionError(
        .badData, layer: builder.source, "its input \(shape) has no steps", remedy: "save the model again")
    }
    let part = try wrapped(in: spec)
    let steps = try builder.reshape(input, [shape[0] * shape[1]] + shape[2...])
    return try call(part, KerasCall(arguments: [.tensor(steps)])).map { output in
      try builder.reshape(output, [shape[0], shape[1]] + builder.shape(output).dropFirst())
    }
  }

  /// The layer that another one wraps.
  private func wrapped(in spec: KerasLayerSpec) throws -> KerasLayerSpec {
    guard let part = spec.wrapped else {
      throw ConversionError(.badData, layer: builder.source, "it wraps no layer", remedy: "save the model again")
    }
    try refuseUnknownLayers([part])
    return part
  }

  private func refuseUnknownLayers(_ model: KerasModel) throws { try refuseUnknownLayers(model.layers) }

  private func refuseUnknownLayers(_ layers: [KerasLayerSpec]) throws {
    let unknown = layers.filter { layer in
      !["InputLayer", "SpectralNormalization", "TimeDistributed"].contains(layer.className)
        && !KerasLayers.isModel(layer.className) && KerasLayers.lowering(of: layer.className) == nil
    }
    if !unknown.isEmpty { throw KerasLayers.refusal(of: unknown) }
  }

  private func addInput(_ layer: KerasLayerSpec) throws -> ValueID {
    guard let stated = (layer.config["batch_input_shape"] ?? layer.config["batch_shape"])?.elements else {
      throw ConversionError(
        .unavailable, layer: layer.name, "the model has no input shape", remedy: "build the model before saving it")
    }
    var shape = stated.map { $0.int ?? -1 }
    if let given = inputShapes[layer.name] {
      guard given.count == shape.count, zip(given, shape).allSatisfy({ $1 < 0 || $0 == $1 }) else {
        throw ConversionError(.usage, "--input-shape \(layer.name)=\(given) does not fit the model's \(shape)")
      }
      shape = given
    }
    if shape.first == -1 { shape[0] = 1 }
    guard shape.allSatisfy({ $0 > 0 && $0 < 1 << 24 }) else {
      throw ConversionError(
        .unavailable, "input '\(layer.name)' has open dimensions",
        remedy:
          "give them with --input-shape \(layer.name)=\(shape.map { $0 < 0 ? "N" : "\($0)" }.joined(separator: ","))")
    }
    return builder.graph.add(Value(name: layer.name, type: try inputType(layer), shape: shape))
  }

  private func inputType(_ layer: KerasLayerSpec) throws -> ElementType {
    let dtype = layer.config["dtype"]
    switch dtype?.text ?? dtype?["config"]?["name"]?.text ?? "float32" {
    case "int32": return .int32
    case "int64": return .int64
    case "int8": return .int8
    case "uint8": return .uint8
    case "bool": return .bool
    case "string":
      throw ConversionError(
        .unavailable, "input '\(layer.name)' is text", remedy: "turn text into numbers before the model")
    default: return .float32
    }
  }
}
