import ModelFormat

/// What the accumulator of each output channel is multiplied by, as the kernels of `swl_q8.h` want it.
struct QuantizedScales: Sendable, Equatable {
  private enum Kind: Equatable {
    /// int8 and uint8: `inputScale * weightScale / outputScale` in float32.
    case float
    /// int16: that product as a fixed-point multiplier, a float64 without rounding.
    case double(Precision)
  }

  /// How TensorFlow Lite's reference kernels shorten the multipliers of operators on int16.
  enum Precision {
    /// 31 bits: FULLY_CONNECTED, and every operator with an int32 bias.
    case full
    /// 15 bits: the other operators, whose accumulators have 64 bits.
    case reduced
  }

  private let input, output: Float
  /// One for all channels, or one for each.
  private let weights: [Float]
  private let channels: Int
  private let kind: Kind

  /// In float32. Refuses scales whose product is not finite.
  init(
    float weights: [Float], input: Float, output: Float, channels: Int, _ operand: PrepareError.OperandReference
  ) throws(PrepareError) {
    (self.weights, self.input, self.output, self.channels, kind) = (weights, input, output, channels, .float)
    for index in weights.indices {  // iterating over the elements would allocate in debug builds
      let scale = input * weights[index] / output
      guard scale.isFinite else {
        throw PrepareError(.quantizationInvalid, operand, field: "scale", found: .float(scale))
      }
    }
  }

  /// In fixed point. Refuses products that it cannot express.
  init(
    double weights: [Float], input: Float, output: Float, channels: Int, _ precision: Precision, _ node: Node
  ) throws(PrepareError) {
    (self.weights, self.input, self.output, self.channels, kind) =
      (weights, input, output, channels, .double(precision))
    for index in weights.indices { _ = try node.multiplier(product(index)) }
  }

  /// Whether the numbers are float32.
  var isFloat: Bool { kind == .float }

  /// The float32 numbers, one for all channels or one for each.
  func forEach(_ body: (Float) -> Void) { for index in weights.indices { body(float(index)) } }

  private func float(_ index: Int) -> Float { input * weights[index] / output }

  private func product(_ index: Int) -> Double { Double(input) * Double(weights[index]) / Double(output) }

  /// Bytes of all channels.
  var byteCount: Int {
    switch kind {
    case .float: channels.multipliedSaturated(by: MemoryLayout<Float>.size)
    case .double: channels.multipliedSaturated(by: MemoryLayout<Double>.size)
    }
  }

  /// Writes one number for each channel.
  func fill(_ memory: UnsafeMutableRawPointer) {
    for channel in 0..<channels {
      let index = weights.count == 1 ? 0 : channel
      switch kind {
      case .float: unsafe memory.storeBytes(of: float(index), toByteOffset: channel * 4, as: Float.self)
      case .double(let precision):
        let number = QuantizedMultiplier(product(index))?.number(precision) ?? 0  // checked before
        unsafe memory.storeBytes(of: number, toByteOffset: channel * 8, as: Double.self)
      }
    }
  }

  /// Calls `body` with the numbers in memory of its own.
  func withPointer(_ body: (UnsafeRawPointer?) -> Void) {
    var numbers = [Double](repeating: 0, count: (byteCount + 7) / 8)
    unsafe numbers.withUnsafeMutableBytes { numbers in
      guard let base = numbers.baseAddress else { return body(nil) }
      unsafe fill(base)
      unsafe body(base)
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
