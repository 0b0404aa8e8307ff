import CKernels

/// A family of kernels, with a variant for each instruction set that makes it faster.
package enum KernelFamily: Sendable, CaseIterable {
  case q8Convolution, q8Depthwise, f32Convolution, hybridConvolution, elementwise, vectorized, scalar

  package var name: StaticString {
    switch self {
    case .q8Convolution: "8-bit convolution"
    case .q8Depthwise: "8-bit depthwise"
    case .f32Convolution: "float convolution"
    case .hybridConvolution: "hybrid convolution"
    case .elementwise: "elementwise"
    case .vectorized: "vectorised by the compiler"
    case .scalar: "one variant"
    }
  }

  /// The instruction sets of this architecture for which the dispatch has a variant of its own.
  package var variants: [ISA] {
    let family =
      switch self {
      case .q8Convolution: SWL_FAMILY_Q8_CONV
      case .q8Depthwise: SWL_FAMILY_Q8_DEPTHWISE
      case .f32Convolution: SWL_FAMILY_F32_CONV
      case .hybridConvolution: SWL_FAMILY_HYBRID_CONV
      case .elementwise: SWL_FAMILY_ELEMENTWISE
      case .vectorized: SWL_FAMILY_VECTORIZED
      case .scalar: SWL_FAMILY_SCALAR
      }
    return ISA.all.filter { swl_family_has_variant(family, $0.value) }
  }
}

extension OperatorTable {
  /// The families whose kernels built-in operator `code` runs; none for operators that only move bytes, name shapes or call
  /// subgraphs.
  package static func families(of code: Int) -> [KernelFamily] {
    switch code {
    case 3, 9: [.q8Convolution, .f32Convolution, .hybridConvolution]
    case 4: [.q8Depthwise, .f32Convolution]
    case 67: [.q8Convolution, .f32Convolution, .vectorized]
    case 0, 8, 14, 18, 19, 20, 21, 28, 41, 42, 47, 54, 55, 57, 66, 73, 75, 76, 78, 92, 98, 101, 104, 106, 108, 111, 114,
      116, 117, 150, 152, 156, 158, 6, 59, 99:
      [.elementwise]
    case 1, 17, 40, 74, 81, 82, 89, 91, 140, 23, 25, 126, 16, 44: [.vectorized]
    case 11, 12, 13, 27, 48, 50, 53, 56, 58, 61, 62, 63, 64, 68, 71, 72, 79, 80, 84, 86, 87, 90, 95, 109, 120, 121, 123,
      125,
      128, 132, 147, 153, 154, 155, 157, 160, 161:
      [.scalar]
    default: []
    }
  }
}
