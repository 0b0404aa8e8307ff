internal import ModelFormat
internal import ONNXFormat

/// Pooling, along one or two dimensions; along three it is pooling of planes, then of what is left.
enum PoolingOperators {
  static func maxPool(_ node: ONNXNode) throws -> [ValueID] {
    guard !node.isOutputUsed(1) else {
      throw node.unsupported("it also returns indices", "export the model without MaxPool's second output")
    }
    if try node.shape(0).count == 5 { return try separately(node, maxPool) }
    return try pooled(node) { builder, data, windows in
      let value = builder.value(data)
      guard let grid = value.heldGrid, value.type != .float32, !grid.quantization.isPerChannel else {
        return try builder.cast(maximum(builder, builder.cast(data, to: .float32), windows), to: value.type)
      }
      let floats = try builder.emit(Operation(.dequantize), [data], type: .float32)
      builder.graph[floats].statedGrid = grid
      let result = try maximum(builder, floats, windows)
      return builder.emit(
        Operation(.quantize), [result], types: [value.type], shapes: [builder.shape(result)],
        quantization: grid.quantization)[0]
    }
  }

  private static func maximum(
    _ builder: GraphBuilder, _ data: ValueID, _ windows: [WindowAxis]
  ) throws -> ValueID {
    guard windows.allSatisfy({ $0.dilation == 1 }) else {
      let padded = try builder.pad(data, paddings(windows), with: -Double(Float.greatestFiniteMagnitude))
      return try combined(builder, padded, windows) { try builder.maximum($0, $1) }
    }
    // Nothing is below the grid's lowest number, and it can be stored.
    let lowest = builder.value(data).statedGrid.flatMap(Grid.init)?.reach.lowerBound
    let padded = try builder.pad(
      data, paddings(windows), with: Double(lowest ?? -Float.greatestFiniteMagnitude))
    return try builder.emit(pool(.maxPool2D, windows), [padded])
  }

  /// One strided slice for each cell of a window with dilations, all of them together.
  private static func combined(
    _ builder: GraphBuilder, _ padded: ValueID, _ windows: [WindowAxis],
    _ combine: (ValueID, ValueID) throws -> ValueID
  ) throws -> ValueID {
    let shape = builder.shape(padded)
    let counts = [0, 1].map { (shape[$0 + 1] - windows[$0].reach) / windows[$0].stride + 1 }
    var result: ValueID?
    for row in 0..<windows[0].size {
      for column in 0..<windows[1].size {
        let begin = [0, row * windows[0].dilation, column * windows[1].dilation, 0]
        let end = [
          shape[0], begin[1] + (counts[0] - 1) * windows[0].stride + 1,
          begin[2] + (counts[1] - 1) * windows[1].stride + 1, shape[3],
        ]
        let slice = try builder.emit(
          .stridedSlice(),
          [
            padded, builder.integers(begin), builder.integers(end),
            builder.integers([1, windows[0].stride, windows[1].stride, 1]),
          ])
        result = try result.map { try combine($0, slice) } ?? slice
      }
    }
    return result ?? padded
  }

  static func averagePool(_ node: ONNXNode) throws -> [ValueID] {
    try node.requireFloat(0)
    if try node.shape(0).count == 5 { return try separately(node, averagePool) }
    let includesPadding = node.int("count_include_pad", default: 0) == 1
    let extents = try Array(node.shape(0).dropFirst(2))
    return try pooled(node) { builder, data, windows in
      let padded = try builder.pad(data, paddings(windows))
      let cells = Float(windows[0].size * windows[1].size)
      let average =
        windows.allSatisfy { $0.dilation == 1 }
        ? try builder.emit(pool(.averagePool2D, windows), [padded])
        : try builder.mul(combined(builder, padded, windows) { try builder.add($0, $1) }, 1 / Double(cells))
      try node.requireModest(builder.shape(average)[1], builder.shape(average)[2])
      let rows = extents.count == 1 ? [1] + extents : extents
      let counts = cellCounts(
        windows, extents: rows, padded: builder.shape(padded), stated: includesPadding ? node.statedPads() : nil)
      if counts.allSatisfy({ $0 == cells }) { return average }
      let shape = builder.shape(average)
      let correction = builder.constant(counts.map { cells / max($0, 1) }, shape: [1, shape[1], shape[2], 1])
      return try builder.mul(average, correction)
    }
  }

