/// Finds the weights of a layer in a file.
struct KerasWeights {
  private let file: HDF5File

  /// Where archives keep the weights of layers that are made of others; Keras 2 has names of its own.
  private static let parts = [
    "vars", "cell/vars", "forward_layer/cell/vars", "backward_layer/cell/vars", "query_dense/vars", "key_dense/vars",
    "value_dense/vars", "output_dense/vars", "_query_dense/vars", "_key_dense/vars", "_value_dense/vars",
    "_output_dense/vars",
  ]

  init(_ file: HDF5File) { self.file = file }

  /// In the order in which Keras lists them: trainable ones first.
  func arrays(of layer: KerasLayerSpec) throws -> [KerasArray] {
    switch layer.weights {
    case .named(let group, let scopes):
      return try names(in: group, scopes).map {
        try file.array(at: "/model_weights/\(group)/\($0)", layer: layer.name)
      }
    case .placed(let folder):
      return try (Self.parts + cells(layer)).flatMap { try stored(at: "\(folder)/\($0)", layer) }
    }
  }

  private func stored(at folder: String, _ layer: KerasLayerSpec) throws -> [KerasArray] {
    var arrays: [KerasArray] = []
    for index in 0..<64 where arrays.count == index {
      let path = "\(folder)/\(index)"
      if file.contains(path) { arrays.append(try file.array(at: path, layer: layer.name)) }
    }
    return arrays
  }

  /// The places of the cells that an RNN layer stacks.
  private func cells(_ layer: KerasLayerSpec) -> [String] {
    var names = KerasPlaceNames()
    return (layer.config["cell"]?["config"]?["cells"]?.elements ?? []).map { cell in
      "cell/cells/\(names.next(of: cell["class_name"]?.text ?? ""))/vars"
    }
  }

  /// The names of a group's weights of which each of `scopes` is a part, where any is: models of Keras 2 do not name
  /// themselves in the weights of their layers, but layers do.
  private func names(in group: String, _ scopes: [String]) -> [String] {
    let all = file.texts("weight_names", at: "/model_weights/\(group)") ?? []
    guard let own = scopes.last else { return all }
    let parts = all.map { $0.split(separator: "/").dropLast().map(String.init) }
    return scopes.dropLast().reduce(all.indices.filter { parts[$0].contains(own) }) { chosen, scope in
      let inside = chosen.filter { parts[$0].contains(scope) }
      return inside.isEmpty ? chosen : inside
    }.map { all[$0] }
  }
}
