internal import ModelFormat

/// Convolution along three dimensions.
enum KerasVolumes {
  static func conv3D(_ layer: KerasLayer) throws -> [ValueID] {
    try layer.requireChannelsLast()
    let builder = layer.builder
    let kernel = try layer.weight(0, rank: 5)  // slices, rows, columns, inputs, outputs: the file format's order
    guard layer.inputShape.count == 5, kernel.shape[3] > 0, layer.inputShape[4] % kernel.shape[3] == 0,
      case let groups = layer.inputShape[4] / kernel.shape[3], groups > 0, kernel.shape[4] % groups == 0
    else { throw layer.malformed("its kernel does not fit its input") }
    let strides = try layer.extents("strides", count: 3, default: 1)
    let dilations = try layer.extents("dilation_rate", count: 3, default: 1)
    let bias =
      layer.flag("use_bias", default: true)
      ? layer.constant(try layer.weight(1, rank: 1))
      : builder.constant(Array(repeating: 0, count: kernel.shape[4]))
    let result = try VolumeOperators.convolution(
      builder, layer.input, layer.constant(kernel), bias, strides: strides, dilations: dilations, groups,
      padding: layer.padding())
    return try layer.activated(result)
  }
}