  /// How many cells of each window count: those of the data, and those of the stated padding when it is included.
  private static func cellCounts(
    _ windows: [WindowAxis], extents: [Int], padded: [Int], stated: [(Int, Int)]?
  ) -> [Float] {
    let counts = [0, 1].map { axis -> [Int] in
      let window = windows[axis]
      let outputs = (padded[axis + 1] - window.reach) / window.stride + 1
      let before = stated == nil ? 0 : window.before
      let after = stated.map { $0.count == 2 ? $0[axis].1 : (axis == 1 ? $0[0].1 : 0) } ?? 0
      return (0..<outputs).map { index in
        let start = index * window.stride - window.before
        let places = stride(from: start, to: start + window.reach, by: window.dilation)
        return places.count { $0 >= -before && $0 < extents[axis] + after }
      }
    }
    return counts[0].flatMap { row in counts[1].map { Float(row * $0) } }
  }

  /// Root of the sum of powers; the file format has p = 2 only through square, average and root.
  static func lpPool(_ node: ONNXNode) throws -> [ValueID] {
    try node.requireFloat(0)
    if try node.shape(0).count == 5 { return try separately(node, lpPool) }
    let power = Double(node.int("p", default: 2))
    return try pooled(node) { builder, data, windows in
      guard windows.allSatisfy({ $0.dilation == 1 }) else {
        throw node.unsupported("pooling with dilations", "use a convolution with constant weights")
      }
      let magnitude = try builder.unary(.abs, data)
      let powers = try builder.pad(
        power == 1 ? magnitude : builder.emit(Operation(.pow), [magnitude, builder.scalar(power)]), paddings(windows))
      let sum = try builder.mul(
        builder.emit(pool(.averagePool2D, windows), [powers]), Double(windows[0].size * windows[1].size))
      return power == 1 ? sum : try builder.emit(Operation(.pow), [sum, builder.scalar(1 / power)])
    }
  }

  /// MEAN or REDUCE_MAX over all spatial dimensions, which stay as ones.
  static func global(_ kind: OperatorKind) -> ONNXLowering {
    { node in
      try node.requireFloat(0)
      let rank = try node.shape(0).count
      guard rank > 2 else { throw node.malformed("an input of rank \(rank)") }
      return [try node.builder.reduce(kind, node.input(0), axes: Array(2..<rank))]
    }
  }

  static func globalLpPool(_ node: ONNXNode) throws -> [ValueID] {
    try node.requireFloat(0)
    let builder = node.builder
    let power = Double(node.int("p", default: 2))
    let powers = try builder.emit(Operation(.pow), [builder.unary(.abs, node.input(0)), builder.scalar(power)])
    let sum = try builder.reduce(.sum, powers, axes: Array(2..<node.shape(0).count))
    return [try builder.emit(Operation(.pow), [sum, builder.scalar(1 / power)])]
  }

  // MARK: Common

  /// Pooling along three dimensions: of planes, then of columns through what that gave. A maximum of maxima is the maximum,
  /// a norm of norms the norm, and a mean of means the mean: the cells that count make a box.
  private static func separately(
    _ node: ONNXNode, _ pool: (ONNXNode) throws -> [ValueID]
  ) throws -> [ValueID] {
    let builder = node.builder
    let shape = try node.shape(0)
    let planes = try builder.reshape(node.input(0), [shape[0], shape[1] * shape[2], shape[3], shape[4]])
    let flat = try pool(node.with(inputs: [planes]).along([1, 2], of: 3))[0]
    let sides = builder.shape(flat)
    let columns = try builder.reshape(flat, [shape[0], shape[1], shape[2], sides[2] * sides[3]])
    let result = try pool(node.with(inputs: [columns]).along([0, nil], of: 3))[0]
    return [try builder.reshape(result, [shape[0], shape[1], builder.shape(result)[2], sides[2], sides[3]])]
  }

