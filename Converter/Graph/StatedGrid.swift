package import ModelFormat

/// The numbers that an integer type can hold under a quantization.
///
/// A float32 value with a grid is rounded to it by the source model: what QuantizeLinear and DequantizeLinear say of the
/// edge between them. Rewrites see plain float32 edges; where the file is written with integers, the grid says which.
package struct StatedGrid: Sendable, Equatable {
  /// int8, uint8 or int16.
  package var type: ElementType
  package var quantization: Quantization

  package init(_ type: ElementType, _ quantization: Quantization) {
    self.type = type
    self.quantization = quantization
  }

  /// After a transpose: dimension `i` of the result is `permutation[i]` of the tensor before.
  func permuted(_ permutation: [Int]) -> StatedGrid? {
    guard quantization.isPerChannel else { return self }
    return permutation.firstIndex(of: quantization.dimension).map(along)
  }

  /// After a reshape; `nil` when the channels' dimension does not survive.
  func reshaped(from shape: [Int], to target: [Int]) -> StatedGrid? {
    guard quantization.isPerChannel else { return self }
    let outer = shape[..<quantization.dimension].reduce(1, *)
    let dimension = target.indices.first {
      target[$0] == quantization.scales.count && target[..<$0].reduce(1, *) == outer
    }
    return dimension.map(along)
  }

  /// After a slice.
  func sliced(begin: [Int], size: [Int]) -> StatedGrid? {
    guard quantization.isPerChannel else { return self }
    let dimension = quantization.dimension
    guard begin.indices.contains(dimension), begin[dimension] >= 0, size[dimension] > 0,
      begin[dimension] + size[dimension] <= quantization.scales.count
    else { return nil }
    let range = begin[dimension]..<begin[dimension] + size[dimension]
    return StatedGrid(
      type,
      Quantization(
        scales: Array(quantization.scales[range]), zeroPoints: Array(quantization.zeroPoints[range]),
        dimension: dimension))
  }

  /// What the outputs of an operator that only moves or selects elements hold; `nil` for other operators, and where the
  /// inputs have no grid or different ones.
  static func moved(by operation: Operation, _ inputs: [Value?], to shape: [Int]) -> StatedGrid? {
    guard let first = inputs.first, let data = first, let grid = data.heldGrid else { return nil }
    let parameter = { (index: Int) -> [Int]? in
      guard inputs.indices.contains(index) else { return nil }
      return inputs[index]?.constant?.elements(as: Int32.self).map { Int($0) }
    }
    switch operation.kind {
    case .transpose: return parameter(1).flatMap(grid.permuted)
    case .reshape, .squeeze, .expandDims: return grid.reshaped(from: data.shape, to: shape)
    case .slice:
      guard let begin = parameter(1), begin.count == shape.count else { return nil }
      return grid.sliced(begin: begin, size: shape)
    case .padV2:
      guard !grid.quantization.isPerChannel, data.type == .float32, inputs.count > 2,
        let number = inputs[2]?.constant?.elements(as: Float.self).first, Grid(grid)?.holds(number) == true
      else { return nil }
      return grid
    case .pad, .maxPool2D, .stridedSlice, .gather, .gatherND, .reverse, .resizeNearestNeighbor, .depthToSpace,
      .spaceToDepth,
      .broadcastTo, .tile, .mirrorPad:
      return grid.quantization.isPerChannel ? nil : grid
    case .concatenation, .pack, .maximum, .minimum:
      return !grid.quantization.isPerChannel && inputs.allSatisfy { $0?.heldGrid == grid } ? grid : nil
    default: return nil
    }
  }

  private func along(_ dimension: Int) -> StatedGrid {
    StatedGrid(
      type, Quantization(scales: quantization.scales, zeroPoints: quantization.zeroPoints, dimension: dimension))
  }
}

extension Value {
  /// The grid of a float32 value, or what a quantized one is stored with.
  var heldGrid: StatedGrid? {
    if type == .float32 { return statedGrid }
    return quantization.map { StatedGrid(type, $0) }
  }
}
