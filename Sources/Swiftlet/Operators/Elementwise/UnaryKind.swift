import CKernels
import ModelFormat

/// The function of an operator that `UnaryFunction` runs.
enum UnaryKind: Sendable {
  case clamp(ActivationLimits)
  case leakyReLU, elu, gelu, hardSwish, logistic, tanh
  case exp, log, sqrt, rsqrt, sin, cos, abs, neg, square, floor, ceil, round, sign

  /// The function of built-in operator `code`, which the operator table maps to `UnaryFunction`.
  init(_ code: Int) {
    if let limits = ActivationLimits(of: code) {
      self = .clamp(limits)
      return
    }
    switch code {
    case 98: self = .leakyReLU
    case 111: self = .elu
    case 150: self = .gelu
    case 117: self = .hardSwish
    case 14: self = .logistic
    case 28: self = .tanh
    case 47: self = .exp
    case 73: self = .log
    case 75: self = .sqrt
    case 76: self = .rsqrt
    case 66: self = .sin
    case 108: self = .cos
    case 101: self = .abs
    case 59: self = .neg
    case 92: self = .square
    case 8: self = .floor
    case 104: self = .ceil
    case 116: self = .round
    default: self = .sign
    }
  }

  /// The types that the operator has in TensorFlow Lite.
  func accepts(_ type: ElementType) -> Bool {
    if type == .float32 { return true }
    switch self {
    case .clamp(let limits):
      return type == .int8 || type == .uint8 || (type == .int16 && limits.minimum == 0 && limits.maximum > 1)
    case .leakyReLU, .logistic, .tanh, .gelu: return type.isQuantized
    case .hardSwish: return type == .int8 || type == .uint8
    case .elu: return type == .int8
    case .exp, .log, .sqrt, .rsqrt: return type == .int8 || type == .int16
    case .abs: return type == .int8 || type == .int16 || type == .int32
    case .neg: return type == .int8 || type == .int16 || type == .int32 || type == .int64
    case .sign: return type == .int32
    case .square, .floor, .ceil, .round, .sin, .cos: return false
    }
  }

  var integerFunction: UnaryFunction.IntegerFunction {
    switch self {
    case .neg: .negate
    case .abs: .magnitude
    default: .sign
    }
  }

  /// Options: LEAKY_RELU `alpha`, GELU `approximate`.
  func kernel(_ node: Node) -> swl_unary {
    switch self {
    case .clamp(let limits): swl_unary(op: SWL_UNARY_CLAMP, p: limits.minimum, q: limits.maximum)
    case .leakyReLU: swl_unary(op: SWL_UNARY_LEAKY_RELU, p: node.options.float(0), q: 0)
    case .gelu: swl_unary(op: node.options.bool(0) ? SWL_UNARY_GELU_TANH : SWL_UNARY_GELU, p: 0, q: 0)
    default: swl_unary(op: plainKernel, p: 0, q: 0)
    }
  }

  private var plainKernel: swl_unary_op {
    switch self {
    case .clamp: SWL_UNARY_CLAMP
    case .leakyReLU: SWL_UNARY_LEAKY_RELU
    case .gelu: SWL_UNARY_GELU
    case .elu: SWL_UNARY_ELU
    case .hardSwish: SWL_UNARY_HARD_SWISH
    case .logistic: SWL_UNARY_LOGISTIC
    case .tanh: SWL_UNARY_TANH
    case .exp: SWL_UNARY_EXP
    case .log: SWL_UNARY_LOG
    case .sqrt: SWL_UNARY_SQRT
    case .rsqrt: SWL_UNARY_RSQRT
    case .sin: SWL_UNARY_SIN
    case .cos: SWL_UNARY_COS
    case .abs: SWL_UNARY_ABS
    case .neg: SWL_UNARY_NEG
    case .square: SWL_UNARY_SQUARE
    case .floor: SWL_UNARY_FLOOR
    case .ceil: SWL_UNARY_CEIL
    case .round: SWL_UNARY_ROUND
    case .sign: SWL_UNARY_SIGN
    }
  }
}
