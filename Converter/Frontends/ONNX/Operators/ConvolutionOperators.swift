internal import ModelFormat

/// Convolutions along one or two dimensions; those along three are `VolumeOperators`. ONNX has channels second, the file
/// format has them last: a transpose goes before and after, and passes cancel them between layers.
enum ConvolutionOperators {
  static func conv(_ node: ONNXNode) throws -> [ValueID] {
    try node.requireFloat(0)
    if try node.shape(0).count == 5 { return try VolumeOperators.conv(node) }
    let spatial = try spatialRank(node)
    let builder = node.builder
    let (shape, weights) = (try node.shape(0), try node.shape(1))
    let groups = node.int("group", default: 1)
    guard groups > 0, weights[1] > 0, shape[1] == weights[1] * groups, weights[0] % groups == 0 else {
      throw node.malformed("weights \(weights) in \(groups) groups do not fit input \(shape)")
    }
    var windows = try node.windows(
      kernel: node.ints("kernel_shape") ?? Array(weights[2...]), extents: Array(shape[2...]))
    guard windows.map(\.size) == Array(weights[2...]) else {
      throw node.malformed("kernel_shape does not fit weights \(weights)")
    }
    var filter = try node.input(1)
    if spatial == 1 {
      windows.insert(WindowAxis(size: 1, stride: 1, dilation: 1, before: 0, after: 0), at: 0)
      filter = try builder.unsqueeze(filter, at: [2])
    }
    let padded = try builder.pad(
      builder.channelsLast(node.input(0)),
      [(0, 0), (windows[0].before, windows[0].after), (windows[1].before, windows[1].after), (0, 0)])
    let bias = node.optional(2) ?? builder.constant(Array(repeating: 0, count: weights[0]))
    let result = try convolution(node, padded, filter, bias, windows, groups: groups)
    return [try builder.channelsSecond(result, rank: spatial + 2)]
  }

  private static func spatialRank(_ node: ONNXNode) throws -> Int {
    let rank = try node.shape(0).count - 2
    guard rank == 1 || rank == 2, try node.shape(1).count == rank + 2 else {
      throw node.unsupported(
        "convolution along \(max(rank, 0)) dimensions, the file format's kernels have 1 to 3",
        "split it into convolutions along 2 dimensions")
    }
    return rank
  }

  /// `filter` has outputs first, then inputs of a group, then rows and columns. CONV_2D takes as many groups as its weights
  /// leave inputs for.
  private static func convolution(
    _ node: ONNXNode, _ data: ValueID, _ filter: ValueID, _ bias: ValueID, _ windows: [WindowAxis], groups: Int
  ) throws -> ValueID {
    let builder = node.builder
    let strides = Extent(windows[0].stride, windows[1].stride)
    let dilations = Extent(windows[0].dilation, windows[1].dilation)
    let outputs = builder.shape(filter)[0]
    let channels = builder.shape(data)[3]
    if groups == channels, groups > 1 || builder.shape(filter)[1] == 1 && outputs == 1 {
      let weights = try builder.transpose(filter, [1, 2, 3, 0])
      return try builder.emit(
        .depthwiseConv2D(strides: strides, dilations: dilations, multiplier: outputs / channels, padding: .valid),
        [data, weights, bias])
    }
    let weights = try builder.transpose(filter, [0, 2, 3, 1])
    let operation = Operation.conv2D(strides: strides, dilations: dilations, padding: .valid)
    return try builder.emit(operation, [data, weights, bias])
  }

  static func convTranspose(_ node: ONNXNode) throws -> [ValueID] {
    try node.requireFloat(0)
    if try node.shape(0).count == 5 { return try VolumeOperators.convTranspose(node) }
    let spatial = try spatialRank(node)
    let builder = node.builder
    let (shape, weights) = (try node.shape(0), try node.shape(1))
    let groups = node.int("group", default: 1)
    guard groups > 0, shape[1] == weights[0], weights[0] % groups == 0 else {
      throw node.malformed("weights \(weights) in \(groups) groups do not fit input \(shape)")
    }
    var windows = try transposedWindows(node, kernel: Array(weights[2...]), extents: Array(shape[2...]))
    var filter = try node.input(1)
    if spatial == 1 {
      windows.insert((WindowAxis(size: 1, stride: 1, dilation: 1, before: 0, after: 0), 0), at: 0)
      filter = try builder.unsqueeze(filter, at: [2])
    }
    let rows = try builder.channelsLast(node.input(0))
    let spread = try dilated(node, filter, windows.map(\.window.dilation))
    let bias = node.optional(2) ?? builder.constant(Array(repeating: 0, count: weights[1] * groups))
    let parts = try (0..<groups).map { group in
      try transposed(
        builder, builder.part(rows, axis: 3, group, of: groups), builder.part(spread, axis: 0, group, of: groups),
        builder.part(bias, axis: 0, group, of: groups), windows)
    }
    return [try builder.channelsSecond(builder.concatenate(parts, axis: 3), rank: spatial + 2)]
  }

