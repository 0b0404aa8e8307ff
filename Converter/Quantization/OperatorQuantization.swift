internal import ModelFormat

/// How an operator computes on integers: which operands are data, and what grid its outputs have.
/// Source: TensorFlow Lite's 8-bit quantization specification.
struct OperatorQuantization {
  enum Output {
    /// A grid of its own, from the observed range.
    case observed
    /// The grid of the first data operand, whose elements it moves or selects.
    case sameAsInput
    /// One grid for all data operands and outputs.
    case shared
    /// The grid that the specification gives: scale and zero point for int8, scale for int16.
    case fixed(scale: Float, zeroPoint: Int32, int16Scale: Float)
    /// Outputs are indices or truth values.
    case unquantized
  }

  /// Positions of the operands that are quantized data.
  let data: [Int]
  let output: Output
  let hasInt16: Bool
  /// Whether constant operands take the grid of the output.
  var constantsShareGrid: Bool { data.count > 1 && movesElements }

  /// Whether the operator only moves or selects elements, so that it costs nothing to leave it in float among float layers.
  var movesElements: Bool {
    switch output {
    case .sameAsInput, .shared: true
    default: false
    }
  }

  private init(_ data: [Int], _ output: Output, int16 hasInt16: Bool) {
    (self.data, self.output, self.hasInt16) = (data, output, hasInt16)
  }

  /// `nil` for operators without 8-bit arithmetic.
  init?(_ node: Node) {
    let all = Array(node.inputs.indices)
    switch node.operation.kind {
    case .conv2D, .depthwiseConv2D, .fullyConnected: self.init([0], .observed, int16: true)
    case .transposeConv: self.init([2], .observed, int16: true)
    case .add, .sub, .mul, .batchMatMul: self.init([0, 1], .observed, int16: true)
    case .squaredDifference: self.init([0, 1], .observed, int16: false)
    case .prelu: self.init([0, 1], .observed, int16: false)
    case .mean, .sum, .relu, .relu6, .leakyRelu: self.init([0], .observed, int16: true)
    case .reluN1To1, .hardSwish, .gelu, .elu, .exp, .rsqrt, .sqrt, .abs: self.init([0], .observed, int16: false)
    case .softmax, .logistic:
      self.init([0], .fixed(scale: 0x1p-8, zeroPoint: -128, int16Scale: 0x1p-15), int16: true)
    case .tanh: self.init([0], .fixed(scale: 0x1p-7, zeroPoint: 0, int16Scale: 0x1p-15), int16: true)
    case .logSoftmax: self.init([0], .fixed(scale: 0x1p-4, zeroPoint: 127, int16Scale: 0), int16: false)
    case .l2Normalization: self.init([0], .fixed(scale: 0x1p-7, zeroPoint: 0, int16Scale: 0), int16: false)
    case .averagePool2D, .maxPool2D, .reshape, .squeeze, .expandDims, .transpose, .pad, .mirrorPad, .slice,
      .stridedSlice, .splitV, .unpack, .gather, .reduceMax, .reduceMin, .resizeBilinear, .resizeNearestNeighbor:
      self.init([0], .sameAsInput, int16: true)
    case .tile, .depthToSpace, .spaceToDepth, .batchToSpaceND, .spaceToBatchND, .reverse, .broadcastTo, .gatherND,
      .topK:
      self.init([0], .sameAsInput, int16: false)
    case .split: self.init([1], .sameAsInput, int16: true)
    case .concatenation, .pack: self.init(all, .shared, int16: true)
    case .maximum, .minimum: self.init([0, 1], .shared, int16: true)
    // What is padded with is cut off at the ends of the grid: minus infinity before a maximum is its least number.
    case .padV2: self.init([0, 2], .sameAsInput, int16: true)
    case .selectV2: self.init([1, 2], .shared, int16: false)
    case .equal, .notEqual, .less, .lessEqual, .greater, .greaterEqual: self.init([0, 1], .unquantized, int16: false)
    case .argMax, .argMin: self.init([0], .unquantized, int16: false)
    default: return nil
    }
  }
}

/// Where a layer with weights has its operands.
struct WeightOperands {
  let data: Int
  let weights: Int
  let bias: Int
  /// The dimension of the weights that has one scale for each index.
  let dimension: Int

  /// `nil` for layers without weights.
  init?(_ kind: OperatorKind) {
    switch kind {
    case .conv2D, .fullyConnected: (data, weights, bias, dimension) = (0, 1, 2, 0)
    case .depthwiseConv2D: (data, weights, bias, dimension) = (0, 1, 2, 3)
    case .transposeConv: (data, weights, bias, dimension) = (2, 1, 3, 0)
    default: return nil
    }
  }
}