  private static func pool(_ kind: OperatorKind, _ windows: [WindowAxis]) -> Operation {
    .pool(
      kind, window: Extent(windows[0].size, windows[1].size), strides: Extent(windows[0].stride, windows[1].stride),
      padding: .valid)
  }

  private static func paddings(_ windows: [WindowAxis]) -> [(Int, Int)] {
    [(0, 0), (windows[0].before, windows[0].after), (windows[1].before, windows[1].after), (0, 0)]
  }

  /// Brings the data into rows, columns, channels, with windows whose padding covers `ceil_mode`, and back.
  private static func pooled(
    _ node: ONNXNode, _ body: (GraphBuilder, ValueID, [WindowAxis]) throws -> ValueID
  ) throws -> [ValueID] {
    let builder = node.builder
    let shape = try node.shape(0)
    guard shape.count == 3 || shape.count == 4 else {
      throw node.unsupported(
        "pooling along \(max(shape.count - 2, 0)) dimensions, the file format has 2", "reshape before and after it")
    }
    let extents = Array(shape[2...])
    guard let kernel = node.ints("kernel_shape") else { throw node.malformed("kernel_shape is missing") }
    var windows = try node.windows(kernel: kernel, extents: extents)
    if node.int("ceil_mode", default: 0) == 1 {
      for axis in windows.indices { windows[axis].after = roundedUp(windows[axis], extent: extents[axis]) }
    }
    if shape.count == 3 {
      windows.insert(WindowAxis(size: 1, stride: 1, dilation: 1, before: 0, after: 0), at: 0)
    }
    let result = try body(builder, builder.channelsLast(node.input(0)), windows)
    return [try builder.channelsSecond(result, rank: shape.count)]
  }

  /// Padding after the data so that the last, incomplete window fits; windows that begin in the padding do not count.
  private static func roundedUp(_ window: WindowAxis, extent: Int) -> Int {
    let span = extent + window.before + window.after - window.reach
    var outputs = (span + window.stride - 1) / window.stride + 1
    if (outputs - 1) * window.stride >= extent + window.before { outputs -= 1 }
    return max(window.after, (outputs - 1) * window.stride + window.reach - extent - window.before)
  }
}

extension ONNXNode {
  /// The same pooling along other dimensions, some of `count` that it has; `nil` stands for one that windows leave alone.
  fileprivate func along(_ axes: [Int?], of count: Int) throws -> ONNXNode {
    var proto = proto
    for index in proto.attribute.indices {
      let values = proto.attribute[index].ints
      switch proto.attribute[index].name {
      case "kernel_shape", "strides", "dilations":
        guard values.count == count else { throw malformed("\(proto.attribute[index].name) is \(values)") }
        proto.attribute[index].ints = axes.map { $0.map { values[$0] } ?? 1 }
      case "pads":
        guard values.count == 2 * count else { throw malformed("pads are \(values)") }
        proto.attribute[index].ints =
          axes.map { $0.map { values[$0] } ?? 0 } + axes.map { $0.map { values[count + $0] } ?? 0 }
      default: continue
      }
    }
    return ONNXNode(proto: proto, builder: builder, opset: opset, inputs: inputs)
  }

  /// `pads` as before and after for each dimension.
  fileprivate func statedPads() -> [(Int, Int)]? {
    guard let pads = ints("pads") else {
      let rank = (try? shape(0).count - 2) ?? 2
      return Array(repeating: (0, string("auto_pad", default: "NOTSET").hasPrefix("SAME") ? 1 << 20 : 0), count: rank)
    }
    return (0..<pads.count / 2).map { (pads[$0], pads[$0 + pads.count / 2]) }
  }
}
