/// What a call hands to a layer: a tensor, a list of such, or a value of Python's. `Tensor` is a reference in the
/// configuration, and a value of the graph when the call is translated.
indirect enum KerasArgument<Tensor> {
  case tensor(Tensor)
  case list([KerasArgument])
  case value(KerasConfig)

  /// The tensors, in order.
  var tensors: [Tensor] {
    switch self {
    case .tensor(let tensor): [tensor]
    case .list(let elements): elements.flatMap(\.tensors)
    case .value: []
    }
  }

  /// The value, lists of values too; `nil` where there is a tensor.
  var constant: KerasConfig? {
    switch self {
    case .tensor: return nil
    case .list(let elements):
      let constants = elements.compactMap(\.constant)
      return constants.count == elements.count ? .array(constants) : nil
    case .value(let value): return value
    }
  }

  /// As `constant`, `nil` for Python's None too.
  var value: KerasConfig? {
    guard let constant else { return nil }
    if case .null = constant { return nil }
    return constant
  }

  func map<Other>(_ transform: (Tensor) throws -> Other) rethrows -> KerasArgument<Other> {
    switch self {
    case .tensor(let tensor): .tensor(try transform(tensor))
    case .list(let elements): .list(try elements.map { try $0.map(transform) })
    case .value(let value): .value(value)
    }
  }
}

/// A call of a layer, by position and by keyword.
struct KerasCall<Tensor> {
  var arguments: [KerasArgument<Tensor>]
  var keywords: [String: KerasArgument<Tensor>] = [:]

  /// The tensors given by position.
  var inputs: [Tensor] { arguments.flatMap(\.tensors) }

  /// All tensors.
  var tensors: [Tensor] { inputs + keywords.values.flatMap(\.tensors) }

  func map<Other>(_ transform: (Tensor) throws -> Other) rethrows -> KerasCall<Other> {
    KerasCall<Other>(
      arguments: try arguments.map { try $0.map(transform) }, keywords: try keywords.mapValues { try $0.map(transform) }
    )
  }
}

extension KerasCall<KerasTensorReference> {
  /// A node of a layer: `{"args": ..., "kwargs": ...}` in Keras 3; in Keras 2 entries such as `["conv", 0, 0, {}]`, a list of
  /// them or one alone, with the keywords in each.
  init(_ node: KerasConfig) {
    if let arguments = node["args"]?.elements {
      self.init(arguments: arguments.map { KerasArgument($0) })
      if case .object(let members)? = node["kwargs"] { keywords = members.mapValues { KerasArgument($0) } }
      return
    }
    let entries = node.elements?.first?.text == nil ? Self.flattened(node) : [node]
    self.init(arguments: entries.compactMap(Self.argument))
    for entry in entries {
      guard case .object(let members)? = entry.elements?.dropFirst(3).first else { continue }
      for (name, value) in members { keywords[name] = KerasArgument(value) }
    }
  }

  private static func flattened(_ node: KerasConfig) -> [KerasConfig] {
    (node.elements ?? []).flatMap { $0.elements?.first?.text == nil ? flattened($0) : [$0] }
  }

  private static func argument(_ entry: KerasConfig) -> KerasArgument<KerasTensorReference>? {
    guard let elements = entry.elements, elements.count >= 3 else { return nil }
    // A first argument that is no tensor.
    if elements[0].text == "_CONSTANT_VALUE" { return KerasArgument(elements[2]) }
    return KerasTensorReference(entry).map { .tensor($0) }
  }
}

extension KerasArgument<KerasTensorReference> {
  init(_ config: KerasConfig) {
    if let reference = KerasTensorReference(config) {
      self = .tensor(reference)
    } else if let elements = config.elements ?? config.tensorsByName {
      self = .list(elements.map { KerasArgument($0) })
    } else {
      self = .value(config)
    }
  }
}

extension KerasTensorReference {
  /// `["conv", 0, 0]`, with keywords behind in Keras 2; inside `keras_history` in Keras 3.
  init?(_ config: KerasConfig) {
    let history = config["config"]?["keras_history"] ?? config
    guard let elements = history.elements, elements.count >= 3, let layer = elements[0].text,
      let call = elements[1].int, let output = elements[2].int
    else { return nil }
    self.init(layer: layer, call: call, output: output)
  }

  /// The tensors in a configuration, in order.
  static func list(_ config: KerasConfig) -> [KerasTensorReference] {
    KerasTensorReference(config).map { [$0] } ?? (config.elements ?? config.tensorsByName ?? []).flatMap { list($0) }
  }
}

extension KerasConfig {
  /// What a dictionary of tensors holds, in the order of its keys, which is that of Keras.
  fileprivate var tensorsByName: [KerasConfig]? {
    guard case .object(let members) = self, self["class_name"] == nil, !members.isEmpty,
      members.values.allSatisfy({ !KerasTensorReference.list($0).isEmpty })
    else { return nil }
    return members.sorted { $0.key < $1.key }.map(\.value)
  }
}
