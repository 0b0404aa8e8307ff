/// A layer of a Keras model and where its inputs come from.
struct KerasLayerSpec {
  let className: String
  let name: String
  let config: KerasConfig
  /// The calls of the layer.
  let calls: [KerasCall<KerasTensorReference>]
  /// Where its weights lie in the file.
  let weights: KerasWeightPath
}

/// An output of a call of a layer.
struct KerasTensorReference: Hashable {
  let layer: String
  let call: Int
  let output: Int
}

/// Where the weights of a layer lie: by name in .h5 files, by place in .keras archives.
enum KerasWeightPath {
  /// The group of the outermost model's layer; inside it weights are told apart by the names of `scopes`, the models and
  /// layers between that and this one.
  case named(String, scopes: [String])
  case placed(String)

  /// The place of a layer `name` of the model whose weights lie here.
  func layer(_ name: String, place: String) -> KerasWeightPath {
    switch self {
    case .named("", _): .named(name, scopes: [])
    case .named(let group, let scopes): .named(group, scopes: scopes + [name])
    case .placed(let folder): .placed("\(folder)/layers/\(place)")
    }
  }

  /// The place of the one layer that a layer there wraps.
  func wrapped(_ part: String) -> KerasWeightPath {
    switch self {
    case .named: self
    case .placed(let folder): .placed("\(folder)/\(part)")
    }
  }
}

/// A Sequential or Functional model, read from its configuration (Keras 2 and 3).
struct KerasModel {
  let layers: [KerasLayerSpec]
  let inputs: [KerasTensorReference]
  let outputs: [KerasTensorReference]

  /// - Parameters:
  ///   - config: with `class_name` and `config`.
  ///   - weights: where they lie: `named("")` for a whole `.h5` file, `placed("")` for a whole `.keras` archive.
  init(_ config: KerasConfig, weights: KerasWeightPath) throws {
    if let className = config["class_name"]?.text, !KerasLayers.isModel(className) {
      throw ConversionError(
        .unavailable, "a model of class \(className), whose layers only its Python code knows",
        remedy: "save it as a Sequential or Functional model, or export it as ONNX")
    }
    guard let className = config["class_name"]?.text, let body = config["config"],
      let entries = body["layers"]?.elements ?? body.elements
    else {
      throw ConversionError(
        .badData, "the configuration names no layers", remedy: "save the whole model, not its weights alone")
    }
    let isSequential = className == "Sequential"
    var names = KerasPlaceNames()
    var layers: [KerasLayerSpec] = []
    for entry in entries {
      let place = names.next(of: entry["class_name"]?.text ?? "")
      var layer = try KerasLayerSpec(entry) { weights.layer($0, place: place) }
      if isSequential { layer = layer.following(layers.last) }
      layers.append(layer)
    }
    if isSequential, let first = layers.first, first.className != "InputLayer" {
      layers.insert(try first.impliedInput(), at: 0)
      layers[1] = layers[1].following(layers[0])
    }
    self.layers = layers
    guard let first = layers.first, let last = layers.last else {
      throw ConversionError(.badData, "the model has no layers", remedy: "save the model again")
    }
    func references(_ key: String, _ implied: KerasLayerSpec) -> [KerasTensorReference] {
      if isSequential { return [KerasTensorReference(layer: implied.name, call: 0, output: 0)] }
      return body[key].map { KerasTensorReference.list($0) } ?? []
    }
    inputs = references("input_layers", first)
    outputs = references("output_layers", last)
    guard !inputs.isEmpty, !outputs.isEmpty else {
      throw ConversionError(.badData, "the configuration names no inputs or outputs", remedy: "save the model again")
    }
  }
}

extension KerasModel {
  /// The number of the first call of the layers that are counted from 1. Keras 2 counts the one in which a model was made, which is not in the
  /// file, so that calls of a model within a model begin with 1: the last that is mentioned is the last there is.
  var firstCalls: [String: Int] {
    var last: [String: Int] = [:]
    for reference in layers.flatMap({ $0.calls.flatMap(\.tensors) }) + outputs {
      last[reference.layer] = max(last[reference.layer] ?? 0, reference.call)
    }
    var first: [String: Int] = [:]
    for layer in layers where last[layer.name] == layer.calls.count && !layer.calls.isEmpty { first[layer.name] = 1 }
    return first
  }
}

