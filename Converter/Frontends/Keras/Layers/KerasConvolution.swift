internal import ModelFormat

/// Layers with a kernel. Keras keeps rows, columns, inputs, outputs; the file format has outputs first.
enum KerasConvolution {
  private static func bias(_ layer: KerasLayer, _ index: Int, count: Int) throws -> ValueID {
    guard layer.flag("use_bias", default: true) else {
      return layer.builder.constant(Array(repeating: 0, count: count))
    }
    return layer.constant(try layer.weight(index, rank: 1))
  }

  static func dense(_ layer: KerasLayer) throws -> [ValueID] {
    let builder = layer.builder
    let kernel = try layer.weight(0, rank: 2)
    guard layer.inputShape.last == kernel.shape[0] else { throw layer.malformed("its kernel does not fit its input") }
    let weights = try builder.transpose(layer.constant(kernel), [1, 0])
    let bias = try bias(layer, 1, count: kernel.shape[1])
    let keeps = layer.inputShape.count != 2
    return try layer.activated(builder.emit(.fullyConnected(keepsDimensions: keeps), [layer.input, weights, bias]))
  }

  /// A product by an equation, as "abc,cd->abd".
  static func einsum(_ layer: KerasLayer) throws -> [ValueID] {
    let builder = layer.builder
    guard let kernel = layer.weights.first, let equation = layer.config["equation"]?.text else {
      throw layer.malformed("its kernel or its equation is missing")
    }
    guard let plan = EinsumPlan(equation.filter { $0 != " " }, shapes: [layer.inputShape, kernel.shape]) else {
      throw layer.unsupported("the equation '\(equation)'", "use Dense layers")
    }
    var result = try plan.emit(builder, [layer.input, layer.constant(kernel)])
    if layer.config["bias_axes"] != nil {
      guard layer.weights.count > 1 else { throw layer.malformed("its bias is missing") }
      result = try builder.add(result, layer.constant(layer.weights[1]))
    }
    return try layer.activated(result)
  }

  static func conv2D(_ layer: KerasLayer) throws -> [ValueID] {
    try layer.requireRank(4)
    let kernel = try layer.weight(0, rank: 4)
    let strides = try layer.extents("strides", count: 2, default: 1)
    let dilations = try layer.extents("dilation_rate", count: 2, default: 1)
    let bias = try bias(layer, 1, count: kernel.shape[3])
    let result = try convolution(
      layer, layer.input, layer.constant(kernel), bias, strides, dilations, padding: layer.padding())
    return try layer.activated(result)
  }

  /// `kernel`: rows, columns, inputs of a group, outputs.
  private static func convolution(
    _ layer: KerasLayer, _ data: ValueID, _ kernel: ValueID, _ bias: ValueID, _ strides: [Int], _ dilations: [Int],
    padding: Padding
  ) throws -> ValueID {
    let builder = layer.builder
    let (shape, channels) = (builder.shape(kernel), builder.shape(data)[3])
    guard shape[2] > 0, channels % shape[2] == 0, shape[3] % (channels / shape[2]) == 0 else {
      throw layer.malformed("its kernel does not fit its input")
    }
    let groups = channels / shape[2]
    let operation = Operation.conv2D(
      strides: Extent(strides[0], strides[1]), dilations: Extent(dilations[0], dilations[1]), padding: padding)
    let weights = try builder.transpose(kernel, [3, 0, 1, 2])
    if groups == 1 { return try builder.emit(operation, [data, weights, bias]) }
    if shape[2] == 1 {
      let spread = try builder.reshape(kernel, [shape[0], shape[1], channels, shape[3] / channels])
      return try depthwise(layer, data, spread, bias, strides, dilations, padding: padding)
    }
    let parts = try (0..<groups).map { group in
      try builder.emit(
        operation,
        [
          builder.part(data, axis: 3, group, of: groups), builder.part(weights, axis: 0, group, of: groups),
          builder.part(bias, axis: 0, group, of: groups),
        ])
    }
    return try builder.concatenate(parts, axis: 3)
  }

  /// `kernel`: rows, columns, inputs, outputs of each input.
  private static func depthwise(
    _ layer: KerasLayer, _ data: ValueID, _ kernel: ValueID, _ bias: ValueID, _ strides: [Int], _ dilations: [Int],
    padding: Padding
  ) throws -> ValueID {
    let builder = layer.builder
    let shape = builder.shape(kernel)
    guard shape[2] == builder.shape(data)[3] else { throw layer.malformed("its kernel does not fit its input") }
    let weights = try builder.reshape(kernel, [1, shape[0], shape[1], shape[2] * shape[3]])
    return try builder.emit(
      .depthwiseConv2D(
        strides: Extent(strides[0], strides[1]), dilations: Extent(dilations[0], dilations[1]), multiplier: shape[3],
        padding: padding), [data, weights, bias])
  }

