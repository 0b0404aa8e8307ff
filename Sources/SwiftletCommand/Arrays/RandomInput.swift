import ModelFormat

/// Reproducible inputs: SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014)
/// started with a seed, one 64-bit number for each element, inputs in order.
///
/// - Integers take the low bits, so they cover their whole range; a bool takes the lowest bit.
/// - float32 is the top 24 bits times 2^-23, minus 1; float64 the top 53 times 2^-52, minus 1; float16 the top 11 times
///   2^-10, minus 1: uniform in [-1, 1).
struct RandomInput {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }

  /// The bytes of `count` elements; `nil` for types without numbers.
  mutating func bytes(of type: ElementType, count: Int) -> [UInt8]? {
    switch type {
    case .int8, .uint8: return elements(count) { UInt8(truncatingIfNeeded: $0) }
    case .bool: return elements(count) { UInt8($0 & 1) }
    case .int16, .uint16: return elements(count) { UInt16(truncatingIfNeeded: $0) }
    case .int32, .uint32: return elements(count) { UInt32(truncatingIfNeeded: $0) }
    case .int64, .uint64: return elements(count) { $0 }
    case .float32: return elements(count) { (Float($0 >> 40) * 0x1p-23 - 1).bitPattern }
    case .float64: return elements(count) { (Double($0 >> 11) * 0x1p-52 - 1).bitPattern }
    case .float16: return elements(count) { (Float16($0 >> 53) * 0x1p-10 - 1).bitPattern }
    default: return nil
    }
  }

  private mutating func elements<Bits: FixedWidthInteger>(_ count: Int, _ bits: (UInt64) -> Bits) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count * Bits.bitWidth / 8)
    for _ in 0..<count {
      let value = bits(next())
      for shift in stride(from: 0, to: Bits.bitWidth, by: 8) { bytes.append(UInt8(truncatingIfNeeded: value >> shift)) }
    }
    return bytes
  }
}
