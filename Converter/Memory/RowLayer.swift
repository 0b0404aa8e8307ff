internal import ModelFormat

/// A layer whose rows of output depend on few rows of its input.
struct RowLayer {
  let id: NodeID
  let node: Node
  /// Shapes of rows, columns and channels, batch first.
  let input: [Int]
  let output: [Int]
  /// Bytes of an element.
  let inputBytes: Int
  let outputBytes: Int
  /// Rows from the first to the last that one row of output reads, and columns alike.
  private let reach: Extent
  private let strides: Extent
  /// What the layer pads before its first row and column.
  private let before: Extent

  /// `nil` for layers that need all rows at once, and for forms whose padding no part of them could repeat.
  init?(_ id: NodeID, in graph: Graph) {
    guard let node = graph[id], node.outputs.count == 1, let data = node.inputs.first.flatMap({ $0 }),
      !graph[data].isConstant, graph[data].shape.count == 4, graph[node.outputs[0]].shape.count == 4
    else { return nil }
    (self.id, self.node) = (id, node)
    (input, output) = (graph[data].shape, graph[node.outputs[0]].shape)
    inputBytes = max(graph[data].type.bitWidth / 8, 1)
    outputBytes = max(graph[node.outputs[0]].type.bitWidth / 8, 1)
    guard input.allSatisfy({ $0 > 0 }), output.allSatisfy({ $0 > 0 }), input[0] == 1,
      node.inputs.dropFirst().allSatisfy({ $0.map { graph[$0].isConstant } ?? true })
    else { return nil }
    let operation = node.operation
    switch operation.kind {
    case .conv2D, .depthwiseConv2D:
      guard let filter = node.inputs.dropFirst().first.flatMap({ $0 }).map({ graph[$0].shape }), filter.count == 4
      else { return nil }
      let dilations = operation.dilations
      reach = Extent((filter[1] - 1) * dilations.height + 1, (filter[2] - 1) * dilations.width + 1)
      strides = operation.strides
      before = Self.samePadding(operation, input, output, reach)
    case .maxPool2D, .averagePool2D:
      reach = Extent(operation.int(4), operation.int(3))
      strides = operation.strides
      before = Self.samePadding(operation, input, output, reach)
      // Padding is no number here: a part has none to put in its place.
      guard operation.padding == .valid else { return nil }
    case .pad, .padV2:
      guard let amounts = node.inputs[1].flatMap({ graph[$0].constant }), amounts.count == 32 else { return nil }
      let rows = amounts.elements(as: Int32.self).map { Int($0) }
      guard rows[0...1].allSatisfy({ $0 == 0 }), rows[6...7].allSatisfy({ $0 == 0 }),
        rows.allSatisfy({ $0 >= 0 })
      else { return nil }
      (reach, strides, before) = (Extent(1, 1), Extent(1, 1), Extent(rows[2], rows[4]))
    case let kind where Self.elementwise.contains(kind):
      guard node.inputs.dropFirst().allSatisfy({ $0.map { Self.isPerChannel(graph[$0]) } ?? true }), input == output
      else { return nil }
      (reach, strides, before) = (Extent(1, 1), Extent(1, 1), Extent(0, 0))
    default: return nil
    }
    guard strides.height > 0, strides.width > 0 else { return nil }
  }

  private static let elementwise: Set<OperatorKind> = [
    .relu, .relu6, .reluN1To1, .logistic, .tanh, .hardSwish, .leakyRelu, .elu, .gelu, .abs, .neg, .exp, .sqrt, .rsqrt,
    .square, .quantize, .dequantize, .add, .sub, .mul, .prelu,
  ]

  private static func isPerChannel(_ value: Value) -> Bool { value.count == 1 || value.count == value.shape.last }

  private static func samePadding(
    _ operation: Operation, _ input: [Int], _ output: [Int], _ reach: Extent
  ) -> Extent {
    guard operation.padding == .same else { return Extent(0, 0) }
    let strides = operation.strides
    return Extent(
      max((output[1] - 1) * strides.height + reach.height - input[1], 0) / 2,
      max((output[2] - 1) * strides.width + reach.width - input[2], 0) / 2)
  }

