internal import ModelFormat

/// Convolutions along three dimensions. ONNX has channels second, the file format has them last.
enum VolumeOperators {
  static func conv(_ node: ONNXNode) throws -> [ValueID] {
    let builder = node.builder
    let (shape, weights) = (try node.shape(0), try node.shape(1))
    let groups = node.int("group", default: 1)
    guard weights.count == 5, groups > 0, weights[1] > 0, shape[1] == weights[1] * groups, weights[0] % groups == 0
    else { throw node.malformed("weights \(weights) in \(groups) groups do not fit input \(shape)") }
    let windows = try node.windows(kernel: Array(weights[2...]), extents: Array(shape[2...]))
    let rows = try builder.transpose(node.input(0), [0, 2, 3, 4, 1])
    let padded = try builder.pad(rows, [(0, 0)] + windows.map { ($0.before, $0.after) } + [(0, 0)])
    let bias = node.optional(2) ?? builder.constant(Array(repeating: 0, count: weights[0]))
    let filter = try builder.transpose(node.input(1), [2, 3, 4, 1, 0])
    let result = try convolution(
      builder, padded, filter, bias, strides: windows.map(\.stride), dilations: windows.map(\.dilation), groups)
    return [try builder.transpose(result, [0, 4, 1, 2, 3])]
  }

  /// As a convolution of data with zeros between their cells.
  static func convTranspose(_ node: ONNXNode) throws -> [ValueID] {
    let builder = node.builder
    let (shape, weights) = (try node.shape(0), try node.shape(1))
    let groups = node.int("group", default: 1)
    guard weights.count == 5, groups > 0, shape[1] == weights[0], weights[0] % groups == 0 else {
      throw node.malformed("weights \(weights) in \(groups) groups do not fit input \(shape)")
    }
    let windows = try ConvolutionOperators.transposedWindows(
      node, kernel: Array(weights[2...]), extents: Array(shape[2...]))
    let data = try builder.transpose(node.input(0), [0, 2, 3, 4, 1])
    let bias = node.optional(2) ?? builder.constant(Array(repeating: 0, count: weights[1] * groups))
    // Inputs of all groups stand above each other, where a convolution has outputs beside each other.
    let parts = try (0..<groups).map { try builder.part(node.input(1), axis: 0, $0, of: groups) }
    let filter = try builder.transpose(builder.concatenate(parts, axis: 1), [2, 3, 4, 0, 1])
    let result = try transposed(
      builder, data, filter, bias, strides: windows.map(\.window.stride), dilations: windows.map(\.window.dilation),
      crops: windows.map { ($0.window.before, $0.window.after - $0.extra) }, groups)
    guard let result else { throw node.malformed("its pads crop more than it has") }
    return [try builder.transpose(result, [0, 4, 1, 2, 3])]
  }

  /// A transposed convolution, `filter` as `convolution` takes it; `nil` where nothing is left.
  ///
  /// - Parameter crops: what is cut off before and behind all that windows reach; less than zero adds to it.
  static func transposed(
    _ builder: GraphBuilder, _ data: ValueID, _ filter: ValueID, _ bias: ValueID, strides: [Int], dilations: [Int],
    crops: [(Int, Int)], _ groups: Int
  ) throws -> ValueID? {
    var data = data
    for (axis, stride) in strides.enumerated() { data = try spread(builder, data, axis: axis + 1, by: stride) }
    let paddings = zip(crops, zip(builder.shape(filter), dilations)).map { crop, window in
      ((window.0 - 1) * window.1 - crop.0, (window.0 - 1) * window.1 - crop.1)
    }
    let begin = [0] + paddings.map { max(0, -$0.0) } + [0]
    let size = zip(builder.shape(data), [(0, 0)] + paddings + [(0, 0)]).map { extent, padding in
      extent - max(0, -padding.0) - max(0, -padding.1)
    }
    guard size.allSatisfy({ $0 > 0 }) else { return nil }
    data = try builder.pad(
      builder.slice(data, begin: begin, size: size),
      [(0, 0)] + paddings.map { (max(0, $0.0), max(0, $0.1)) } + [(0, 0)])
    let turned = try builder.emit(Operation(.reverse), [filter, builder.integers([0, 1, 2])])
    return try convolution(
      builder, data, turned, bias, strides: [1, 1, 1], dilations: dilations, groups)
  }

  /// `filter` has slices, rows, columns, inputs of a group and outputs. CONV_3D has no groups.
  static func convolution(
    _ builder: GraphBuilder, _ data: ValueID, _ filter: ValueID, _ bias: ValueID, strides: [Int], dilations: [Int],
    _ groups: Int, padding: Padding = .valid
  ) throws -> ValueID {
    let operation = Operation.conv3D(strides: strides, dilations: dilations, padding: padding)
    let parts = try (0..<groups).map { group in
      try builder.emit(
        operation,
        [
          builder.part(data, axis: 4, group, of: groups), builder.part(filter, axis: 4, group, of: groups),
          builder.part(bias, axis: 0, group, of: groups),
        ])
    }
    return try builder.concatenate(parts, axis: 4)
  }

  /// Data with `stride - 1` zeros between its cells along `axis`.
  private static func spread(_ builder: GraphBuilder, _ data: ValueID, axis: Int, by stride: Int) throws -> ValueID {
    guard stride > 1 else { return data }
    let shape = builder.shape(data)
    let flat = [shape[..<axis].reduce(1, *), shape[axis], 1, shape[(axis + 1)...].reduce(1, *)]
    let wide = try builder.pad(builder.reshape(data, flat), [(0, 0), (0, 0), (0, stride - 1), (0, 0)])
    var whole = shape
    whole[axis] *= stride
    let merged = try builder.reshape(wide, whole)
    whole[axis] -= stride - 1
    return try builder.slice(merged, begin: shape.map { _ in 0 }, size: whole)
  }
}