  static func depthwise2D(_ layer: KerasLayer) throws -> [ValueID] {
    try layer.requireRank(4)
    let kernel = try layer.weight(0, rank: 4)
    let bias = try bias(layer, 1, count: kernel.shape[2] * kernel.shape[3])
    return try layer.activated(
      depthwise(
        layer, layer.input, layer.constant(kernel), bias, layer.extents("strides", count: 2, default: 1),
        layer.extents("dilation_rate", count: 2, default: 1), padding: layer.padding()))
  }

  static func separable2D(_ layer: KerasLayer) throws -> [ValueID] {
    try layer.requireRank(4)
    return try layer.activated(
      separable(
        layer, layer.input, layer.constant(layer.weight(0, rank: 4)), layer.constant(layer.weight(1, rank: 4)),
        layer.extents("strides", count: 2, default: 1), layer.extents("dilation_rate", count: 2, default: 1)))
  }

  private static func separable(
    _ layer: KerasLayer, _ data: ValueID, _ kernel: ValueID, _ pointwise: ValueID, _ strides: [Int], _ dilations: [Int]
  ) throws -> ValueID {
    let builder = layer.builder
    let (inner, outer) = (builder.shape(kernel), builder.shape(pointwise))
    let none = builder.constant(Array(repeating: 0, count: inner[2] * inner[3]))
    let middle = try depthwise(layer, data, kernel, none, strides, dilations, padding: layer.padding())
    return try convolution(
      layer, middle, pointwise, bias(layer, 2, count: outer[3]), [1, 1], [1, 1], padding: .valid)
  }

  static func transposed(_ layer: KerasLayer) throws -> [ValueID] {
    try layer.requireRank(4)
    let kernel = try dilated(layer, layer.weight(0, rank: 4), layer.extents("dilation_rate", count: 2, default: 1))
    let result = try transposed(layer, layer.input, kernel, layer.extents("strides", count: 2, default: 1))
    return try layer.activated(result)
  }

  /// `kernel`, of rows and columns first, with zeros between its cells: the file format's operator has no dilation.
  private static func dilated(_ layer: KerasLayer, _ kernel: KerasArray, _ dilations: [Int]) throws -> ValueID {
    guard dilations != [1, 1] else { return layer.constant(kernel) }
    let sides = zip(kernel.shape, dilations).map { max($0 - 1, 0) * $1 + min($0, 1) }
    let depth = kernel.shape[2] * kernel.shape[3]
    guard Double(sides[0]) * Double(sides[1]) * Double(depth) <= 0x1p26 else {
      throw layer.unsupported("a window of \(sides[0]) x \(sides[1]) cells", "use smaller dilations")
    }
    var elements = Array(repeating: Float(0), count: sides[0] * sides[1] * depth)
    for index in kernel.elements.indices {
      let (cell, place) = (index / depth, index % depth)
      let (row, column) = (cell / kernel.shape[1] * dilations[0], cell % kernel.shape[1] * dilations[1])
      elements[(row * sides[1] + column) * depth + place] = kernel.elements[index]
    }
    return layer.builder.constant(elements, shape: sides + kernel.shape[2...])
  }

  /// `kernel`: rows, columns, outputs, inputs.
  private static func transposed(
    _ layer: KerasLayer, _ data: ValueID, _ kernel: ValueID, _ strides: [Int]
  ) throws -> ValueID {
    let builder = layer.builder
    let padding = try layer.padding()
    let (shape, window) = (builder.shape(data), builder.shape(kernel))
    if layer.config["output_padding"] != nil {
      return try builder.add(
        extended(layer, data, kernel, strides, isSame: padding == .same), bias(layer, 1, count: window[2]))
    }
    let extents = [0, 1].map { (axis: Int) -> Int in
      if padding == .same { return shape[axis + 1] * strides[axis] }
      return (shape[axis + 1] - 1) * strides[axis] + max(window[axis], strides[axis])
    }
    let weights = try builder.transpose(kernel, [2, 0, 1, 3])
    let result = try builder.emit(
      .transposeConv(strides: Extent(strides[0], strides[1]), padding: padding),
      [builder.integers([shape[0], extents[0], extents[1], window[2]]), weights, data], type: .float32)
    return try builder.add(result, bias(layer, 1, count: window[2]))
  }

