internal import ModelFormat

/// Convolution along three dimensions.
enum KerasVolumes {
  private static func bias(_ layer: KerasLayer, count: Int) throws -> ValueID {
    layer.flag("use_bias", default: true)
      ? layer.constant(try layer.weight(1, rank: 1)) : layer.builder.constant(Array(repeating: 0, count: count))
  }

  static func conv3D(_ layer: KerasLayer) throws -> [ValueID] {
    let builder = layer.builder
    let kernel = try layer.weight(0, rank: 5)  // slices, rows, columns, inputs, outputs: the file format's order
    guard layer.inputShape.count == 5, kernel.shape[3] > 0, layer.inputShape[4] % kernel.shape[3] == 0,
      case let groups = layer.inputShape[4] / kernel.shape[3], groups > 0, kernel.shape[4] % groups == 0
    else { throw layer.malformed("its kernel does not fit its input") }
    let strides = try layer.extents("strides", count: 3, default: 1)
    let dilations = try layer.extents("dilation_rate", count: 3, default: 1)
    let result = try VolumeOperators.convolution(
      builder, layer.input, layer.constant(kernel), bias(layer, count: kernel.shape[4]), strides: strides,
      dilations: dilations, groups, padding: layer.padding())
    return try layer.activated(result)
  }

  static func transposed(_ layer: KerasLayer) throws -> [ValueID] {
    try layer.requireRank(5)
    let builder = layer.builder
    let kernel = try layer.weight(0, rank: 5)  // slices, rows, columns, outputs, inputs
    guard layer.inputShape[4] == kernel.shape[4], kernel.elements.count > 0 else {
      throw layer.malformed("its kernel does not fit its input")
    }
    let strides = try layer.extents("strides", count: 3, default: 1)
    let dilations = try layer.extents("dilation_rate", count: 3, default: 1)
    let crops = try (0..<3).map { axis in
      try crop(layer, axis, window: (kernel.shape[axis] - 1) * dilations[axis] + 1, stride: strides[axis])
    }
    let result = try VolumeOperators.transposed(
      builder, layer.input, builder.transpose(layer.constant(kernel), [0, 1, 2, 4, 3]),
      bias(layer, count: kernel.shape[3]), strides: strides, dilations: dilations, crops: crops, 1)
    guard let result else { throw layer.malformed("its window leaves nothing of its input") }
    return try layer.activated(result)
  }

  /// What is cut off before and behind all that the windows reach along `axis`; less than zero adds to it.
  private static func crop(_ layer: KerasLayer, _ axis: Int, window: Int, stride: Int) throws -> (Int, Int) {
    let stated = layer.config["output_padding"].map { $0.ints ?? $0.int.map { Array(repeating: $0, count: 3) } ?? [] }
    guard stated.map({ $0.count == 3 && $0.allSatisfy { (0..<1 << 20).contains($0) } }) ?? true else {
      throw layer.malformed("output_padding does not fit its strides")
    }
    let full = (layer.inputShape[axis + 1] - 1) * stride + window
    let isSame = try layer.padding() == .same
    let wanted =
      if let more = stated?[axis] {
        full - (isSame ? window - window % 2 : 0) + more
      } else {
        isSame ? layer.inputShape[axis + 1] * stride : full - window + max(window, stride)
      }
    let before = isSame ? max(full - wanted, 0) / 2 : 0
    return (before, full - wanted - before)
  }
}
