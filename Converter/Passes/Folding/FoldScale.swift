internal import ModelFormat

/// Layers with weights, and along which dimension of the weights their outputs lie.
enum WeightedLayers {
  static func outputDimension(_ kind: OperatorKind) -> Int? {
    switch kind {
    case .conv2D, .fullyConnected: 0
    case .depthwiseConv2D: 3
    default: nil
    }
  }

  /// The constant as one number for each of `count` channels, which are the last dimension; `nil` when it varies
  /// otherwise.
  static func perChannel(_ value: Value, count: Int) -> [Float]? {
    guard value.type == .float32, let elements = value.constant?.elements(as: Float.self) else { return nil }
    if elements.count == 1 { return Array(repeating: elements[0], count: count) }
    return elements.count == count && value.shape.last == count ? elements : nil
  }
}

extension Rule {
  /// A product with one number per channel after a layer with weights goes into the weights: batch normalization's scale.
  static let foldScale = Rule("fold scale into weights") { match in
    guard match.kind == .mul, match.node.operation.activation == .none,
      let (data, constant) = match.withConstant(match.node),
      let layer = match.onlyProducer(of: data, .conv2D, .depthwiseConv2D, .fullyConnected),
      let dimension = WeightedLayers.outputDimension(layer.operation.kind), layer.operation.activation == .none,
      let weights = layer.inputs[1], let elements = match.floats(weights), layer.inputs.count > 2,
      let bias = layer.inputs[2], let biasElements = match.floats(bias),
      let scale = WeightedLayers.perChannel(match.graph[constant], count: biasElements.count),
      match.graph[match.output].shape == match.graph[data].shape
    else { return nil }
    let shape = match.graph[weights].shape
    let inner = shape[(dimension + 1)...].reduce(1, *)
    let channels = shape[dimension]
    guard channels == scale.count else { return nil }
    var scaled = elements
    for index in scaled.indices { scaled[index] *= scale[index / inner % channels] }
    guard scaled.allSatisfy(\.isFinite) else { return nil }
    var patch = Patch(match)
    let newWeights = patch.floats(scaled, shape: shape, name: match.graph[weights].name)
    let newBias = patch.floats(zip(biasElements, scale).map { $0 * $1 }, name: match.graph[bias].name)
    let output = match.graph[match.output]
    let result = patch.emit(layer.operation, [layer.inputs[0], newWeights, newBias], like: output)
    patch.replace(match.output, with: result)
    return patch
  }

  /// A sum with one number per channel after a layer with weights goes into its bias.
  static let foldOffset = Rule("fold offset into bias") { match in
    guard match.kind == .add, let (data, constant) = match.withConstant(match.node),
      let layer = match.onlyProducer(of: data, .conv2D, .depthwiseConv2D, .fullyConnected, .transposeConv),
      layer.operation.activation == .none, match.graph[match.output].shape == match.graph[data].shape,
      let channels = match.graph[data].shape.last,
      let offset = WeightedLayers.perChannel(match.graph[constant], count: channels)
    else { return nil }
    let isTransposed = layer.operation.kind == .transposeConv
    let place = isTransposed ? 3 : 2
    var patch = Patch(match)
    var bias = offset
    var name = match.graph[constant].name
    if layer.inputs.count > place {
      guard let old = match.floats(layer.inputs[place]), old.count == channels, let id = layer.inputs[place] else {
        return nil
      }
      bias = zip(old, offset).map { $0 + $1 }
      name = match.graph[id].name
    }
    var operation = layer.operation
    operation.activation = match.node.operation.activation
    let newBias = patch.floats(bias, name: name)
    let output = match.graph[match.output]
    let result = patch.emit(operation, Array(layer.inputs.prefix(place)) + [newBias], like: output)
    patch.replace(match.output, with: result)
    return patch
  }

  /// A product with one number per channel before a convolution goes into its weights.
  static let foldScaleForward = Rule("fold scale into the next weights") { match in
    guard match.kind == .conv2D || match.kind == .fullyConnected, let weights = match.input(1),
      let elements = match.floats(weights), let before = match.onlyProducer(of: match.input(0), .mul),
      before.operation.activation == .none, let (data, constant) = match.withConstant(before),
      let channels = match.graph[weights].shape.last, match.graph[data].shape == match.value(0)?.shape,
      match.graph[data].shape.last == channels,
      let scale = WeightedLayers.perChannel(match.graph[constant], count: channels)
    else { return nil }
    var scaled = elements
    for index in scaled.indices { scaled[index] *= scale[index % channels] }
    guard scaled.allSatisfy(\.isFinite) else { return nil }
    var patch = Patch(match)
    let newWeights = patch.floats(scaled, shape: match.graph[weights].shape, name: match.graph[weights].name)
    let result = patch.emit(
      match.node.operation, [data, newWeights] + match.node.inputs.dropFirst(2), like: match.graph[match.output])
    patch.replace(match.output, with: result)
    return patch
  }

  /// A sum with one number per channel before a layer that reads each place by itself goes into its bias: the shift of
  /// layer normalization.
  static let foldOffsetForward = Rule("fold offset into the next bias") { match in
    guard match.kind == .conv2D || match.kind == .fullyConnected, let weights = match.input(1),
      let elements = match.floats(weights), let bias = match.input(2), let biasElements = match.floats(bias),
      let before = match.onlyProducer(of: match.input(0), .add), before.operation.activation == .none,
      let (data, constant) = match.withConstant(before), match.graph[data].shape == match.value(0)?.shape,
      let channels = match.graph[data].shape.last, match.graph[weights].shape.last == channels,
      match.graph[weights].shape.dropFirst().reduce(1, *) == channels,
      let offset = WeightedLayers.perChannel(match.graph[constant], count: channels)
    else { return nil }
    let moved = biasElements.enumerated().map { output, number in
      let row = elements[(output * channels)..<((output + 1) * channels)]
      return Float(zip(row, offset).reduce(Double(number)) { $0 + Double($1.0) * Double($1.1) })
    }
    guard moved.allSatisfy(\.isFinite) else { return nil }
    var patch = Patch(match)
    let newBias = patch.floats(moved, name: match.graph[bias].name)
    let result = patch.emit(match.node.operation, [data, weights, newBias], like: match.graph[match.output])
    patch.replace(match.output, with: result)
    return patch
  }
}
