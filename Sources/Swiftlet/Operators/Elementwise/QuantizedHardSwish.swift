import CKernels

/// HARD_SWISH on 8 bits as TensorFlow Lite's reference kernel computes it: 16-bit fixed point, x scaled up by 128, and
/// clamp(x + 3, 0, 6) / 6 as a number of 3/32768.
struct QuantizedHardSwish: Sendable {
  private let input, output: TensorQuantization
  /// From the scaled-up input to the output's scale, and to 3/32768.
  private let outputMultiplier, reluMultiplier: ShortMultiplier

  init(_ node: Node, _ input: TensorQuantization, _ output: TensorQuantization) throws(PrepareError) {
    let scaledUp = Double(input.scale / 128)
    self.input = input
    self.output = output
    outputMultiplier = ShortMultiplier(try node.fixedPoint(scaledUp / Double(output.scale)))
    reluMultiplier = ShortMultiplier(try node.fixedPoint(scaledUp / Double(3 / Float(32768))))
  }

  func value(_ stored: Int32) -> Int32 {
    let scaledUp = saturated((stored - input.zeroPoint) * 128)
    let result = doublingHighMul(relu(scaledUp), doublingHighMul(scaledUp, outputMultiplier.multiplier, rounds: true))
    let shifted =
      outputMultiplier.shift > 0
      ? saturated(FixedPoint.saturatingShiftLeft(result, min(outputMultiplier.shift, 16)))
      : FixedPoint.roundingDivideByPOT(result, -outputMultiplier.shift)
    return min(max(shifted + output.zeroPoint, output.range.lowerBound), output.range.upperBound)
  }

  /// clamp(x + 3, 0, 6) / 6 with 15 bits of fraction. The shift left is split in two, so that its saturation comes last.
  private func relu(_ scaledUp: Int32) -> Int32 {
    let shift = reluMultiplier.shift
    var value = scaledUp
    if shift > 0 { value = saturated(FixedPoint.saturatingShiftLeft(value, shift - 1)) }
    value = doublingHighMul(value, reluMultiplier.multiplier, rounds: true)
    if shift > 0 { value = saturated(value * 2) }
    if shift < 0 { value = FixedPoint.roundingDivideByPOT(value, -shift) }
    return (value + 32768) >> 1
  }

  private func saturated(_ x: Int32) -> Int32 { min(max(x, -32768), 32767) }

  /// `a * b / 2^15` of 16-bit numbers, rounded to nearest or towards zero.
  private func doublingHighMul(_ a: Int32, _ b: Int32, rounds: Bool = false) -> Int32 {
    let product = a * b
    return saturated(rounds ? (product + (1 << 14)) >> 15 : product / 32768)
  }

  /// A multiplier with 15 bits.
  private struct ShortMultiplier {
    let multiplier, shift: Int32

    init(_ value: QuantizedMultiplier) {
      multiplier = value.multiplier >= 0x7FFF_8000 ? 0x7FFF : (value.multiplier + (1 << 15)) >> 16
      shift = value.shift
    }
  }
}
