internal import ModelFormat

/// Which steps of a sequence count, for values that have such a mask: bool of shape (batch, steps).
final class KerasMasks {
  private var masks: [ValueID: ValueID] = [:]

  subscript(value: ValueID) -> ValueID? {
    get { masks[value] }
    set { masks[value] = newValue }
  }

  /// Layers whose outputs have the mask of their first input.
  private static let passing: Set<String> = [
    "Activation", "ActivityRegularization", "Add", "AlphaDropout", "Average", "BatchNormalization", "Dense", "Dropout",
    "ELU", "GaussianDropout", "GaussianNoise", "LayerNormalization", "LeakyReLU", "Maximum", "Minimum",
    "MultiHeadAttention", "Multiply", "ReLU", "Softmax", "SpatialDropout1D", "Subtract", "TimeDistributed",
  ]

  static func pass(_ layer: KerasLayerSpec) -> Bool {
    if passing.contains(layer.className) { return true }
    let config = layer.className == "Bidirectional" ? layer.config["layer"]?["config"] : layer.config
    return ["Bidirectional", "GRU", "LSTM", "RNN", "SimpleRNN"].contains(layer.className)
      && config?["return_sequences"]?.bool == true
  }
}

extension KerasLayer {
  /// Which steps of the first input count; `nil` for all.
  var mask: ValueID? {
    if case .tensor(let given)? = call.keywords["mask"] { return given }
    return masks[input]
  }

  /// The mask as 0 and 1, with a dimension of one behind: (batch, steps, 1).
  func weighting(_ mask: ValueID) throws -> ValueID {
    try builder.unsqueeze(builder.cast(mask, to: .float32), at: [builder.shape(mask).count])
  }
}
