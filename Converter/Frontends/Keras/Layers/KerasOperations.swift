internal import ModelFormat

/// Functions called between layers, such as `x + 1` or `ops.mean(x)`: operations of Keras 3, TensorFlow's in Keras 2.
enum KerasOperations {
  /// By name without module, case and underscores.
  static func lowering(of className: String) -> KerasLowering? {
    guard className.hasPrefix("keras.ops.") || className.hasPrefix("tf."),
      let name = className.split(separator: ".").last
    else { return nil }
    return table[name.lowercased().filter { $0 != "_" }]
  }

  private static let table: [String: KerasLowering] = [
    "abs": unary(.abs),
    "absolute": unary(.abs),
    "add": binary(.arithmetic(.add)),
    "argmax": KerasSelections.argExtremum(.argMax),
    "argmin": KerasSelections.argExtremum(.argMin),
    "broadcastto": KerasOperationShapes.broadcast,
    "cast": cast,
    "ceil": unary(.ceil),
    "celu": activation("celu"),
    "clip": clip,
    "clipbyvalue": clip,
    "concat": concatenate,
    "concatenate": concatenate,
    "cos": unary(.cos),
    "cumsum": KerasStatistics.cumulativeSum,
    "div": binary(.arithmetic(.div)),
    "divide": binary(.arithmetic(.div)),
    "einsum": einsum,
    "elu": activation("elu"),
    "equal": comparison(.equal),
    "exp": unary(.exp),
    "expanddims": KerasOperationShapes.expandDimensions,
    "flip": KerasOperationShapes.flip,
    "floor": unary(.floor),
    "floordiv": binary(Operation(.floorDiv)),
    "floordivide": binary(Operation(.floorDiv)),
    "floormod": binary(Operation(.floorMod)),
    "gather": KerasSelections.take,
    "gelu": { layer in
      let isApproximate = layer.parameter(1, "approximate")?.bool ?? layer.isKeras3
      return [try layer.builder.emit(.gelu(approximate: isApproximate), [layer.input])]
    },
    "getitem": KerasOperationShapes.getItem,
    "glu": activation("glu"),
    "greater": comparison(.greater),
    "greaterequal": comparison(.greaterEqual),
    "hardshrink": activation("hard_shrink"),
    "hardsigmoid": activation("hard_sigmoid"),
    "hardsilu": activation("hard_silu"),
    "hardswish": activation("hard_swish"),
    "hardtanh": activation("hard_tanh"),
    "identity": { layer in [layer.input] },
    "leakyrelu": { layer in
      let slope = (layer.parameter(1, "negative_slope") ?? layer.parameter(1, "alpha"))?.number ?? 0.2
      return [try layer.builder.emit(.leakyRelu(slope: Float(slope)), [layer.input])]
    },
    "less": comparison(.less),
    "lessequal": comparison(.lessEqual),
    "log": unary(.log),
    "log1p": { layer in [try layer.builder.unary(.log, layer.builder.add(layer.input, 1))] },
    "logicaland": binary(Operation(.logicalAnd)),
    "logicalnot": unary(.logicalNot),
    "logicalor": binary(Operation(.logicalOr)),
    "logsigmoid": activation("log_sigmoid"),
    "logsoftmax": activation("log_softmax"),
    "logsumexp": KerasStatistics.logSumExp,
    "matmul": matrixProduct,
    "max": reduction(.reduceMax),
    "maximum": binary(Operation(.maximum)),
    "mean": reduction(.mean),
    "min": reduction(.reduceMin),
    "minimum": binary(Operation(.minimum)),
    "mish": activation("mish"),
    "mod": binary(Operation(.floorMod)),
    "moveaxis": KerasOperationShapes.moveAxis,
    "multiply": binary(.arithmetic(.mul)),
    "neg": unary(.neg),
    "negative": unary(.neg),
    "norm": KerasStatistics.norm,
    "notequal": comparison(.notEqual),
    "onehot": KerasSelections.oneHot,
    "pad": KerasOperationShapes.pad,
    "pow": power,
    "power": power,
    "prod": reduction(.reduceProd),
    "ravel": KerasOperationShapes.ravel,
    "realdiv": binary(.arithmetic(.div)),
    "reciprocal": { layer in [try layer.builder.div(layer.builder.scalar(1), layer.input)] },
    "reducelogsumexp": KerasStatistics.logSumExp,
    "reducemax": reduction(.reduceMax),
    "reducemean": reduction(.mean),
    "reducemin": reduction(.reduceMin),
    "reduceprod": reduction(.reduceProd),
    "reducestd": KerasStatistics.spread(isDeviation: true),
    "reducesum": reduction(.sum),
    "reducevariance": KerasStatistics.spread(isDeviation: false),
    "relu": activation("relu"),
    "relu6": activation("relu6"),
    "repeat": KerasOperationShapes.repeatElements,
    "reshape": KerasOperationShapes.reshape,
    "reverse": KerasOperationShapes.flip,
    "round": unary(.round),
    "rsqrt": unary(.rsqrt),
    "selu": activation("selu"),
    "sigmoid": activation("sigmoid"),
    "sign": unary(.sign),
    "silu": activation("silu"),
    "sin": unary(.sin),
    "softmax": activation("softmax"),
    "softplus": activation("softplus"),
    "softshrink": activation("soft_shrink"),
    "softsign": activation("softsign"),
    "sparseplus": activation("sparse_plus"),
    "sparsesigmoid": activation("sparse_sigmoid"),
    "split": KerasOperationShapes.split,
    "sqrt": unary(.sqrt),
    "square": { layer in [try layer.builder.mul(layer.input, layer.input)] },
    "squareplus": activation("squareplus"),
    "squeeze": KerasOperationShapes.squeeze,
    "stack": KerasOperationShapes.stack,
    "std": KerasStatistics.spread(isDeviation: true),
    "sub": binary(.arithmetic(.sub)),
    "subtract": binary(.arithmetic(.sub)),
    "sum": reduction(.sum),
    "swapaxes": KerasOperationShapes.swapAxes,
    "swish": activation("swish"),
    "take": KerasSelections.take,
    "tanh": activation("tanh"),
    "tanhshrink": activation("tanh_shrink"),
    "tile": KerasOperationShapes.tile,
    "topk": KerasSelections.topK,
    "transpose": KerasOperationShapes.transpose,
    "truedivide": binary(.arithmetic(.div)),
    "truediv": binary(.arithmetic(.div)),
    "var": KerasStatistics.spread(isDeviation: false),
    "where": KerasSelections.choose,
  ]

