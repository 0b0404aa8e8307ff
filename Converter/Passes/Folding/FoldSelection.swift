internal import ModelFormat

extension Rule {
  /// A GATHER of channels behind a layer with weights: the layer computes those channels at once.
  static let foldSelection = Rule("fold selection of channels into weights") { match in
    guard match.kind == .gather, match.node.operation.int(1) == 0, let data = match.input(0),
      let indices = match.integers(match.input(1)), match.value(1)?.shape.count == 1,
      let layer = match.onlyProducer(of: data, .conv2D, .fullyConnected), layer.inputs.count > 2,
      let weights = layer.inputs[1], match.graph[weights].statedGrid == nil,
      let elements = match.floats(weights), let bias = layer.inputs[2],
      let biasElements = match.floats(bias)
    else { return nil }
    let (shape, rank) = (match.graph[weights].shape, match.graph[data].shape.count)
    let axis = match.node.operation.int(0)
    guard axis == rank - 1 || axis == -1, indices.count <= shape[0], biasElements.count == shape[0],
      indices.allSatisfy({ (0..<shape[0]).contains($0) })
    else { return nil }
    let inner = shape[1...].reduce(1, *)
    var patch = Patch(match)
    let chosen = patch.floats(
      indices.flatMap { elements[($0 * inner)..<(($0 + 1) * inner)] }, shape: [indices.count] + shape[1...],
      name: match.graph[weights].name)
    let offsets = patch.floats(indices.map { biasElements[$0] }, name: match.graph[bias].name)
    let result = patch.emit(
      layer.operation, [layer.inputs[0], chosen, offsets], like: match.graph[match.output])
    patch.replace(match.output, with: result)
    return patch
  }
}
