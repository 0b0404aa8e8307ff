package import ModelFormat

/// A tensor of known shape as an operator sees it while preparing.
package struct Tensor {
  private let tensor: GraphTensor

  /// `nil` as long as the shape is not known.
  init?(_ tensor: GraphTensor) {
    guard tensor.hasShape else { return nil }
    self.tensor = tensor
  }

  /// Index in the subgraph.
  package var index: Int { tensor.index }
  package var type: ElementType { tensor.type }
  package var shape: Shape { tensor.knownShape }
  package var quantization: Quantization? { tensor.quantization }
  package var isConstant: Bool { tensor.isConstant }
  package var isVariable: Bool {
    if case .variable = tensor.storage { return true }
    return false
  }

  package var count: Int { shape.elementCount }
  package var rank: Int { shape.rank }
  /// Bytes of all elements; 0 for types without a fixed size.
  package var byteCount: Int { type.byteCount(of: shape.elementCount) ?? 0 }

  /// The scale of a tensor quantized per tensor; 0 when it has no quantization.
  package var scale: Float {
    guard let quantization, quantization.scales.count > 0 else { return 0 }
    return quantization.scales[0]  // `first` would allocate in debug builds
  }
  package var zeroPoint: Int32 {
    guard let quantization, quantization.zeroPoints.count > 0 else { return 0 }
    return quantization.zeroPoints[0]
  }

  /// Whether scale and zero point are those of `other`, within the tolerance that converters leave (1e-6 relative).
  package func hasQuantization(of other: Tensor) -> Bool {
    guard zeroPoint == other.zeroPoint else { return false }
    let difference = scale - other.scale
    return (difference < 0 ? -difference : difference) <= 1e-6 * (scale > other.scale ? scale : other.scale)
  }
}

extension TensorInfo {
  /// The parameters of the file: of a tensor whose type has been corrected those that it gives float32.
  func quantization(isCorrected: Bool) -> Quantization? { isCorrected ? unusedQuantization : quantization }
}

extension Quantization {
  /// Whether all zero points are 0.
  var isSymmetric: Bool {
    for index in zeroPoints.indices where zeroPoints[index] != 0 { return false }
    return true
  }
}