  private static func unary(_ kind: OperatorKind) -> KerasLowering {
    { layer in [try layer.builder.unary(kind, layer.input)] }
  }

  private static func binary(_ operation: Operation) -> KerasLowering {
    { layer in
      let operands = [
        try layer.operand(0, "x1", "x", "a"), try layer.operand(1, "x2", "y", "b"),
      ]
      return [try layer.builder.emit(operation, operands)]
    }
  }

  private static func comparison(_ kind: OperatorKind) -> KerasLowering {
    { layer in [try layer.builder.compare(kind, layer.operand(0, "x1", "x"), layer.operand(1, "x2", "y"))] }
  }

  private static func activation(_ name: String) -> KerasLowering {
    { layer in
      guard name.contains("softmax") else { return [try KerasActivations.apply(name, to: layer.input, in: layer)] }
      let axes = layer.parameter(1, "axis")
      return [
        try KerasActivations.along(axes?.ints ?? [axes?.int ?? -1], layer) {
          try KerasActivations.apply(name, to: $0, in: layer)
        }
      ]
    }
  }

  private static func matrixProduct(_ layer: KerasLayer) throws -> [ValueID] {
    let builder = layer.builder
    let sides = try [("a", 0), ("b", 1)].map { name, index in
      let side = try layer.operand(index, "x\(index + 1)", name)
      let rank = builder.shape(side).count
      guard layer.parameter(2 + index, "transpose_\(name)")?.bool ?? false, rank > 1 else { return side }
      return try builder.transpose(side, Array(0..<rank - 2) + [rank - 1, rank - 2])
    }
    return [try MatrixOperators.product(builder, sides[0], sides[1])]
  }

  private static func einsum(_ layer: KerasLayer) throws -> [ValueID] {
    let equation = layer.config["subscripts"]?.text ?? layer.call.arguments.first?.value?.text ?? ""
    let operands = layer.call.tensors
    let shapes = operands.map { layer.builder.shape($0) }
    guard let plan = EinsumPlan(equation.filter { $0 != " " }, shapes: shapes) else {
      throw layer.unsupported("the equation '\(equation)'", "write it with products, transposes and sums")
    }
    return [try plan.emit(layer.builder, operands)]
  }

