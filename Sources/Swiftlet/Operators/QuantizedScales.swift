import ModelFormat

/// What the accumulator of each output channel is multiplied by, as the kernels of `swl_q8.h` want it.
enum QuantizedScales: Sendable {
  /// int8 and uint8: `inputScale * weightScale / outputScale` in float32.
  case float([Float])
  /// int16: that product as a fixed-point multiplier, a float64 without rounding.
  case double([Double])

  /// How TensorFlow Lite's reference kernels shorten the multipliers of operators on int16.
  enum Precision {
    /// 31 bits: FULLY_CONNECTED, and every operator with an int32 bias.
    case full
    /// 15 bits: the other operators, whose accumulators have 64 bits.
    case reduced
  }

  func withPointer(_ body: (UnsafeRawPointer?) -> Void) {
    switch self {
    case .float(let scales): unsafe scales.withUnsafeBytes { unsafe body($0.baseAddress) }
    case .double(let scales): unsafe scales.withUnsafeBytes { unsafe body($0.baseAddress) }
    }
  }
}

extension QuantizedMultiplier {
  /// The multiplier as a number: all of it, or rounded to 15 bits as `swl_multiply_wide` does.
  func number(_ precision: QuantizedScales.Precision) -> Double {
    guard precision == .reduced else {
      return Double(sign: .plus, exponent: Int(shift) - 31, significand: Double(multiplier))
    }
    let reduced = multiplier < 0x7FFF_0000 ? (multiplier + 1 << 15) >> 16 : 0x7FFF
    return Double(sign: .plus, exponent: Int(shift) - 15, significand: Double(reduced))
  }
}

extension ElementType {
  /// Number `index` of a constant of int8, or of int4 or int2 with the first number in the low bits of a byte.
  func stored(_ bytes: ConstantView<UInt8>, _ index: Int) -> Int32 {
    let together = 8 / bitWidth
    let byte = UInt32(bytes[index / together])
    return Int32(bitPattern: byte << UInt32(32 - bitWidth - index % together * bitWidth)) >> Int32(32 - bitWidth)
  }
}
