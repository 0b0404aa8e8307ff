internal import ModelFormat

/// Resizing: the file format's own operators where they compute the same, otherwise gathers or matrix products with the
/// weights worked out here.
enum ResizeOperators {
  static func resize(_ node: ONNXNode) throws -> [ValueID] {
    try resized(node, try ResizePlan(node))
  }

  static func upsample(_ node: ONNXNode) throws -> [ValueID] {
    try resized(node, try ResizePlan(upsample: node))
  }

  private static func resized(_ node: ONNXNode, _ plan: ResizePlan) throws -> [ValueID] {
    let builder = node.builder
    let input = try node.input(0)
    let type = builder.type(input)
    let shape = builder.shape(input)
    guard plan.outputs.allSatisfy({ (0..<1 << 26).contains($0) }) else { throw node.malformed("sizes \(plan.outputs)") }
    let isPicture = shape.count == 4 && plan.outputs[0] == shape[0] && plan.outputs[1] == shape[1]
    if isPicture, type == .float32, let operation = plan.pictureOperation {
      let rows = try builder.transpose(input, [0, 2, 3, 1])
      let size = builder.integers(Array(plan.outputs[2...]))
      return [try builder.transpose(builder.emit(operation, [rows, size]), [0, 3, 1, 2])]
    }
    try node.requireModest(plan.outputs.max() ?? 0)
    if plan.mode == .nearest { return [try gathered(builder, input, plan)] }
    var result = try builder.cast(input, to: .float32)
    for axis in shape.indices where plan.isResized[axis] {
      try node.requireModest(plan.outputs[axis], plan.inputs[axis])
      result = try multiplied(builder, result, axis: axis, weights: plan.weights(axis), outputs: plan.outputs[axis])
    }
    return [try builder.cast(result, to: type)]
  }

  private static func gathered(_ builder: GraphBuilder, _ input: ValueID, _ plan: ResizePlan) throws -> ValueID {
    var result = input
    for axis in plan.outputs.indices where plan.isResized[axis] {
      let indices = plan.nearest(axis)
      guard let outside = indices.firstIndex(of: -1) else {
        result = try builder.emit(.gather(axis: axis), [result, builder.integers(indices)])
        continue
      }
      throw ConversionError(
        .unavailable, layer: builder.source, "cell \(outside) is read outside the data",
        remedy: "use another coordinate mode")
    }
    return result
  }

  private static func multiplied(
    _ builder: GraphBuilder, _ input: ValueID, axis: Int, weights: [Float], outputs: Int
  ) throws -> ValueID {
    let (moved, back) = try builder.moveToEnd(input, axis: axis)
    let extent = builder.shape(input)[axis]
    let product = try builder.emit(
      .fullyConnected(keepsDimensions: true),
      [
        moved, builder.constant(weights, shape: [outputs, extent]),
        builder.constant(Array(repeating: 0, count: outputs)),
      ])
    return try builder.transpose(product, back)
  }
}