  private static func reduction(_ kind: OperatorKind) -> KerasLowering {
    { layer in
      let rank = layer.inputShape.count
      let given = layer.parameter(1, "axis")
      let axes = try (given?.ints ?? given?.int.map { [$0] } ?? Array(0..<rank)).map { try layer.axis($0, rank: rank) }
      let keeps = layer.parameter(2, "keepdims")?.bool ?? false
      return [try layer.builder.reduce(kind, layer.input, axes: axes.sorted(), keepsDimensions: keeps)]
    }
  }

  private static func power(_ layer: KerasLayer) throws -> [ValueID] {
    if let exponent = layer.parameter(1, "y")?.number, exponent == 2 {
      return [try layer.builder.mul(layer.input, layer.input)]
    }
    return [try layer.builder.emit(Operation(.pow), [layer.operand(0, "x1", "x"), layer.operand(1, "x2", "y")])]
  }

  private static func clip(_ layer: KerasLayer) throws -> [ValueID] {
    let builder = layer.builder
    let low = (layer.parameter(1, "x_min") ?? layer.parameter(1, "clip_value_min"))?.number
    let high = (layer.parameter(2, "x_max") ?? layer.parameter(2, "clip_value_max"))?.number
    guard let low, let high else { throw layer.malformed("its limits are no numbers") }
    let type = builder.type(layer.input)
    let raised = try builder.maximum(layer.input, builder.scalar(low, type: type))
    return [try builder.minimum(raised, builder.scalar(high, type: type))]
  }

  private static func cast(_ layer: KerasLayer) throws -> [ValueID] {
    switch layer.parameter(1, "dtype")?.text {
    case "float32", "float16", "bfloat16": return [try layer.builder.cast(layer.input, to: .float32)]
    case "int32": return [try layer.builder.cast(layer.input, to: .int32)]
    case "int64": return [try layer.builder.cast(layer.input, to: .int64)]
    case "bool": return [try layer.builder.cast(layer.input, to: .bool)]
    case let other: throw layer.unsupported("a cast to \(other ?? "an unknown type")", "cast to float32 or int32")
    }
  }

  private static func concatenate(_ layer: KerasLayer) throws -> [ValueID] {
    let axis = try layer.axis(layer.parameter(1, "axis")?.int ?? -1, rank: layer.inputShape.count)
    return [try layer.builder.concatenate(layer.inputs, axis: axis)]
  }
}

extension KerasLayer {
  /// Argument `position` of the call, or one of these names.
  func argument(_ position: Int, _ names: [String]) -> KerasArgument<ValueID>? {
    if call.arguments.indices.contains(position) { return call.arguments[position] }
    return names.lazy.compactMap { call.keywords[$0] }.first
  }

  /// A tensor, or a number as a constant of the first tensor's type.
  func operand(_ position: Int, _ names: String...) throws -> ValueID {
    switch argument(position, names) {
    case .tensor(let id): return id
    case let other?: if let constant = constant(other, type: builder.type(input)) { return constant }
    default: break
    }
    throw malformed("its operand \(position) is missing")
  }

  /// Numbers of an argument, also in lists of lists or as a tensor that Keras stored in the configuration.
  func constant(_ argument: KerasArgument<ValueID>, type: ElementType) -> ValueID? {
    guard var value = argument.value else { return nil }
    if value["class_name"]?.text == "__tensor__", let stored = value["config"]?["value"] { value = stored }
    if let number = value.number { return builder.scalar(number, type: type) }
    guard let (numbers, shape) = value.numbers else { return nil }
    return builder.constant(
      ConstantBytes(numbers.flatMap { ScalarBytes.bytes($0, type).array }), type: type, shape: shape)
  }

  /// A setting that Keras 3 keeps in the configuration and Keras 2 in the call.
  func parameter(_ position: Int, _ name: String) -> KerasConfig? {
    config[name] ?? call.keywords[name]?.value
      ?? (call.arguments.indices.contains(position) ? call.arguments[position].value : nil)
  }

  /// An axis counted from the first dimension.
  func axis(_ axis: Int, rank: Int) throws -> Int {
    let counted = axis < 0 ? axis + rank : axis
    guard (0..<rank).contains(counted) else { throw malformed("axis \(axis) of rank \(rank)") }
    return counted
  }
}

extension KerasConfig {
  /// Numbers in lists of the same length, and the shape of these.
  fileprivate var numbers: (elements: [Double], shape: [Int])? {
    if let number { return ([number], []) }
    guard let elements else { return nil }
    let parts = elements.compactMap(\.numbers)
    guard parts.count == elements.count, parts.allSatisfy({ $0.shape == parts[0].shape }) else { return nil }
    return (parts.flatMap(\.elements), [parts.count] + (parts.first?.shape ?? []))
  }
}
