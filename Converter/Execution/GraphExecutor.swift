internal import CPlatform
internal import ModelFormat

/// Runs a graph step by step and shows every tensor on the way, so that calibration and comparison see what flows along
/// each edge. Float convolutions, fully connected layers and matrix products go through OpenBLAS, all else through the
/// runtime, one operator at a time; graphs that are quantized run as well as float ones.
///
/// One owner at a time. Memory: the tensors that are alive together, and while a step runs what it needs besides; it grows
/// neither with the number of runs nor with that of threads, which share the work of each step.
package final class GraphExecutor {
  private struct Step {
    let node: Node
    let layer: Layer
  }

  private enum Layer {
    case product(ProductLayer)
    case runtime(RuntimeLayer)
  }

  private let graph: Graph
  private let steps: [Step]
  private let workspace: Workspace
  let workers: Workers

  /// Prepares every step.
  ///
  /// - Parameter threads: how many share the work of a step; the results do not depend on it.
  /// - Throws: `ConversionError` that names the layer that the runtime does not have.
  package init(_ graph: Graph, threads: Int = 1) throws {
    self.graph = graph
    workers = Workers(threads: threads)
    let order = graph.executionOrder
    var programs = OneNodeModel.Programs()
    var steps: [Step] = []
    steps.reserveCapacity(order.count)
    for node in order.compactMap({ graph[$0] }) {
      if let layer = ProductLayer(node, in: graph) {
        steps.append(Step(node: node, layer: .product(layer)))
      } else {
        steps.append(Step(node: node, layer: .runtime(try RuntimeLayer(node, in: graph, sharing: &programs))))
      }
    }
    self.steps = steps
    workspace = try Workspace(WorkspacePlan(graph, order: order))
  }

  /// Computes every tensor from `inputs`, by position in the graph's inputs, in the graph's layout and types.
  ///
  /// - Parameter observe: called with each input, then with each step's outputs in execution order; the bytes are valid
  ///   until it returns.
  /// - Throws: what `observe` throws, and `ConversionError` for inputs of another size or layers that cannot be run.
  package func run(_ inputs: consuming [[UInt8]], observe: (ValueID, RawSpan) throws -> Void) throws {
    guard inputs.count == graph.inputs.count else {
      throw ConversionError(.badData, "found \(inputs.count) inputs, expected \(graph.inputs.count)")
    }
    try workspace.begin()
    for (index, id) in graph.inputs.enumerated() {
      guard let target = unsafe workspace.bytes(of: id), target.count == inputs[index].count else {
        throw ConversionError(
          .badData,
          "input '\(graph[id].name)': found \(inputs[index].count) bytes, expected \(graph[id].typeName) of shape "
            + "\(graph[id].shape)")
      }
      unsafe target.copyBytes(from: inputs[index])
      inputs[index] = []
      try unsafe observe(id, target.bytes)
    }
    workers.begin()
    defer { workers.end() }
    for (index, step) in steps.enumerated() {
      try workspace.begin(step: index)
      switch step.layer {
      case .product(let layer): try run(layer)
      case .runtime(let layer): try layer.run(workspace)
      }
      for output in step.node.outputs {
        if let bytes = unsafe workspace.bytes(of: output) { try unsafe observe(output, bytes.bytes) }
      }
      workspace.end(step: index)
    }
  }

  /// Windows of a convolution have memory for each thread while it runs.
  private func run(_ layer: ProductLayer) throws {
    let count = max(layer.scratchElements * workers.threads, 1)
    guard let memory = unsafe swl_allocate_zeroed(count * MemoryLayout<Float>.size) else {
      throw ConversionError(.unavailable, "not enough memory for the windows of a convolution")
    }
    defer { unsafe swl_deallocate_zeroed(memory) }
    unsafe layer.run(workspace, memory.bindMemory(to: Float.self, capacity: count), workers)
  }

  /// What a step reads, while `run` shows its outputs; `nil` for constants.
  func withOperand<Result>(_ value: ValueID, _ body: (RawSpan) -> Result) -> Result? {
    guard let bytes = unsafe workspace.bytes(of: value) else { return nil }
    return unsafe body(bytes.bytes)
  }

  /// The outputs for `inputs`, by position in the graph's outputs.
  package func outputs(_ inputs: [[UInt8]]) throws -> [[UInt8]] {
    try run(inputs) { _, _ in }
    return graph.outputs.map { id in
      if let constant = graph[id].constant { return constant.array }
      guard let bytes = unsafe workspace.bytes(of: id) else { return [] }
      return unsafe [UInt8](bytes)
    }
  }
}