  /// Windows whose `before` and `after` are cropped from the result, and the rows that are added at its end.
  static func transposedWindows(
    _ node: ONNXNode, kernel: [Int], extents: [Int]
  ) throws -> [(window: WindowAxis, extra: Int)] {
    let extra = node.ints("output_padding") ?? Array(repeating: 0, count: extents.count)
    let wanted = node.ints("output_shape").map { Array($0.suffix(extents.count)) }
    let automatic = node.string("auto_pad", default: "NOTSET")
    guard extra.count == extents.count, wanted == nil || wanted?.count == extents.count,
      extra.allSatisfy({ (0..<1 << 20).contains($0) })
    else { throw node.malformed("output_padding or output_shape does not fit") }
    return try node.windows(kernel: kernel, extents: extents).enumerated().map { axis, window in
      var window = window
      let full = (extents[axis] - 1) * window.stride + window.reach + extra[axis]
      let target = wanted?[axis] ?? (automatic.hasPrefix("SAME") ? extents[axis] * window.stride : nil)
      if let target {
        let total = max(full - target, 0)
        window.before = automatic == "SAME_UPPER" ? total / 2 : total - total / 2
        window.after = total - window.before
        return (window, extra[axis] + max(target - full, 0))
      }
      return (window, extra[axis])
    }
  }

  /// Weights with zeros between the cells: the file format's operator has no dilation.
  private static func dilated(_ node: ONNXNode, _ filter: ValueID, _ dilations: [Int]) throws -> ValueID {
    let builder = node.builder
    let shape = builder.shape(filter)
    var result = filter
    for axis in [2, 3] where dilations[axis - 2] > 1 {
      let current = builder.shape(result)
      var wide = current
      wide.insert(1, at: axis + 1)
      var paddings = Array(repeating: (0, 0), count: 5)
      paddings[axis + 1] = (0, dilations[axis - 2] - 1)
      result = try builder.pad(builder.reshape(result, wide), paddings)
      var merged = current
      merged[axis] *= dilations[axis - 2]
      result = try builder.reshape(result, merged)
      merged[axis] = (shape[axis] - 1) * dilations[axis - 2] + 1
      result = try builder.slice(result, begin: [0, 0, 0, 0], size: merged)
    }
    return result
  }

  /// `filter` has inputs first, then outputs, rows and columns.
  private static func transposed(
    _ builder: GraphBuilder, _ data: ValueID, _ filter: ValueID, _ bias: ValueID,
    _ windows: [(window: WindowAxis, extra: Int)]
  ) throws -> ValueID {
    let shape = builder.shape(data)
    let kernel = builder.shape(filter)
    let weights = try builder.transpose(filter, [1, 2, 3, 0])
    let full = [0, 1].map { (axis: Int) -> Int in
      (shape[axis + 1] - 1) * windows[axis].window.stride + kernel[axis + 2]
    }
    let result = try builder.emit(
      .transposeConv(strides: Extent(windows[0].window.stride, windows[1].window.stride), padding: .valid),
      [builder.integers([shape[0], full[0], full[1], kernel[1]]), weights, data], type: .float32)
    let biased = try builder.add(result, bias)
    // Rows of the bias alone beyond the last window.
    let extra = windows.map { max($0.extra - $0.window.after, 0) }
    let after = windows.map { max($0.window.after - $0.extra, 0) }
    let crop = [0, 1].map { full[$0] - windows[$0].window.before - after[$0] }
    let cropped = try builder.slice(
      biased, begin: [0, windows[0].window.before, windows[1].window.before, 0],
      size: [shape[0], crop[0], crop[1], kernel[1]])
    guard extra != [0, 0] else { return cropped }
    let wide = try builder.pad(
      builder.sub(cropped, bias), [(0, 0), (0, extra[0]), (0, extra[1]), (0, 0)])
    return try builder.add(wide, bias)
  }
}
