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

  /// A whole model saved as HDF5.
  package static func graph(hdf5 path: String, inputShapes: [String: [Int]] = [:]) throws -> Graph {
    let file = try HDF5File(path: path)
    guard let text = file.text("model_config") else {
      throw ConversionError(
        .badData, "the file has no model configuration", remedy: "save the whole model with model.save, not its weights"
      )
    }
    let model = try KerasModel(KerasConfig(json: text), folder: nil)
    return try KerasImporter(file: file, inputShapes: inputShapes).graph(of: model)
  }

  /// A `.keras` archive: a zip of the configuration and the weights. Entries are looked up by name and never unpacked to
  /// files.
  package static func graph(archive bytes: ModelBytes, inputShapes: [String: [Int]] = [:]) throws -> Graph {
    let (config, weights) = try bytes.withBytes(in: 0..<bytes.count) { span in
      do {
        guard let archive = try ZipArchive(at: span) else {
          throw ConversionError(.badData, "not a zip archive", remedy: "copy or save the model again")
        }
        return (try entry("config.json", of: archive, span), try entry("model.weights.h5", of: archive, span))
      } catch let error as VisionError {
        throw ConversionError(.badData, "\(error)")
      }
    }
    let model = try KerasModel(KerasConfig(json: String(decoding: config, as: UTF8.self)), folder: "")
    return try KerasImporter(file: HDF5File(image: weights), inputShapes: inputShapes).graph(of: model)
  }

  private static func entry(_ name: String, of archive: ZipArchive, _ bytes: RawSpan) throws -> [UInt8] {
    guard let entry = archive.entries.first(where: { $0.name == name }) else {
      throw ConversionError(.badData, "the archive has no '\(name)'", remedy: "save the model with Keras 3")
    }
    return try archive.contents(of: entry, in: bytes)
  }

  private init(file: HDF5File, inputShapes: [String: [Int]]) {
    self.file = file
    self.inputShapes = inputShapes
    isKeras3 = file.text("keras_version").map { !$0.hasPrefix("2") && !$0.hasPrefix("1") } ?? true
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
    while !pending.isEmpty {
      let ready = pending.filter { entry in entry.layer.calls[entry.call].allSatisfy { tensors[$0] != nil } }
      guard !ready.isEmpty else {
        throw ConversionError(
          .badData, layer: pending[0].layer.name, "its inputs are never computed", remedy: "save the model again")
      }
      for entry in ready {
        let inputs = entry.layer.calls[entry.call].compactMap { tensors[$0] }
        for (index, output) in try call(entry.layer, inputs).enumerated() {
          tensors[KerasTensorReference(layer: entry.layer.name, call: entry.call, output: index)] = output
        }
      }
      pending.removeAll { entry in
        tensors[KerasTensorReference(layer: entry.layer.name, call: entry.call, output: 0)] != nil
      }
    }
  }

  private func call(_ spec: KerasLayerSpec, _ inputs: [ValueID]) throws -> [ValueID] {
    builder.source = "\(spec.name) (\(spec.className))"
    builder.name = spec.name
    if KerasLayers.isModel(spec.className) { return try callModel(spec, inputs) }
    guard let lowering = KerasLayers.table[spec.className] else { throw KerasLayers.refusal(of: [spec]) }
    guard !inputs.isEmpty else {
      throw ConversionError(.badData, layer: builder.source, "it has no inputs", remedy: "save the model again")
    }
    let layer = KerasLayer(
      spec: spec, builder: builder, inputs: inputs, weights: try weights(of: spec), isKeras3: isKeras3)
    return try lowering(layer)
  }

  /// A model used as a layer.
  private func callModel(_ spec: KerasLayerSpec, _ inputs: [ValueID]) throws -> [ValueID] {
    guard case .placed(let folder) = spec.weights else {
      throw ConversionError(
        .unavailable, layer: builder.source, "a model inside a model in an .h5 file", remedy: "save the model as .keras"
      )
    }
    let model = try KerasModel(
      .object(["class_name": .text(spec.className), "config": spec.config]), folder: folder)
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

  private func refuseUnknownLayers(_ model: KerasModel) throws {
    let unknown = model.layers.filter { layer in
      layer.className != "InputLayer" && !KerasLayers.isModel(layer.className)
        && KerasLayers.table[layer.className] == nil
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
    let type: ElementType = layer.config["dtype"]?.text == "int32" ? .int32 : .float32
    return builder.graph.add(Value(name: layer.name, type: type, shape: shape))
  }

  // MARK: Weights

  private func weights(of layer: KerasLayerSpec) throws -> [KerasArray] {
    switch layer.weights {
    case .named(let name):
      let names = file.texts("weight_names", at: "/model_weights/\(name)") ?? []
      return try names.map { try file.array(at: "/model_weights/\(name)/\($0)", layer: layer.name) }
    case .placed(let folder):
      var arrays: [KerasArray] = []
      for part in ["vars", "cell/vars", "forward_layer/cell/vars", "backward_layer/cell/vars"] {
        for index in 0..<64 {
          let path = "\(folder)/\(part)/\(index)"
          guard file.contains(path) else { break }
          arrays.append(try file.array(at: path, layer: layer.name))
        }
      }
      return arrays
    }
  }
}