  // MARK: Rows

  /// What a part of the output needs: rows of the input, and rows of padding around them.
  struct Need {
    var rows: Range<Int>
    var before: Int
    var after: Int
  }

  func need(of rows: Range<Int>) -> Need {
    let first = rows.lowerBound * strides.height - before.height
    let end = (rows.upperBound - 1) * strides.height - before.height + reach.height
    let low = min(max(first, 0), input[1] - 1)
    let high = max(min(end, input[1]), low + 1)
    return Need(rows: low..<high, before: max(-first, 0), after: max(end - input[1], 0))
  }

  /// Multiply-adds, or elements moved, for each row of output.
  func cost(in graph: Graph) -> Double {
    let row = Double(output[2] * output[3])
    guard let weights = node.inputs.dropFirst().first.flatMap({ $0 }) else { return row }
    switch node.operation.kind {
    case .conv2D: return row * Double(graph[weights].count / max(output[3], 1))
    case .depthwiseConv2D: return row * Double(reach.height * reach.width)
    default: return row
    }
  }

  // MARK: Parts

  /// Adds the layer for some rows of its output; `data` holds the rows that they need.
  func emit(_ rows: Range<Int>, of data: ValueID, in graph: inout Graph) -> ValueID {
    let need = need(of: rows)
    var operation = node.operation
    var operands = node.inputs
    operands[0] = data
    switch operation.kind {
    case .pad, .padV2:
      operands[1] = Self.amounts(
        (need.before, need.after), (before.width, output[2] - input[2] - before.width),
        graph[node.inputs[1] ?? data].name,
        in: &graph)
    case .conv2D, .depthwiseConv2D:
      let total = Extent(
        max((rows.count - 1) * strides.height + reach.height - need.rows.count, 0),
        max((output[2] - 1) * strides.width + reach.width - input[2], 0))
      let columns = operation.padding == .same ? (before.width, total.width - before.width) : (0, 0)
      let isSame =
        operation.padding == .same && need.before == total.height / 2 && need.before + need.after == total.height
        && (need.rows.count + strides.height - 1) / strides.height == rows.count
      if !isSame {
        operation.padding = .valid
        if need.before + need.after + columns.0 + columns.1 > 0 {
          operands[0] = pad(data, (need.before, need.after), columns, in: &graph)
        }
      }
    default: break
    }
    return add(operation, operands, shape: [1, rows.count, output[2], output[3]], like: node.outputs[0], in: &graph)
  }

  private func pad(
    _ data: ValueID, _ rows: (Int, Int), _ columns: (Int, Int), in graph: inout Graph
  ) -> ValueID {
    let shape = graph[data].shape
    let amounts = Self.amounts(rows, columns, "\(graph[data].name)/padding", in: &graph)
    return add(
      Operation(.pad), [data, amounts],
      shape: [1, shape[1] + rows.0 + rows.1, shape[2] + columns.0 + columns.1, shape[3]], like: data, in: &graph)
  }

  private static func amounts(
    _ rows: (Int, Int), _ columns: (Int, Int), _ name: String, in graph: inout Graph
  ) -> ValueID {
    let elements = [0, 0, rows.0, rows.1, columns.0, columns.1, 0, 0].map { Int32(clamping: $0) }
    return graph.add(Value(name: name, type: .int32, shape: [4, 2], constant: ConstantBytes(elements: elements)))
  }

  private func add(
    _ operation: Operation, _ operands: [ValueID?], shape: [Int], like value: ValueID, in graph: inout Graph
  ) -> ValueID {
    var result = graph[value]
    (result.shape, result.openShape, result.constant) = (shape, [], nil)
    // Some converters write names of hundreds of characters, and there are many parts.
    result.name = String(result.name.suffix(32))
    let id = graph.add(result)
    graph.add(Node(operation, inputs: operands, outputs: [id], source: node.source))
    return id
  }
}
