internal import ModelFormat

/// Layers whose channels stand before rows and columns: those with channels last, between transposes. Passes cancel the
/// transposes from layer to layer.
enum KerasChannelsFirst {
  /// The translation of layers in either format by one that knows channels last.
  static func supported(_ lowering: @escaping KerasLowering) -> KerasLowering {
    { layer in
      guard layer.config["data_format"]?.text == "channels_first", layer.inputShape.count > 2 else {
        return try lowering(layer)
      }
      return try translated(layer, lowering)
    }
  }

  private static func translated(_ layer: KerasLayer, _ lowering: KerasLowering) throws -> [ValueID] {
    // Recurrent layers have steps before the channels, and activations at each step.
    let isRecurrent = layer.spec.className.hasPrefix("ConvLSTM")
    let rank = layer.inputShape.count
    let call = try layer.call.map { input in
      guard layer.builder.shape(input).count == rank else { return input }
      let moved = try layer.builder.moveToEnd(input, axis: isRecurrent ? 2 : 1).moved
      layer.masks[moved] = layer.masks[input]
      return moved
    }
    var config = layer.config
    config["data_format"] = .text("channels_last")
    // Some activations work along the last dimension, whichever that is.
    if !isRecurrent { config["activation"] = nil }
    let results = try lowering(layer.with(config: config, call: call)).map { result in
      let position = isRecurrent && layer.builder.shape(result).count == rank ? 2 : 1
      return try channelsAt(position, result, layer.builder)
    }
    guard !isRecurrent, let first = results.first else { return results }
    return try layer.activated(first)
  }

  /// The last dimension moved to `position`; what has no rows is left as it is.
  private static func channelsAt(_ position: Int, _ value: ValueID, _ builder: GraphBuilder) throws -> ValueID {
    let rank = builder.shape(value).count
    guard rank > 2 else { return value }
    var permutation = Array(0..<rank - 1)
    permutation.insert(rank - 1, at: position)
    return try builder.transpose(value, permutation)
  }
}
