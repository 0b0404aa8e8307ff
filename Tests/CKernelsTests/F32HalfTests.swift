import CKernels
import Testing

@Suite struct F32HalfTests {
  /// Every half-precision number, from the definition: sign, exponent and fraction.
  static func value(_ half: UInt16) -> Float {
    let sign: Float = half & 0x8000 == 0 ? 1 : -1
    let exponent = Int(half >> 10 & 31)
    let fraction = Float(half & 1023) / 1024
    switch exponent {
    case 0: return sign * fraction * 0x1p-14
    case 31: return fraction == 0 ? sign * .infinity : .nan
    default: return sign * Float(sign: .plus, exponent: exponent - 15, significand: 1 + fraction)
    }
  }

  @Test(arguments: F32.runnable) func widensEveryNumber(isa: swl_isa) {
    let halves = (0...UInt16.max).map { $0 }
    var output = [Float](repeating: 0, count: halves.count + 1)
    output[halves.count] = 99
    unsafe withOddAddress(halves) { unsafe swl_f16_to_f32(isa, $0, &output, halves.count) }
    #expect(output[halves.count] == 99)
    for half in halves {
      let found = output[Int(half)]
      let expected = Self.value(half)
      guard expected.isNaN else {
        #expect(found.bitPattern == expected.bitPattern, "\(half)")
        continue
      }
      let payload = UInt32(half & 0x8000) << 16 | 0x7fc0_0000 | UInt32(half & 0x3ff) << 13
      #expect(found.bitPattern == payload, "\(half)")
    }
  }

  @Test(arguments: F32.runnable, [0, 1, 3, 4, 7, 8, 15, 16, 17, 33]) func stopsAtCount(isa: swl_isa, count: Int) {
    let halves = [UInt16](repeating: 0x3c00, count: count)
    var output = [Float](repeating: -5, count: count + 1)
    unsafe swl_f16_to_f32(isa, halves, &output, count)
    #expect(output == [Float](repeating: 1, count: count) + [-5])
  }
}
