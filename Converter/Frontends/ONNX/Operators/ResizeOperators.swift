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
    var result = plan.mode == .nearest ? input : try builder.cast(input, to: .float32)
    for axis in shape.indices where plan.isResized[axis] {
      if plan.mode == .nearest {
        result = try builder.emit(.gather(axis: axis), [result, builder.integers(plan.nearest(axis))])
      } else {
        try node.requireModest(plan.outputs[axis], plan.inputs[axis])
        result = try interpolated(builder, result, axis: axis, plan)
      }
    }
    for axis in shape.indices where plan.isInside(axis).contains(false) {
      result = try extrapolated(builder, result, axis: axis, plan)
    }
    return [try builder.cast(result, to: type)]
  }

  /// Puts the extrapolation value where outputs lie outside the data.
  private static func extrapolated(
    _ builder: GraphBuilder, _ input: ValueID, axis: Int, _ plan: ResizePlan
  ) throws -> ValueID {
    var shape = Array(repeating: 1, count: plan.outputs.count)
    shape[axis] = plan.outputs[axis]
    let isInside = builder.constant(
      ConstantBytes(plan.isInside(axis).map { $0 ? 1 : 0 }), type: .bool, shape: shape)
    return try builder.select(
      isInside, input, builder.scalar(Double(plan.extrapolation), type: builder.type(input)))
  }

  /// The product along `axis` with the weights of the plan.
  static func interpolated(
    _ builder: GraphBuilder, _ input: ValueID, axis: Int, _ plan: ResizePlan
  ) throws -> ValueID {
    let (moved, back) = try builder.moveToEnd(input, axis: axis)
    let (extent, outputs) = (builder.shape(input)[axis], plan.outputs[axis])
    let product = try builder.emit(
      .fullyConnected(keepsDimensions: true),
      [
        moved, builder.constant(plan.weights(axis), shape: [outputs, extent]),
        builder.constant(Array(repeating: 0, count: outputs)),
      ])
    return try builder.transpose(product, back)
  }
}
