internal import CFloatLayers
internal import ModelFormat

/// Takes windows out of what a layer with weights reads, evenly spread.
struct WindowSampler: Sendable {
  let depth: Int
  let channels: Int
  let isDepthwise: Bool
  private let source: Source

  private enum Source {
    /// Rows that lie one after the other.
    case rows(count: Int)
    case pictures(shape: swl_window_shape, outputHeight: Int)
  }

  /// `nil` for layers of other kinds and those with too many inputs.
  init?(_ node: Node, in graph: Graph) {
    guard let operands = WeightOperands(node.operation.kind), let data = node.inputs[operands.data],
      let weights = node.inputs[operands.weights], let output = node.outputs.first,
      graph[data].type == .float32, !graph[data].isConstant, graph[weights].isConstant
    else { return nil }
    let (left, right, result) = (graph[data].shape, graph[weights].shape, graph[output].shape)
    if node.operation.kind == .depthwiseConv2D {
      guard left.count == 4, right.count == 4, result.count == 4, left[3] > 0, right[3] % left[3] == 0,
        let shape = ProductGeometry.windows(node.operation, left, right, result)
      else { return nil }
      (depth, channels, isDepthwise) = (right[1] * right[2], left[3], true)
      source = .pictures(shape: shape, outputHeight: result[1])
    } else {
      guard let geometry = ProductGeometry(node.operation, left, right, result) else { return nil }
      (depth, channels, isDepthwise) = (geometry.depth, 1, false)
      if let windows = geometry.windows {
        source = .pictures(shape: windows.shape, outputHeight: windows.outputHeight)
      } else {
        source = .rows(count: geometry.rows)
      }
    }
    guard depth > 0, depth <= InputMoments.largestDepth else { return nil }
  }

  /// Calls `body` with windows of sample `index`, (count, depth) or (count, depth, channels), and their number.
  func sample(
    _ index: Int, _ elements: UnsafePointer<Float>, _ scratch: inout [Float],
    _ body: (UnsafePointer<Float>, Int) -> Void
  ) {
    let limit = InputMoments.windowLimit(depth: depth, channels: channels)
    switch source {
    case .rows(let count):
      let step = (count + limit - 1) / limit
      guard step > 1 else { return unsafe body(elements, count) }
      let chosen = Array(stride(from: index % step, to: count, by: step))
      Self.grow(&scratch, chosen.count * depth)
      unsafe scratch.withUnsafeMutableBufferPointer { scratch in
        guard let base = scratch.baseAddress else { return }
        for (place, row) in chosen.enumerated() {
          unsafe (base + place * depth).update(from: elements + row * depth, count: depth)
        }
        unsafe body(base, chosen.count)
      }
    case .pictures(var shape, let height):
      let width = shape.output_width
      let step = max(1, (height * width + limit - 1) / limit)
      let rows = Array(stride(from: index % min(step, height), to: height, by: step))
      let rowElements = width * depth * channels
      Self.grow(&scratch, rows.count * rowElements)
      unsafe scratch.withUnsafeMutableBufferPointer { scratch in
        guard let base = scratch.baseAddress else { return }
        for (place, row) in rows.enumerated() {
          unsafe swl_gather_windows(&shape, elements, row, 1, base + place * rowElements)
        }
        unsafe body(base, rows.count * width)
      }
    }
  }

  private static func grow(_ scratch: inout [Float], _ count: Int) {
    if scratch.count < count { scratch = Array(repeating: 0, count: count) }
  }
}
