internal import ModelFormat

/// The version that TensorFlow Lite's converter gives an operator for its types and options: the least that has them.
/// Source: the version tables of the schema's documentation; operators without an entry are at version 1.
enum OperatorVersions {
  static func version(of node: Node, in graph: Graph) -> Int {
    let inputs = node.inputs.compactMap { $0.map { graph[$0] } }
    let data = node.operation.kind == .split || node.operation.kind == .transposeConv ? inputs.last : inputs.first
    let type = data?.type ?? .float32
    let rank = inputs.map(\.shape.count).max() ?? 0
    switch node.operation.kind {
    case .conv2D: return convolution(node, inputs)
    case .depthwiseConv2D: return depthwise(node, inputs)
    case .fullyConnected: return fullyConnected(node, inputs)
    case .transposeConv:
      return node.operation.activation != .none ? 4 : (node.inputs.count > 3 ? 3 : byType(type, 1, 2, 3))
    case .add: return rank > 4 && type == .float32 ? 4 : (type == .int64 ? 4 : byType(type, 1, 2, 3))
    case .sub: return rank > 4 ? 3 : byType(type, 1, 2, 5)
    case .mul: return type == .int64 ? 6 : byType(type, 1, 2, 4)
    case .div: return rank > 4 ? 2 : 1
    case .batchMatMul: return byType(type, 1, 2, 3)
    case .concatenation, .averagePool2D, .maxPool2D, .softmax, .logistic, .tanh, .mean, .relu6:
      return byType(type, 1, 2, 3)
    case .relu: return byType(type, 1, 2, 3)
    case .resizeBilinear: return type == .int16 ? 4 : (node.operation.bool(3) ? 3 : byType(type, 1, 2, 4))
    case .resizeNearestNeighbor:
      return type == .int16 ? 4 : (node.operation.bool(0) || node.operation.bool(1) ? 3 : byType(type, 1, 2, 4))
    case .transpose: return rank > 6 ? 6 : (rank > 5 ? 5 : (rank > 4 ? 4 : byType(type, 1, 2, 4)))
    case .pad, .padV2: return rank > 4 ? 4 : byType(type, 1, 2, 3)
    case .stridedSlice: return type == .bool ? 3 : (type == .int16 ? 4 : byType(type, 1, 2, 4))
    case .slice: return rank > 4 ? 5 : (type == .int16 ? 4 : byType(type, 1, 2, 4))
    case .split: return type == .int16 ? 4 : (type == .int32 ? 3 : byType(type, 1, 2, 4))
    case .gather: return node.operation.int(1) != 0 ? 5 : (type == .bool ? 3 : byType(type, 1, 2, 4))
    case .gatherND: return type == .bool ? 5 : byType(type, 1, 2, 3)
    case .maximum, .minimum: return rank > 4 ? 3 : byType(type, 1, 2, 4)
    case .broadcastTo: return byType(type, 2, 3, 3)
    case .dequantize:
      return type == .float16 ? 3 : (inputs.first?.quantization?.isPerChannel == true ? 5 : (type == .int16 ? 3 : 2))
    case .quantize: return 1
    case .equal, .notEqual, .less, .lessEqual, .greater, .greaterEqual: return byType(type, 1, 2, 2)
    case .squaredDifference, .rsqrt, .reduceMax, .reduceMin, .argMax, .argMin, .depthToSpace, .spaceToDepth, .tile,
      .leakyRelu, .l2Normalization:
      return byType(type, 1, 2, 2)
    case .selectV2, .prelu, .hardSwish: return 1
    default: return 1
    }
  }

  private static func byType(_ type: ElementType, _ standard: Int, _ int8: Int, _ int16: Int) -> Int {
    switch type {
    case .int8: int8
    case .int16: int16
    default: standard
    }
  }

  private static func isHybrid(_ inputs: [Value]) -> Bool {
    inputs.count > 1 && inputs[0].type == .float32 && [.int8, .uint8].contains(inputs[1].type)
  }

  private static func convolution(_ node: Node, _ inputs: [Value]) -> Int {
    guard inputs.count > 1 else { return 1 }
    let isGrouped = inputs[0].shape.last != inputs[1].shape.last
    if isGrouped { return 6 }
    if isHybrid(inputs) { return inputs[1].quantization?.isPerChannel == true ? 5 : 2 }
    return byType(inputs[0].type, 1, 3, 4)
  }

  private static func depthwise(_ node: Node, _ inputs: [Value]) -> Int {
    if isHybrid(inputs) { return 6 }
    let isDilated = node.operation.dilations != Extent(1, 1)
    return byType(inputs.first?.type ?? .float32, isDilated ? 2 : 1, 3, 5)
  }

  private static func fullyConnected(_ node: Node, _ inputs: [Value]) -> Int {
    if isHybrid(inputs) { return inputs[1].quantization?.isPerChannel == true ? 12 : 3 }
    if inputs.count < 3 { return 6 }
    if node.operation.bool(2) { return 5 }
    return byType(inputs.first?.type ?? .float32, 1, 4, 7)
  }
}