  /// A transposed convolution with `output_padding` rows and columns more than its windows reach, or than is left of these
  /// where padding "same" cuts off half a window on both sides.
  private static func extended(
    _ layer: KerasLayer, _ data: ValueID, _ kernel: ValueID, _ strides: [Int], isSame: Bool
  ) throws -> ValueID {
    let builder = layer.builder
    let (shape, window) = (builder.shape(data), builder.shape(kernel))
    guard let given = layer.config["output_padding"] else { throw layer.malformed("output_padding is missing") }
    let stated = given.ints ?? given.int.map { Array(repeating: $0, count: strides.count) } ?? []
    let more = Array(repeating: 0, count: 2 - min(stated.count, 2)) + stated
    guard more.count == 2, zip(more, strides).allSatisfy({ $0 >= 0 && ($0 < $1 || $0 == 0) }) else {
      throw layer.malformed("output_padding does not fit its strides")
    }
    let full = [0, 1].map { (axis: Int) -> Int in (shape[axis + 1] - 1) * strides[axis] + window[axis] }
    let wanted = [0, 1].map { (axis: Int) -> Int in
      full[axis] + more[axis] - (isSame ? window[axis] / 2 * 2 : 0)
    }
    // As the convolution that this one turns around pads its input: what lies behind gets more.
    let before = [0, 1].map { (axis: Int) -> Int in isSame ? max(full[axis] - wanted[axis], 0) / 2 : 0 }
    guard wanted.allSatisfy({ $0 > 0 }) else { throw layer.malformed("its window leaves nothing of its input") }
    let result = try builder.emit(
      .transposeConv(strides: Extent(strides[0], strides[1]), padding: .valid),
      [
        builder.integers([shape[0], full[0], full[1], window[2]]), builder.transpose(kernel, [2, 0, 1, 3]), data,
      ], type: .float32)
    let missing = [0, 1].map { (axis: Int) -> Int in max(0, before[axis] + wanted[axis] - full[axis]) }
    let padded = try builder.pad(result, [(0, 0), (0, missing[0]), (0, missing[1]), (0, 0)])
    return try builder.slice(
      padded, begin: [0, before[0], before[1], 0], size: [shape[0], wanted[0], wanted[1], window[2]])
  }

  // MARK: Along one dimension

  /// The input as one row, with what "causal" padding puts before it.
  private static func row(_ layer: KerasLayer, reach: Int) throws -> (data: ValueID, padding: Padding) {
    try layer.requireRank(3)
    let data = try layer.builder.unsqueeze(layer.input, at: [1])
    guard layer.config["padding"]?.text == "causal" else { return (data, try layer.padding()) }
    return (try layer.builder.pad(data, [(0, 0), (0, 0), (reach - 1, 0), (0, 0)]), .valid)
  }

  /// Strides and dilations of one dimension, for two.
  private static func steps(_ layer: KerasLayer) throws -> (strides: [Int], dilations: [Int]) {
    (
      [1] + (try layer.extents("strides", count: 1, default: 1)),
      [1] + (try layer.extents("dilation_rate", count: 1, default: 1))
    )
  }

  private static func withoutRow(_ layer: KerasLayer, _ value: ValueID) throws -> ValueID {
    let shape = layer.builder.shape(value)
    return try layer.builder.reshape(value, [shape[0], shape[2], shape[3]])
  }

  static func conv1D(_ layer: KerasLayer) throws -> [ValueID] {
    let kernel = try layer.weight(0, rank: 3)
    let (strides, dilations) = try steps(layer)
    let (data, padding) = try row(layer, reach: (kernel.shape[0] - 1) * dilations[1] + 1)
    let wide = layer.builder.constant(kernel.elements, shape: [1] + kernel.shape)
    let result = try convolution(
      layer, data, wide, bias(layer, 1, count: kernel.shape[2]), strides, dilations, padding: padding)
    return try layer.activated(withoutRow(layer, result))
  }

  static func depthwise1D(_ layer: KerasLayer) throws -> [ValueID] {
    let kernel = try layer.weight(0, rank: 3)
    let (strides, dilations) = try steps(layer)
    let (data, padding) = try row(layer, reach: (kernel.shape[0] - 1) * dilations[1] + 1)
    let wide = layer.builder.constant(kernel.elements, shape: [1] + kernel.shape)
    let result = try depthwise(
      layer, data, wide, bias(layer, 1, count: kernel.shape[1] * kernel.shape[2]), strides, dilations, padding: padding)
    return try layer.activated(withoutRow(layer, result))
  }

  static func separable1D(_ layer: KerasLayer) throws -> [ValueID] {
    let (kernel, pointwise) = (try layer.weight(0, rank: 3), try layer.weight(1, rank: 3))
    let (strides, dilations) = try steps(layer)
    let (data, _) = try row(layer, reach: 1)
    let result = try separable(
      layer, data, layer.builder.constant(kernel.elements, shape: [1] + kernel.shape),
      layer.builder.constant(pointwise.elements, shape: [1] + pointwise.shape), strides, dilations)
    return try layer.activated(withoutRow(layer, result))
  }

  static func transposed1D(_ layer: KerasLayer) throws -> [ValueID] {
    let kernel = try layer.weight(0, rank: 3)
    let (strides, dilations) = try steps(layer)
    let wide = try dilated(layer, KerasArray(shape: [1] + kernel.shape, elements: kernel.elements), dilations)
    let result = try transposed(layer, row(layer, reach: 1).data, wide, strides)
    return try layer.activated(withoutRow(layer, result))
  }
}
