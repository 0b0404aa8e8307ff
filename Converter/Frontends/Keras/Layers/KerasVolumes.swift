internal import ModelFormat

/// Convolution along three dimensions.
enum KerasVolumes {
  static func conv3D(_ layer: KerasLayer) throws -> [ValueID] {
    try layer.requireChannelsLast()
    let builder = layer.builder
    let kernel = try layer.weight(0, rank: 5)  // slices, rows, columns, inputs, outputs: the file format's order
    guard layer.inputShape.count == 5, kernel.shape[3] == layer.inputShape[4] else {
      throw layer.unsupported("a convolution in groups along three dimensions", "split the layer")
    }
    let strides = try layer.extents("strides", count: 3, default: 1)
    let dilations = try layer.extents("dilation_rate", count: 3, default: 1)
    let bias =
      layer.flag("use_bias", default: true)
      ? layer.constant(try layer.weight(1, rank: 1))
      : builder.constant(Array(repeating: 0, count: kernel.shape[4]))
    let operation = Operation(
      .conv3D,
      [
        0: .int8(try layer.padding().rawValue), 1: .int32(Int32(strides[0])), 2: .int32(Int32(strides[2])),
        3: .int32(Int32(strides[1])), 4: .int8(0), 5: .int32(Int32(dilations[0])), 6: .int32(Int32(dilations[2])),
        7: .int32(Int32(dilations[1])),
      ])
    return try layer.activated(builder.emit(operation, [layer.input, layer.constant(kernel), bias]))
  }
}
