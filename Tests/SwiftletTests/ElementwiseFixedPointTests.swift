import Testing

@testable import Swiftlet

/// The functions against real arithmetic in Double, whose 53 bits hold every product here but those of `Int32.min`.
@Suite struct FixedPointTests {
  static let values: [Int32] = [
    0, 1, -1, 2, -2, 3, -3, 127, -128, 255, 1000, -1000, 65535, -65536, 1_048_576, -1_048_576, 123_456_789,
    -123_456_789,
    Int32.max, Int32.min,
  ]

  @Test(arguments: [0.75, 1, 0.5, 1e-3, 3.7, 1 / 3.0, 0x1p-31, 1.9999999999, 0.99999999999, -0.3, 1000.5])
  func keepsTheValueWithin31Bits(value: Double) throws {
    let m = try #require(QuantizedMultiplier(value))
    let restored = Double(m.multiplier) * 0x1p-31 * powerOfTwo(m.shift)
    #expect(abs(restored - value) <= abs(value) * 0x1p-31)
    #expect(abs(Int(m.multiplier)) >= 1 << 30)
  }

  @Test func saturatesWhatDoesNotFit() {
    #expect(QuantizedMultiplier(1e20)?.shift == 30)
    #expect(QuantizedMultiplier(1e20)?.multiplier == Int32.max)
    #expect(QuantizedMultiplier(1e-12)?.multiplier == 0)
    #expect(QuantizedMultiplier(0)?.multiplier == 0)
    #expect(QuantizedMultiplier(.leastNonzeroMagnitude)?.multiplier == 0)
    #expect(QuantizedMultiplier(.infinity) == nil)
    #expect(QuantizedMultiplier(.nan) == nil)
  }

  @Test(arguments: [1e-6, 0.001, 0.37, 0.5, 0.999, 1.5, 7.25])
  func multipliesWithinOneUnit(value: Double) throws {
    let m = try #require(QuantizedMultiplier(value))
    for x in Self.values {
      // A left shift comes before the multiplication and saturates there.
      let limit = Double(Int32.max) * (value < 1 ? 1 : value / powerOfTwo(m.shift))
      let exact = min(max(Double(x) * value, -limit), limit)
      #expect(abs(Double(m.doubleRounding(x)) - exact) <= 1.01)
      let exactOnce = min(max(Double(x) * value, Double(Int32.min)), Double(Int32.max))
      let tolerance: Double = 0.51 + abs(exactOnce) * 0x1p-31
      #expect(abs(Double(m.singleRounding(x)) - exactOnce) <= tolerance)
    }
  }

  @Test func roundsTiesAsGemmlowpDoes() {
    #expect(FixedPoint.doublingHighMul(1, 1 << 30) == 1)
    #expect(FixedPoint.doublingHighMul(-1, 1 << 30) == 0)
    #expect(FixedPoint.doublingHighMul(3, 1 << 30) == 2)
    #expect(FixedPoint.doublingHighMul(-3, 1 << 30) == -1)
    #expect(FixedPoint.doublingHighMul(Int32.min, Int32.min) == Int32.max)
    #expect(FixedPoint.roundingDivideByPOT(3, 1) == 2)
    #expect(FixedPoint.roundingDivideByPOT(-3, 1) == -2)
    #expect(FixedPoint.roundingDivideByPOT(-5, 2) == -1)
    #expect(FixedPoint.roundingDivideByPOT(-6, 2) == -2)
    #expect(FixedPoint.roundingDivideByPOT(Int32.min, 31) == -1)
    #expect(FixedPoint.roundingDivideByPOT(Int32.max, 31) == 1)
    #expect(FixedPoint.roundingDivideByPOT(-7, 0) == -7)
    #expect(FixedPoint.saturatingShiftLeft(Int32.min, 3) == Int32.min)
    #expect(FixedPoint.saturatingShiftLeft(5, 31) == Int32.max)
  }

  @Test func wideKeeps16BitsOfTheMultiplier() throws {
    let m = try #require(QuantizedMultiplier(0.123))
    for x in [0, 1, -1, 1_000_000, -1_000_000, 8_589_934_592, -8_589_934_592] as [Int64] {
      let exact: Double = Double(x) * 0.123
      let tolerance: Double = 0.51 + abs(exact) * 0x1p-15
      #expect(abs(Double(m.wide(x)) - exact) <= tolerance)
    }
  }

  private func powerOfTwo(_ exponent: Int32) -> Double {
    Double(sign: .plus, exponent: Int(exponent), significand: 1)
  }
}
