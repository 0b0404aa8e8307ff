internal import ModelFormat

/// Pooling, along one or two dimensions.
enum PoolingOperators {
  static func maxPool(_ node: ONNXNode) throws -> [ValueID] {
    guard !node.isOutputUsed(1) else {
      throw node.unsupported("it also returns indices", "export the model without MaxPool's second output")
    }
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
    guard windows.allSatisfy({ $0.dilation == 1 }) else { return try dilatedMaximum(builder, data, windows) }
    // Nothing is below the grid's lowest number, and it can be stored.
    let lowest = builder.value(data).statedGrid.flatMap(Grid.init)?.reach.lowerBound
    let padded = try builder.pad(
      data, paddings(windows), with: Double(lowest ?? -Float.greatestFiniteMagnitude))
    return try builder.emit(pool(.maxPool2D, windows), [padded])
  }

  /// The maximum of one strided slice for each cell of the window.
  private static func dilatedMaximum(
    _ builder: GraphBuilder, _ data: ValueID, _ windows: [WindowAxis]
  ) throws -> ValueID {
    let padded = try builder.pad(data, paddings(windows), with: -Double(Float.greatestFiniteMagnitude))
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
        result = try result.map { try builder.maximum($0, slice) } ?? slice
      }
    }
    return result ?? padded
  }

  static func averagePool(_ node: ONNXNode) throws -> [ValueID] {
    try node.requireFloat(0)
    let includesPadding = node.int("count_include_pad", default: 0) == 1
    let extents = try Array(node.shape(0).dropFirst(2))
    return try pooled(node) { builder, data, windows in
      guard windows.allSatisfy({ $0.dilation == 1 }) else {
        throw node.unsupported("average pooling with dilations", "use a convolution with constant weights")
      }
      let padded = try builder.pad(data, paddings(windows))
      let average = try builder.emit(pool(.averagePool2D, windows), [padded])
      try node.requireModest(builder.shape(average)[1], builder.shape(average)[2])
      let rows = extents.count == 1 ? [1] + extents : extents
      let counts = cellCounts(
        windows, extents: rows, padded: builder.shape(padded), stated: includesPadding ? node.statedPads() : nil)
      let cells = Float(windows[0].size * windows[1].size)
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
      let outputs = (padded[axis + 1] - window.size) / window.stride + 1
      let before = stated == nil ? 0 : window.before
      let after = stated.map { $0.count == 2 ? $0[axis].1 : (axis == 1 ? $0[0].1 : 0) } ?? 0
      return (0..<outputs).map { index in
        let start = index * window.stride - window.before
        return min(start + window.size, extents[axis] + after) - max(start, -before)
      }
    }
    return counts[0].flatMap { row in counts[1].map { Float(row * $0) } }
  }

  /// Root of the sum of powers; the file format has p = 2 only through square, average and root.
  static func lpPool(_ node: ONNXNode) throws -> [ValueID] {
    try node.requireFloat(0)
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
    var data = try node.input(0)
    if shape.count == 3 {
      windows.insert(WindowAxis(size: 1, stride: 1, dilation: 1, before: 0, after: 0), at: 0)
      data = try builder.unsqueeze(data, at: [2])
    }
    let result = try builder.transpose(body(builder, builder.transpose(data, [0, 2, 3, 1]), windows), [0, 3, 1, 2])
    guard shape.count == 3 else { return [result] }
    let full = builder.shape(result)
    return [try builder.reshape(result, [full[0], full[1], full[3]])]
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
  /// `pads` as before and after for each dimension.
  fileprivate func statedPads() -> [(Int, Int)]? {
    guard let pads = ints("pads") else {
      let rank = (try? shape(0).count - 2) ?? 2
      return Array(repeating: (0, string("auto_pad", default: "NOTSET").hasPrefix("SAME") ? 1 << 20 : 0), count: rank)
    }
    return (0..<pads.count / 2).map { (pads[$0], pads[$0 + pads.count / 2]) }
  }
}
