internal import ModelFormat

/// The shapes of an operator's outputs: the runtime's rules, with short ways for operators that keep their input's shape.
enum ShapeRules {
  static func outputShapes(
    _ operation: Operation, _ inputs: [Value?], types: [ElementType], source: String
  ) throws -> [[Int]] {
    if let first = inputs.first, let input = first, keepsShape.contains(operation.kind) { return [input.shape] }
    return try OneNodeModel.outputShapes(operation, inputs, types: types, source: source)
  }

  /// Operators of one input whose output has its shape.
  static let keepsShape: Set<OperatorKind> = [
    .relu, .relu6, .reluN1To1, .logistic, .tanh, .abs, .neg, .exp, .log, .sqrt, .rsqrt, .square, .sin, .cos, .floor,
    .ceil, .round, .sign, .elu, .leakyRelu, .hardSwish, .gelu, .softmax, .logSoftmax, .cast, .logicalNot, .erf,
    .l2Normalization, .quantize, .dequantize, .localResponseNormalization,
  ]
}
