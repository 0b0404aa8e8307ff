package import ModelFormat

/// A tensor as an operator sees it while preparing: a snapshot of its type, shape and quantization.
///
/// An object, because every operator passes tensors around and would copy all of this each time.
package final class Tensor {
  /// Index in the subgraph.
  package let index: Int
  package private(set) var type: ElementType
  package private(set) var shape: Shape
  package var quantization: Quantization? { info.quantization(isCorrected: isCorrected) }
  private let info: TensorInfo
  private var isCorrected: Bool
  package private(set) var isConstant: Bool
  package let isVariable: Bool

  init(
    _ tensor: GraphTensor, index: Int, shape: Shape, isConstant: Bool, isVariable: Bool
  ) {
    self.index = index
    info = tensor.info
    type = tensor.type
    isCorrected = tensor.isCorrected
    self.shape = shape
    self.isConstant = isConstant
    self.isVariable = isVariable
  }

  /// Makes this the snapshot of the same tensor at another moment.
  func update(_ tensor: GraphTensor, shape: Shape, isConstant: Bool) {
    type = tensor.type
    isCorrected = tensor.isCorrected
    self.shape = shape
    self.isConstant = isConstant
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
