import CKernels

/// Multiply-accumulates of a kind, to estimate how long an operator takes and so whether its work is worth several
/// threads. A wrong estimate costs time, never a byte.
enum WorkRate {
  case int8, int8Depthwise, int16, int16Depthwise, float, floatDepthwise, bfloat16

  /// How many items of `products` multiply-accumulates each take about ten microseconds.
  func grain(products: Int, _ isa: ISA) -> Int { max(1, rate(isa.value) * 1_000 / max(1, products)) }

  /// Multiply-accumulates in ten nanoseconds on one core: what the kernels reach on common layers, on x86-64 measured,
  /// on ARM by the processors' issue rates.
  private func rate(_ isa: swl_isa) -> Int {
    let dense = WorkRate.denseRate(isa)
    switch self {
    case .int8: return dense
    case .int8Depthwise, .int16: return max(3, dense / 3)
    case .int16Depthwise: return max(3, dense / 8)
    case .float: return WorkRate.floatRate(isa)
    case .floatDepthwise: return max(3, WorkRate.floatRate(isa) / 2)
    case .bfloat16: return isa == SWL_ISA_AMX ? 2000 : max(1, WorkRate.floatRate(isa) / 3)
    }
  }

  private static func denseRate(_ isa: swl_isa) -> Int {
    switch isa {
    case SWL_ISA_SSE41: 150
    case SWL_ISA_AVX2: 400
    case SWL_ISA_AVXVNNI: 800
    case SWL_ISA_AVX512VNNI, SWL_ISA_AMX: 1500
    case SWL_ISA_NEON: 100
    case SWL_ISA_DOTPROD: 300
    case SWL_ISA_I8MM: 500
    default: 10
    }
  }

  private static func floatRate(_ isa: swl_isa) -> Int {
    switch isa {
    case SWL_ISA_SSE41: 100
    case SWL_ISA_AVX2, SWL_ISA_AVXVNNI: 250
    case SWL_ISA_AVX512VNNI, SWL_ISA_AMX: 400
    case SWL_ISA_NEON, SWL_ISA_DOTPROD, SWL_ISA_I8MM: 60
    default: 4
    }
  }
}
