internal import ModelFormat

/// Which numbers the integers of a tensor stand for: `real = scale * (stored - zeroPoint)`.
struct Grid: Hashable {
  var type: ElementType
  var scale: Float
  var zeroPoint: Int32

  /// The grid of `type` that reaches from `low` to `high` and has 0 on it. int16 is symmetric.
  /// Source: TensorFlow Lite's 8-bit quantization specification.
  init(_ type: ElementType, low: Float, high: Float) {
    self.type = type
    let (low, high) = (Double(min(low, 0)), Double(max(high, 0)))
    if type == .int16 {
      scale = Self.usable(max(-low, high) / 32767, ofZeros: 0x1p-15)
      zeroPoint = 0
    } else {
      let scale = Self.usable((high - low) / 255, ofZeros: 0x1p-7)
      self.scale = scale
      zeroPoint = Int32(min(max((-128 - low / Double(scale)).rounded(), -128), 127))
    }
  }

  init(_ type: ElementType, scale: Float, zeroPoint: Int32) {
    (self.type, self.scale, self.zeroPoint) = (type, scale, zeroPoint)
  }

  /// What the source model states, with uint8 told as int8; `nil` for grids by channel.
  init?(_ stated: StatedGrid) {
    guard let scale = stated.quantization.scales.first, let zeroPoint = stated.quantization.zeroPoints.first,
      !stated.quantization.isPerChannel
    else { return nil }
    switch stated.type {
    case .int8, .int16: self.init(stated.type, scale: scale, zeroPoint: zeroPoint)
    case .uint8: self.init(.int8, scale: scale, zeroPoint: zeroPoint - 128)
    default: return nil
    }
  }

  /// The inverse of a scale must be finite. A tensor of zeros has that of numbers up to 1: LiteRT aborts when an int16 ADD
  /// has an operand that is 16,384 times as coarse as its output.
  private static func usable(_ scale: Double, ofZeros: Float) -> Float {
    scale > 0 ? min(max(Float(scale), .leastNormalMagnitude * 4), .greatestFiniteMagnitude / 65536) : ofZeros
  }

  var quantization: Quantization { Quantization(scales: [scale], zeroPoints: [zeroPoint]) }

  private var limits: ClosedRange<Double> { type == .int16 ? -32768...32767 : -128...127 }

  /// The numbers that can be stored.
  var reach: ClosedRange<Float> {
    Float(limits.lowerBound - Double(zeroPoint)) * scale...Float(limits.upperBound - Double(zeroPoint)) * scale
  }

  func holds(_ number: Float) -> Bool {
    let place = number / scale
    return reach.contains(number) && abs(place - place.rounded()) < 1e-3
  }

  /// The elements as this grid stores them.
  func stored(_ elements: [Float]) -> ConstantBytes {
    let integers = elements.map { element in
      let ratio = (Double(element) / Double(scale)).rounded(.toNearestOrAwayFromZero) + Double(zeroPoint)
      return min(max(ratio.isNaN ? Double(zeroPoint) : ratio, limits.lowerBound), limits.upperBound)
    }
    return type == .int16
      ? ConstantBytes(elements: integers.map { Int16($0) }) : ConstantBytes(elements: integers.map { Int8($0) })
  }
}
