import ModelFormat

extension Fusion {
  /// PAD or PADV2 followed by nothing but one CONV_2D or DEPTHWISE_CONV_2D with VALID padding becomes padding of the
  /// convolution, when it adds only rows and columns, fewer than the window's extent, and fills them with zero (the zero
  /// point): what the convolution itself reads beside its input.
  static func foldPadding(in preparation: SubgraphPreparation) {
    let graph = preparation.graph
    let isPad = { (code: Int) in code == Code.pad || code == Code.padV2 }
    guard graph.nodes.contains(where: { isPad($0.code.builtin) }) else { return }
    let readers = graph.readers()
    for index in graph.nodes.indices where graph.nodes[index].isFusible && isPad(graph.nodes[index].code.builtin) {
      guard let output = graph.nodes[index].outputs.first, output >= 0, readers[output].count == 1,
        graph.isInternal(output)
      else { continue }
      let consumer = readers[output].last
      guard graph.nodes[consumer].isFusible, graph.nodes[consumer].inputs.first == output,
        let padding = rowsAndColumns(Node(preparation: preparation, index: index)),
        accepts(Node(preparation: preparation, index: consumer), padding)
      else { continue }
      graph.nodes[consumer].inputs[0] = graph.nodes[index].inputs[0]
      graph.nodes[consumer].foldedPadding = padding
      graph.nodes[index].isRemoved = true
    }
  }

  /// The padding of a PAD node that a convolution can take over.
  private static func rowsAndColumns(_ pad: Node) -> Padding2D? {
    guard let input = try? pad.input(0), let output = try? pad.output(0), input.rank == 4, !input.isVariable,
      input.type == output.type,
      input.type == .float32 || input.type == .int8 || input.type == .uint8 || input.type == .int16,
      input.scale == output.scale, input.zeroPoint == output.zeroPoint,
      let paddings = try? Pad.paddings(pad, rank: 4), paddings[0] == (0, 0), paddings[3] == (0, 0),
      fillsWithZero(pad, output)
    else { return nil }
    return Padding2D(
      top: paddings[1].before, left: paddings[2].before, bottom: paddings[1].after, right: paddings[2].after)
  }

  private static func fillsWithZero(_ pad: Node, _ output: Tensor) -> Bool {
    guard let value = try? pad.optionalInput(2) else { return pad.inputCount == 2 }
    guard value.type == output.type, value.count == 1, value.scale == output.scale else { return false }
    switch value.type {
    case .float32: return pad.constant(value, as: Float.self)?[0] == 0
    case .int8: return pad.constant(value, as: Int8.self).map { Int32($0[0]) } == output.zeroPoint
    case .uint8: return pad.constant(value, as: UInt8.self).map { Int32($0[0]) } == output.zeroPoint
    default: return pad.constant(value, as: Int16.self)?[0] == 0
    }
  }

  /// Whether `node` is a convolution with VALID padding whose every window reaches an element of the input.
  private static func accepts(_ node: Node, _ padding: Padding2D) -> Bool {
    let isDepthwise = node.code.builtin == Code.depthwiseConv2D
    guard isDepthwise || node.code.builtin == Code.conv2D, node.options.int8(0) == 1, node.foldedPadding == .none,
      let weights = try? node.input(1), weights.rank == 4
    else { return false }
    let field = isDepthwise ? 5 : 4
    let rows = extent(weights.shape[1], dilation: node.options.int32(field + 1, default: 1))
    let columns = extent(weights.shape[2], dilation: node.options.int32(field, default: 1))
    return max(padding.top, padding.bottom) < rows && max(padding.left, padding.right) < columns
  }

  private static func extent(_ window: Int, dilation: Int) -> Int {
    max(0, window - 1).multipliedSaturated(by: dilation).addingSaturated(1)
  }
}
