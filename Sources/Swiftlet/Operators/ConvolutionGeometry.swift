import ModelFormat

/// Sizes of a convolution over (batch, height, width, channels), checked against each other.
package struct ConvolutionGeometry: Equatable, Sendable, BitwiseCopyable {
  package let rows, columns: WindowAxis
  private let storedBatches, storedInputChannels, storedOutputChannels, storedGroups: Int32

  package var batches: Int { Int(storedBatches) }
  package var inputChannels: Int { Int(storedInputChannels) }
  package var outputChannels: Int { Int(storedOutputChannels) }
  /// 1 for an ordinary convolution, the input channels for a depthwise one.
  package var groups: Int { Int(storedGroups) }

  package enum Kind: Sendable {
    /// Weights (output channels, height, width, input channels / groups).
    case ordinary
    /// Weights (1, height, width, output channels).
    case depthwise
  }

  /// Reads input 0, weights 1 and the options of CONV_2D or DEPTHWISE_CONV_2D.
  package init(_ node: Node, _ kind: Kind) throws(PrepareError) {
    try node.expect(inputs: 2...3, outputs: 1)
    let input = try node.input(0).shape
    let weights = try node.input(1).shape
    try Self.requireRank4(input, .input(0))
    try Self.requireRank4(weights, .input(1))
    let options = node.options
    let dilationField = kind == .ordinary ? 4 : 5
    let padding = try WindowAxis.Padding(option: options.int8(0))
    let folded = node.foldedPadding
    rows = try WindowAxis(
      input: input[1], window: weights[1], stride: options.int32(2),
      dilation: options.int32(dilationField + 1, default: 1), padding: padding, folded: (folded.top, folded.bottom))
    columns = try WindowAxis(
      input: input[2], window: weights[2], stride: options.int32(1), dilation: options.int32(dilationField, default: 1),
      padding: padding, folded: (folded.left, folded.right))
    let outputChannels: Int
    let groups: Int
    switch kind {
    case .ordinary:
      outputChannels = weights[0]
      groups = try Self.quotient(input[3], weights[3], .input(1), "input channels")
    case .depthwise:
      outputChannels = weights[3]
      groups = input[3]
      guard weights[0] == 1 else {
        throw PrepareError(
          .shapeMismatch, .input(1), field: "first dimension", found: .int(weights[0]), expected: .int(1))
      }
    }
    let filtersPerGroup = try Self.quotient(outputChannels, groups, .input(1), "output channels")
    if kind == .depthwise, options.int32(3) != filtersPerGroup {
      throw PrepareError(
        .optionInvalid, field: "depth_multiplier", found: .int(options.int32(3)), expected: .int(filtersPerGroup))
    }
    // Dimensions are below 2³¹.
    (storedBatches, storedInputChannels) = (Int32(clamping: input[0]), Int32(clamping: input[3]))
    (storedOutputChannels, storedGroups) = (Int32(clamping: outputChannels), Int32(clamping: groups))
    try requireBias(node)
  }

  package var outputShape: Shape? { Shape(of: batches, rows.output, columns.output, outputChannels) }

  /// Products of one output element.
  package var depth: Int { rows.window * columns.window * (inputChannels / groups) }

  /// Products of the whole output.
  package var products: Int {
    batches.multipliedSaturated(by: rows.output).multipliedSaturated(by: columns.output)
      .multipliedSaturated(by: outputChannels).multipliedSaturated(by: depth)
  }

  /// Whether every output pixel depends on the input pixel at its place alone.
  package var isPointwise: Bool {
    rows.window == 1 && columns.window == 1 && rows.stride == 1 && columns.stride == 1 && groups == 1
      && rows.output == rows.input && columns.output == columns.input && rows.paddingBefore == 0
      && columns.paddingBefore == 0
  }

  private func requireBias(_ node: Node) throws(PrepareError) {
    guard let bias = try node.optionalInput(2) else { return }
    guard bias.count == outputChannels else {
      throw PrepareError(
        .shapeMismatch, .input(2), field: "number of elements", found: .int(bias.count), expected: .int(outputChannels))
    }
  }

  private static func requireRank4(
    _ shape: Shape, _ operand: PrepareError.OperandReference
  ) throws(PrepareError) {
    guard shape.rank == 4 else {
      throw PrepareError(.shapeMismatch, operand, field: "rank", found: .int(shape.rank), expected: .int(4))
    }
  }

  private static func quotient(
    _ total: Int, _ part: Int, _ operand: PrepareError.OperandReference, _ field: StaticString
  ) throws(PrepareError) -> Int {
    guard part > 0, total > 0, total % part == 0 else {
      throw PrepareError(.shapeMismatch, operand, field: field, found: .int(part), expected: .int(total))
    }
    return total / part
  }
}
