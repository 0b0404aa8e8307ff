/// A layer of a Keras model and where its inputs come from.
struct KerasLayerSpec {
  let className: String
  let name: String
  let config: KerasConfig
  /// For each call of the layer, the tensors that it gets.
  let calls: [[KerasTensorReference]]
  /// Where its weights lie in the file.
  let weights: KerasWeightPath
}

/// An output of a call of a layer.
struct KerasTensorReference: Hashable {
  let layer: String
  let call: Int
  let output: Int
}

/// Where the weights of a layer lie: by name in files of Keras 2, by place in those of Keras 3.
enum KerasWeightPath {
  case named(String)
  case placed(String)
}

/// A Sequential or Functional model, read from its configuration (Keras 2 and 3).
struct KerasModel {
  let layers: [KerasLayerSpec]
  let inputs: [KerasTensorReference]
  let outputs: [KerasTensorReference]

  /// - Parameters:
  ///   - config: with `class_name` and `config`.
  ///   - folder: the place of the weights in a `.keras` file, `nil` for `.h5`.
  init(_ config: KerasConfig, folder: String?) throws {
    guard let className = config["class_name"]?.text, let body = config["config"],
      let entries = body["layers"]?.elements ?? body.elements
    else {
      throw ConversionError(
        .badData, "the configuration names no layers", remedy: "save the whole model, not its weights alone")
    }
    let isSequential = className == "Sequential"
    guard isSequential || ["Functional", "Model"].contains(className) else {
      throw ConversionError(
        .unavailable, "a model of class \(className)", remedy: "save it as a Sequential or Functional model")
    }
    var names = PlaceNames()
    var layers: [KerasLayerSpec] = []
    for entry in entries {
      let place = names.next(of: entry["class_name"]?.text ?? "")
      var layer = try KerasLayerSpec(entry, folder: folder.map { "\($0)/layers/\(place)" })
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

extension KerasLayerSpec {
  fileprivate init(_ entry: KerasConfig, folder: String?) throws {
    guard let className = entry["class_name"]?.text, let config = entry["config"],
      let name = entry["name"]?.text ?? config["name"]?.text
    else { throw ConversionError(.badData, "a layer without class or name", remedy: "save the model again") }
    self.init(
      className: className, name: name, config: config,
      calls: (entry["inbound_nodes"]?.elements ?? []).map { KerasTensorReference.list($0["args"] ?? $0) },
      weights: folder.map { .placed($0) } ?? .named(name))
  }

  /// This layer, called with the output of `previous`.
  fileprivate func following(_ previous: KerasLayerSpec?) -> KerasLayerSpec {
    let calls = previous.map { [[KerasTensorReference(layer: $0.name, call: 0, output: 0)]] } ?? []
    return KerasLayerSpec(className: className, name: name, config: config, calls: calls, weights: weights)
  }

  /// The input that a Sequential model's first layer states.
  fileprivate func impliedInput() throws -> KerasLayerSpec {
    KerasLayerSpec(
      className: "InputLayer", name: "\(name)_input", config: config, calls: [], weights: .named(""))
  }
}

extension KerasTensorReference {
  /// The tensors in a configuration, in order: `["conv", 0, 0]` and lists of it in Keras 2, `keras_history` in Keras 3.
  fileprivate static func list(_ config: KerasConfig) -> [KerasTensorReference] {
    if let history = config["config"]?["keras_history"] { return list(history) }
    guard let elements = config.elements else { return [] }
    if elements.count >= 3, let layer = elements[0].text, let call = elements[1].int, let output = elements[2].int {
      return [KerasTensorReference(layer: layer, call: call, output: output)]
    }
    return elements.flatMap { list($0) }
  }
}

/// The names under which Keras 3 stores layers: the class in snake case, counted.
private struct PlaceNames {
  private var counts: [String: Int] = [:]

  mutating func next(of className: String) -> String {
    let name = Self.snakeCase(className)
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
