extension Rule {
  /// PAD before a convolution, or of the lowest number before a maximum, becomes the layer's SAME padding where it is
  /// exactly that: as many rows as bring the output to ceil(input / stride), the smaller half before.
  static let fusePadding = Rule("fuse padding") { match in
    guard [.conv2D, .depthwiseConv2D, .maxPool2D].contains(match.kind), match.node.operation.padding == .valid,
      let pad = match.producer(of: match.input(0), .pad, .padV2), let source = pad.inputs[0],
      let amounts = match.integers(pad.inputs[1]), amounts.count == 8, let window = window(match)
    else { return nil }
    if match.kind == .maxPool2D {
      guard let number = match.number(pad.inputs.count > 2 ? pad.inputs[2] : nil),
        number <= match.graph[source].statedGrid.flatMap(Grid.init)?.reach.lowerBound
          ?? -Float.greatestFiniteMagnitude
      else { return nil }
    } else if pad.operation.kind == .padV2 {
      guard match.number(pad.inputs[2]) == 0 else { return nil }
    }
    let shape = match.graph[source].shape
    let strides = match.node.operation.strides
    guard amounts[0...1].allSatisfy({ $0 == 0 }), amounts[6...7].allSatisfy({ $0 == 0 }),
      isSame((amounts[2], amounts[3]), extent: shape[1], reach: window.height, stride: strides.height),
      isSame((amounts[4], amounts[5]), extent: shape[2], reach: window.width, stride: strides.width)
    else { return nil }
    var operation = match.node.operation
    operation.padding = .same
    var patch = Patch(match)
    let result = patch.emit(
      operation, [source] + match.node.inputs.dropFirst(), like: match.graph[match.output])
    patch.replace(match.output, with: result)
    return patch
  }

  /// Rows and columns from the first to the last cell of the window.
  private static func window(_ match: Match) -> Extent? {
    let operation = match.node.operation
    if match.kind == .maxPool2D { return Extent(operation.int(4), operation.int(3)) }
    guard let filter = match.value(1)?.shape, filter.count == 4 else { return nil }
    let dilations = operation.dilations
    return Extent((filter[1] - 1) * dilations.height + 1, (filter[2] - 1) * dilations.width + 1)
  }

  private static func isSame(_ padding: (Int, Int), extent: Int, reach: Int, stride: Int) -> Bool {
    guard stride > 0 else { return false }
    let total = max(((extent + stride - 1) / stride - 1) * stride + reach - extent, 0)
    return padding == (total / 2, total - total / 2)
  }
}
