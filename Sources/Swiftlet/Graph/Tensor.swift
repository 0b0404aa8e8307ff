package import ModelFormat

/// A tensor as an operator sees it while preparing: a snapshot of its type, shape and quantization.
///
/// An object, because every operator passes tensors around and would copy all of this each time.
package final class Tensor: Sendable {
  /// Index in the subgraph.
  package let index: Int
  package let type: ElementType
  package let shape: Shape
  package let quantization: Quantization?
  package let isConstant: Bool
  package let isVariable: Bool

  init(
    index: Int, type: ElementType, shape: Shape, quantization: Quantization?, isConstant: Bool, isVariable: Bool
  ) {
    self.index = index
    self.type = type
    self.shape = shape
    self.quantization = quantization
    self.isConstant = isConstant
    self.isVariable = isVariable
  }

  package var count: Int { shape.elementCount }
  package var rank: Int { shape.rank }
  /// Bytes of all elements; 0 for types without a fixed size.
  package var byteCount: Int { type.byteCount(of: shape.elementCount) ?? 0 }

  /// The scale of a tensor quantized per tensor; 0 when it has no quantization.
  package var scale: Float { quantization?.scales.first ?? 0 }
  package var zeroPoint: Int32 { quantization?.zeroPoints.first ?? 0 }

  /// Whether scale and zero point are those of `other`, within the tolerance that converters leave (1e-6 relative).
  package func hasQuantization(of other: Tensor) -> Bool {
    guard zeroPoint == other.zeroPoint else { return false }
    let difference = scale - other.scale
    return (difference < 0 ? -difference : difference) <= 1e-6 * (scale > other.scale ? scale : other.scale)
  }
}
