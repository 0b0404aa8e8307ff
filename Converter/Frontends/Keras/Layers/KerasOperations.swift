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
    "cast": cast,
    "clip": clip,
    "clipbyvalue": clip,
    "concat": concatenate,
    "concatenate": concatenate,
    "cos": unary(.cos),
    "div": binary(.arithmetic(.div)),
    "divide": binary(.arithmetic(.div)),
    "elu": activation("elu"),
    "equal": comparison(.equal),
    "exp": unary(.exp),
    "expanddims": KerasOperationShapes.expandDimensions,
    "gelu": activation("gelu"),
    "getitem": KerasOperationShapes.getItem,
    "greater": comparison(.greater),
    "greaterequal": comparison(.greaterEqual),
    "hardsigmoid": activation("hard_sigmoid"),
    "hardsilu": activation("hard_silu"),
    "hardswish": activation("hard_swish"),
    "identity": { layer in [layer.input] },
    "leakyrelu": { layer in
      let slope = (layer.parameter(1, "negative_slope") ?? layer.parameter(1, "alpha"))?.number ?? 0.2
      return [try layer.builder.emit(.leakyRelu(slope: Float(slope)), [layer.input])]
    },
    "less": comparison(.less),
    "lessequal": comparison(.lessEqual),
    "log": unary(.log),
    "logsoftmax": activation("log_softmax"),
    "matmul": { layer in [try layer.builder.emit(.batchMatMul(), [layer.operand(0, "x1"), layer.operand(1, "x2")])] },
    "max": reduction(.reduceMax),
    "maximum": binary(Operation(.maximum)),
    "mean": reduction(.mean),
    "min": reduction(.reduceMin),
    "minimum": binary(Operation(.minimum)),
    "multiply": binary(.arithmetic(.mul)),
    "neg": unary(.neg),
    "negative": unary(.neg),
    "notequal": comparison(.notEqual),
    "pow": power,
    "power": power,
    "realdiv": binary(.arithmetic(.div)),
    "reducemax": reduction(.reduceMax),
    "reducemean": reduction(.mean),
    "reducemin": reduction(.reduceMin),
    "reducesum": reduction(.sum),
    "relu": activation("relu"),
    "relu6": activation("relu6"),
    "reshape": KerasOperationShapes.reshape,
    "rsqrt": unary(.rsqrt),
    "selu": activation("selu"),
    "sigmoid": activation("sigmoid"),
    "silu": activation("silu"),
    "sin": unary(.sin),
    "softmax": activation("softmax"),
    "softplus": activation("softplus"),
    "sqrt": unary(.sqrt),
    "square": { layer in [try layer.builder.mul(layer.input, layer.input)] },
    "squeeze": KerasOperationShapes.squeeze,
    "stack": KerasOperationShapes.stack,
    "sub": binary(.arithmetic(.sub)),
    "subtract": binary(.arithmetic(.sub)),
    "sum": reduction(.sum),
    "swish": activation("swish"),
    "tanh": activation("tanh"),
    "transpose": KerasOperationShapes.transpose,
    "truedivide": binary(.arithmetic(.div)),
    "truediv": binary(.arithmetic(.div)),
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
      let axis = layer.parameter(1, "axis")?.int ?? -1
      guard !name.contains("softmax") || axis == -1 || axis == layer.inputShape.count - 1 else {
        throw layer.unsupported("an axis other than the last", "permute before it")
      }
      return [try KerasActivations.apply(name, to: layer.input, in: layer)]
    }
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
    case .value(.number(let number)): return builder.scalar(number, type: builder.type(input))
    case .list(let elements):
      let numbers = elements.compactMap { $0.value?.number }
      guard numbers.count == elements.count, builder.type(input) == .float32 else { break }
      return builder.constant(numbers.map { Float($0) })
    default: break
    }
    throw malformed("its operand \(position) is missing")
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
