internal import ModelFormat

enum KerasPooling {
  static func pool2D(_ kind: OperatorKind) -> KerasLowering {
    { layer in
      let window = try layer.extents("pool_size", count: 2, default: 2)
      let strides = layer.config["strides"] == nil ? window : try layer.extents("strides", count: 2)
      return [try pool(layer, kind, layer.input, window, strides)]
    }
  }

  static func pool1D(_ kind: OperatorKind) -> KerasLowering {
    { layer in
      let window = try layer.extents("pool_size", count: 1, default: 2)
      let strides = layer.config["strides"] == nil ? window : try layer.extents("strides", count: 1)
      let row = try layer.builder.unsqueeze(layer.input, at: [1])
      let result = try pool(layer, kind, row, [1] + window, [1] + strides)
      let shape = layer.builder.shape(result)
      return [try layer.builder.reshape(result, [shape[0], shape[2], shape[3]])]
    }
  }

  /// Rows and columns of each slice first, then the slices: the largest element and the mean over the cells that exist
  /// allow it.
  static func pool3D(_ kind: OperatorKind) -> KerasLowering {
    { layer in
      let builder = layer.builder
      let window = try layer.extents("pool_size", count: 3, default: 2)
      let strides = layer.config["strides"] == nil ? window : try layer.extents("strides", count: 3)
      let shape = layer.inputShape
      let slices = try builder.reshape(layer.input, [shape[0] * shape[1], shape[2], shape[3], shape[4]])
      let flat = try pool(layer, kind, slices, Array(window[1...]), Array(strides[1...]))
      let size = builder.shape(flat)
      let columns = try builder.reshape(flat, [shape[0], shape[1], size[1] * size[2], size[3]])
      let result = try pool(layer, kind, columns, [window[0], 1], [strides[0], 1])
      return [try builder.reshape(result, [shape[0], builder.shape(result)[1], size[1], size[2], size[3]])]
    }
  }

  private static func pool(
    _ layer: KerasLayer, _ kind: OperatorKind, _ data: ValueID, _ window: [Int], _ strides: [Int]
  ) throws -> ValueID {
    try layer.builder.emit(
      .pool(
        kind, window: Extent(window[0], window[1]), strides: Extent(strides[0], strides[1]), padding: layer.padding()),
      [data])
  }

  /// Over all dimensions between the first and the last.
  static func global(_ kind: OperatorKind) -> KerasLowering {
    { layer in
      let axes = Array(1..<max(layer.inputShape.count - 1, 1))
      let keeps = layer.flag("keepdims", default: false)
      if kind == .mean, let mask = layer.mask {
        let weights = try layer.weighting(mask)
        let sum = try layer.builder.reduce(
          .sum, layer.builder.mul(layer.input, weights), axes: axes, keepsDimensions: keeps)
        return [
          try layer.builder.div(sum, layer.builder.reduce(.sum, weights, axes: axes, keepsDimensions: keeps))
        ]
      }
      return [try layer.builder.reduce(kind, layer.input, axes: axes, keepsDimensions: keeps)]
    }
  }
}
