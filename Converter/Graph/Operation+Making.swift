package import ModelFormat

/// Operations with options, made by name.
extension Operation {
  private static func number(_ value: Int) -> OptionValue { .int32(Int32(clamping: value)) }

  package static func conv2D(
    strides: Extent, dilations: Extent, padding: Padding, activation: Activation = .none
  ) -> Operation {
    Operation(
      .conv2D,
      [
        0: .int8(padding.rawValue), 1: number(strides.width), 2: number(strides.height),
        3: .int8(activation.rawValue), 4: number(dilations.width), 5: number(dilations.height),
      ])
  }

  package static func depthwiseConv2D(
    strides: Extent, dilations: Extent, multiplier: Int, padding: Padding, activation: Activation = .none
  ) -> Operation {
    Operation(
      .depthwiseConv2D,
      [
        0: .int8(padding.rawValue), 1: number(strides.width), 2: number(strides.height), 3: number(multiplier),
        4: .int8(activation.rawValue), 5: number(dilations.width), 6: number(dilations.height),
      ])
  }

  package static func transposeConv(strides: Extent, padding: Padding) -> Operation {
    Operation(
      .transposeConv, [0: .int8(padding.rawValue), 1: number(strides.width), 2: number(strides.height), 3: .int8(0)])
  }

  /// `strides` and `dilations`: of slices, rows and columns.
  package static func conv3D(strides: [Int], dilations: [Int], padding: Padding) -> Operation {
    Operation(
      .conv3D,
      [
        0: .int8(padding.rawValue), 1: number(strides[0]), 2: number(strides[2]), 3: number(strides[1]), 4: .int8(0),
        5: number(dilations[0]), 6: number(dilations[2]), 7: number(dilations[1]),
      ])
  }

  /// `kind` is `averagePool2D` or `maxPool2D`.
  package static func pool(_ kind: OperatorKind, window: Extent, strides: Extent, padding: Padding) -> Operation {
    Operation(
      kind,
      [
        0: .int8(padding.rawValue), 1: number(strides.width), 2: number(strides.height), 3: number(window.width),
        4: number(window.height), 5: .int8(0),
      ])
  }

  package static func fullyConnected(keepsDimensions: Bool = false, activation: Activation = .none) -> Operation {
    Operation(
      .fullyConnected, [0: .int8(activation.rawValue), 1: .int8(0), 2: .bool(keepsDimensions), 3: .bool(false)])
  }

  package static func batchMatMul(transposesLeft: Bool = false, transposesRight: Bool = false) -> Operation {
    Operation(.batchMatMul, [0: .bool(transposesLeft), 1: .bool(transposesRight), 2: .bool(false)])
  }

  /// ADD, SUB, MUL or DIV.
  package static func arithmetic(_ kind: OperatorKind, activation: Activation = .none) -> Operation {
    Operation(kind, [0: .int8(activation.rawValue)])
  }

  package static func concatenation(axis: Int) -> Operation {
    Operation(.concatenation, [0: number(axis), 1: .int8(0)])
  }

  package static func reshape(_ shape: [Int]) -> Operation {
    Operation(.reshape, [0: .int32Vector(shape.map { Int32(clamping: $0) })])
  }

  /// MEAN, SUM and the REDUCE operators.
  package static func reduction(_ kind: OperatorKind, keepsDimensions: Bool) -> Operation {
    Operation(kind, [0: .bool(keepsDimensions)])
  }

  package static func softmax(beta: Float = 1) -> Operation { Operation(.softmax, [0: .float(beta)]) }

  package static func leakyRelu(slope: Float) -> Operation { Operation(.leakyRelu, [0: .float(slope)]) }

  package static func gelu(approximate: Bool) -> Operation { Operation(.gelu, [0: .bool(approximate)]) }

  package static func resize(
    _ kind: OperatorKind, alignsCorners: Bool, hasHalfPixelCenters: Bool
  ) -> Operation {
    let first = kind == .resizeBilinear ? 2 : 0
    return Operation(kind, [first: .bool(alignsCorners), first + 1: .bool(hasHalfPixelCenters)])
  }

  package static func stridedSlice(shrinkMask: Int = 0, beginMask: Int = 0, endMask: Int = 0) -> Operation {
    Operation(
      .stridedSlice,
      [
        0: number(beginMask), 1: number(endMask), 2: number(0), 3: number(0), 4: number(shrinkMask),
        5: .bool(false),
      ])
  }

  package static func gather(axis: Int, batchDimensions: Int = 0) -> Operation {
    Operation(.gather, [0: number(axis), 1: number(batchDimensions)])
  }

  package static func cast(from source: ElementType, to target: ElementType) -> Operation {
    Operation(
      .cast, [0: .int8(Int8(truncatingIfNeeded: source.rawValue)), 1: .int8(Int8(truncatingIfNeeded: target.rawValue))])
  }

  package static func argExtremum(_ kind: OperatorKind, type: ElementType) -> Operation {
    Operation(kind, [0: .int8(Int8(truncatingIfNeeded: type.rawValue))])
  }

  package static func split(count: Int) -> Operation { Operation(.split, [0: number(count)]) }

  package static func splitV(count: Int) -> Operation { Operation(.splitV, [0: number(count)]) }

  package static func pack(count: Int, axis: Int) -> Operation {
    Operation(.pack, [0: number(count), 1: number(axis)])
  }

  package static func oneHot(axis: Int) -> Operation { Operation(.oneHot, [0: number(axis)]) }

  /// DEPTH_TO_SPACE or SPACE_TO_DEPTH.
  package static func blocks(_ kind: OperatorKind, size: Int) -> Operation { Operation(kind, [0: number(size)]) }

  package static func mirrorPad(isSymmetric: Bool) -> Operation {
    Operation(.mirrorPad, [0: .int8(isSymmetric ? 1 : 0)])
  }

  package static func cumsum(isExclusive: Bool, isReversed: Bool) -> Operation {
    Operation(.cumsum, [0: .bool(isExclusive), 1: .bool(isReversed)])
  }

  package static func localResponseNormalization(radius: Int, bias: Float, alpha: Float, beta: Float) -> Operation {
    Operation(.localResponseNormalization, [0: number(radius), 1: .float(bias), 2: .float(alpha), 3: .float(beta)])
  }
}
