/// Operators by what they do, for colours.
enum OperatorFamily: String, CaseIterable {
  case weights, elementwise, window, movement, conversion, state, other

  init(_ name: String) {
    switch name {
    case "CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "TRANSPOSE_CONV", "CONV_3D", "BATCH_MATMUL", "LSTM",
      "UNIDIRECTIONAL_SEQUENCE_LSTM", "SVDF", "CONV_3D_TRANSPOSE":
      self = .weights
    case "AVERAGE_POOL_2D", "MAX_POOL_2D", "L2_POOL_2D", "MEAN", "SUM", "REDUCE_MAX", "REDUCE_MIN", "REDUCE_PROD",
      "REDUCE_ANY", "REDUCE_ALL", "ARG_MAX", "ARG_MIN", "TOPK_V2", "SOFTMAX", "LOG_SOFTMAX", "RESIZE_BILINEAR",
      "RESIZE_NEAREST_NEIGHBOR":
      self = .window
    case "RESHAPE", "CONCATENATION", "SPLIT", "SPLIT_V", "SLICE", "STRIDED_SLICE", "PAD", "PADV2", "MIRROR_PAD",
      "TRANSPOSE", "SQUEEZE", "EXPAND_DIMS", "PACK", "UNPACK", "GATHER", "GATHER_ND", "TILE", "SHAPE", "BROADCAST_TO",
      "SPACE_TO_DEPTH", "DEPTH_TO_SPACE", "SPACE_TO_BATCH_ND", "BATCH_TO_SPACE_ND", "REVERSE_V2", "SCATTER_ND":
      self = .movement
    case "QUANTIZE", "DEQUANTIZE", "CAST", "FAKE_QUANT", "DENSIFY", "BITCAST": self = .conversion
    case "VAR_HANDLE", "READ_VARIABLE", "ASSIGN_VARIABLE", "CALL_ONCE", "CALL", "IF", "WHILE": self = .state
    case "ADD", "SUB", "MUL", "DIV", "FLOOR_DIV", "FLOOR_MOD", "MINIMUM", "MAXIMUM", "POW", "SQUARED_DIFFERENCE", "NEG",
      "ABS", "EXP", "LOG", "SQRT", "RSQRT", "SQUARE", "SIN", "COS", "FLOOR", "CEIL", "ROUND", "LOGISTIC", "TANH",
      "RELU",
      "RELU6", "RELU_N1_TO_1", "RELU_0_TO_1", "LEAKY_RELU", "PRELU", "ELU", "HARD_SWISH", "GELU", "EQUAL", "NOT_EQUAL",
      "LESS", "LESS_EQUAL", "GREATER", "GREATER_EQUAL", "LOGICAL_AND", "LOGICAL_OR", "LOGICAL_NOT", "SELECT",
      "SELECT_V2", "ADD_N", "SIGN", "ATAN2":
      self = .elementwise
    default: self = .other
    }
  }

  var title: String {
    switch self {
    case .weights: "with weights"
    case .elementwise: "elementwise"
    case .window: "pooling, reduction, resize"
    case .movement: "movement of data"
    case .conversion: "change of type"
    case .state: "state and control"
    case .other: "other"
    }
  }
}
