internal import ModelFormat

extension Rule {
  /// DEQUANTIZE after a layer that only moves or selects integers goes before it.
  static let raiseDequantize = Rule("raise dequantization") { match in
    guard match.kind == .dequantize, let stored = match.input(0),
      let layer = match.producer(
        of: stored, .transpose, .reshape, .squeeze, .expandDims, .slice, .stridedSlice, .gather, .maxPool2D,
        .concatenation, .depthToSpace, .spaceToDepth, .resizeNearestNeighbor),
      let grid = match.graph[stored].heldGrid, !grid.quantization.isPerChannel
    else { return nil }
    let output = match.graph[match.output]
    let isJoin = layer.operation.kind == .concatenation
    var patch = Patch(match)
    var operands = layer.inputs
    for position in isJoin ? Array(operands.indices) : [0] {
      guard let id = operands[position], match.graph[id].heldGrid == grid else { return nil }
      var real = output
      (real.shape, real.statedGrid, real.openShape) = (match.graph[id].shape, grid, [])
      operands[position] = patch.emit(Operation(.dequantize), [id], like: real)
    }
    var real = output
    real.statedGrid = grid
    patch.replace(match.output, with: patch.emit(layer.operation, operands, like: real))
    return patch
  }
}