extension KerasLayerSpec {
  fileprivate init(_ entry: KerasConfig, weights: (String) -> KerasWeightPath) throws {
    guard let className = entry["class_name"]?.text, let config = entry["config"],
      let name = entry["name"]?.text ?? config["name"]?.text
    else { throw ConversionError(.badData, "a layer without class or name", remedy: "save the model again") }
    self.init(
      className: Self.qualified(className, entry, config), name: name, config: config,
      calls: (entry["inbound_nodes"]?.elements ?? []).map { KerasCall($0) }, weights: weights(name))
  }

  /// Functions that are called between layers as "keras.ops.Add" or "tf.math.add": they share names with layers, which .h5
  /// files of Keras 3 tell apart by their settings alone.
  private static func qualified(_ className: String, _ entry: KerasConfig, _ config: KerasConfig) -> String {
    let function = "keras.ops.\(className)"
    if ["TFOpLambda", "SlicingOpLambda"].contains(className), let name = config["function"]?.text {
      return "tf.\(name)"
    }
    if let module = entry["module"]?.text { return module.contains(".ops") ? function : className }
    // Layers state a policy, functions at most the type of their result.
    let isLayer = config["trainable"] != nil || config["dtype"]?["class_name"] != nil
    let isCall = entry["inbound_nodes"]?.elements?.first?["args"] != nil
    return isCall && !isLayer && KerasOperations.lowering(of: function) != nil ? function : className
  }

  /// The layer that this one wraps.
  var wrapped: KerasLayerSpec? {
    guard let inner = config["layer"], let className = inner["class_name"]?.text, let config = inner["config"] else {
      return nil
    }
    return KerasLayerSpec(
      className: className, name: config["name"]?.text ?? name, config: config, calls: [],
      weights: weights.wrapped("layer"))
  }

  /// This layer, called with the output of `previous`.
  fileprivate func following(_ previous: KerasLayerSpec?) -> KerasLayerSpec {
    let output = previous.map { KerasTensorReference(layer: $0.name, call: 0, output: 0) }
    let calls = output.map { [KerasCall(arguments: [.tensor($0)])] } ?? []
    return KerasLayerSpec(className: className, name: name, config: config, calls: calls, weights: weights)
  }

  /// The input that a Sequential model's first layer states.
  fileprivate func impliedInput() throws -> KerasLayerSpec {
    KerasLayerSpec(
      className: "InputLayer", name: "\(name)_input", config: config, calls: [], weights: .named("", scopes: []))
  }
}

/// The names under which Keras 3 stores layers: the class in snake case, counted.
struct KerasPlaceNames {
  private var counts: [String: Int] = [:]
  /// Classes that configurations call otherwise than Python does.
  private static let exported = ["GroupQueryAttention": "GroupedQueryAttention"]

  mutating func next(of className: String) -> String {
    let name = Self.snakeCase(Self.exported[className] ?? className)
    let count = counts[name, default: 0]
    counts[name] = count + 1
    return count == 0 ? name : "\(name)_\(count)"
  }

  /// "SeparableConv2D" is "separable_conv2d", "PReLU" is "p_re_lu".
  private static func snakeCase(_ text: String) -> String {
    let characters = Array(text.filter { $0.isLetter || $0.isNumber || $0 == "_" })
    var result = ""
    for (index, character) in characters.enumerated() {
      let isUpper = character.isUppercase
      let startsWord = isUpper && index + 1 < characters.count && characters[index + 1].isLowercase
      let followsLower = isUpper && index > 0 && characters[index - 1].isLowercase
      if index > 0, startsWord || followsLower { result.append("_") }
      result.append(character)
    }
    return result.lowercased()
  }
}
