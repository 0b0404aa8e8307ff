internal import CFloatLayers
internal import ModelFormat

/// A float layer that is one or more matrix products: CONV_2D in one group, FULLY_CONNECTED, BATCH_MATMUL without
/// broadcasting.
struct ProductLayer {
  private let geometry: ProductGeometry
  private let left: FloatOperand
  private let right: FloatOperand
  private let bias: FloatOperand?
  private let output: ValueID
  private let limits: ClosedRange<Float>

  /// `nil` for layers of other kinds, types and shapes.
  init?(_ node: Node, in graph: Graph) {
    let operands = node.inputs.compactMap { $0 }
    guard operands.count >= 2, operands.allSatisfy({ graph[$0].type == .float32 && graph[$0].count > 0 }),
      let output = node.outputs.first, graph[output].type == .float32,
      let limits = Self.limits(node.operation.activation),
      let geometry = ProductGeometry(
        node.operation, graph[operands[0]].shape, graph[operands[1]].shape, graph[output].shape),
      operands.count == 2 || graph[operands[2]].count == geometry.columns
    else { return nil }
    self.geometry = geometry
    self.output = output
    self.limits = limits
    left = FloatOperand(operands[0], graph)
    right = FloatOperand(operands[1], graph)
    bias = operands.count > 2 ? FloatOperand(operands[2], graph) : nil
  }

  /// Elements that each thread needs room for in `run`.
  var scratchElements: Int { geometry.windows.map { $0.bandRows * $0.shape.output_width * geometry.depth } ?? 0 }

  private static func limits(_ activation: Activation) -> ClosedRange<Float>? {
    switch activation {
    case .none: -.infinity ... .infinity
    case .relu: 0 ... .infinity
    case .reluN1To1: -1...1
    case .relu6: 0...6
    case .tanh, .signBit: nil
    }
  }

  /// - Parameter scratch: `scratchElements` for each thread.
  func run(_ workspace: Workspace, _ scratch: UnsafeMutablePointer<Float>, _ workers: Workers) {
    guard let bytes = unsafe workspace.bytes(of: output), let base = bytes.baseAddress else { return }
    let target = unsafe base.assumingMemoryBound(to: Float.self)
    unsafe left.withElements(workspace) { left in
      unsafe right.withElements(workspace) { right in
        unsafe withBias(workspace) { bias in
          let partsOfBatch = (geometry.rows + geometry.partRows - 1) / geometry.partRows
          workers.run(parts: geometry.batches * partsOfBatch, nanoseconds: geometry.nanoseconds) { part, thread in
            let (batch, index) = part.quotientAndRemainder(dividingBy: partsOfBatch)
            let first = index * geometry.partRows
            let rows = min(geometry.partRows, geometry.rows - first)
            let sums = unsafe target + (batch * geometry.rows + first) * geometry.columns
            unsafe multiply(
              left + batch * geometry.leftStep, right + batch * geometry.rightStep, sums, first, rows,
              scratch + thread * scratchElements)
            unsafe swl_finish_rows(sums, rows, geometry.columns, bias, limits.lowerBound, limits.upperBound)
          }
        }
      }
    }
  }

  private func withBias(_ workspace: Workspace, _ body: (UnsafePointer<Float>?) -> Void) {
    guard let bias else { return body(nil) }
    unsafe bias.withElements(workspace) { unsafe body($0) }
  }

  /// Rows `first` to `first + rows` of the product of one batch.
  private func multiply(
    _ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>, _ first: Int,
    _ rows: Int, _ scratch: UnsafeMutablePointer<Float>
  ) {
    let (columns, depth) = (geometry.columns, geometry.depth)
    let transposesRight: Int32 = geometry.transposesRight ? 1 : 0
    guard var windows = geometry.windows else {
      // A transposed left matrix is one part: its rows are its columns.
      return unsafe swl_matrix_product(
        left + first * depth, geometry.transposesLeft ? 1 : 0, right, transposesRight, target, rows, columns, depth)
    }
    let width = windows.shape.output_width
    unsafe swl_gather_windows(&windows.shape, left, first / width, rows / width, scratch)
    unsafe swl_matrix_product(scratch, 0, right, transposesRight, target, rows, columns, depth)
  }
}

/// A float tensor in the workspace, or a constant, aligned as float32.
private enum FloatOperand {
  case computed(ValueID)
  case constant(ConstantBytes)

  init(_ id: ValueID, _ graph: Graph) {
    self =
      graph[id].constant.map { .constant($0.aligned(to: MemoryLayout<Float>.alignment)) } ?? .computed(id)
  }

  func withElements(_ workspace: Workspace, _ body: (UnsafePointer<Float>) -> Void) {
    switch self {
    case .constant(let constant):
      constant.withBytes { bytes in
        unsafe bytes.withUnsafeBytes { bytes in
          if let base = bytes.baseAddress { unsafe body(base.assumingMemoryBound(to: Float.self)) }
        }
      }
    case .computed(let id):
      guard let bytes = unsafe workspace.bytes(of: id), let base = bytes.baseAddress else { return }
      unsafe body(UnsafePointer(base.assumingMemoryBound(to: Float.self)))
    }
  }
}
