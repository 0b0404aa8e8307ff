package import ModelFormat

/// The elements of a tensor as real numbers: `scale * (stored - zeroPoint)` where it is quantized.
package enum RealValues {
  /// `nil` for types that are no real numbers, and for bytes that are not whole elements.
  package static func floats(_ bytes: [UInt8], _ type: ElementType, _ quantization: Quantization?) -> [Float]? {
    var values: [Float]
    switch type {
    case .float32: return elements(bytes, as: UInt32.self).map { Float(bitPattern: $0) }
    case .float16: return elements(bytes, as: UInt16.self).map { Float(Float16(bitPattern: $0)) }
    case .float64: return elements(bytes, as: UInt64.self).map { Float(Double(bitPattern: $0)) }
    case .int8: values = bytes.map { Float(Int8(bitPattern: $0)) }
    case .uint8, .bool: values = bytes.map { Float($0) }
    case .int16: values = elements(bytes, as: Int16.self).map { Float($0) }
    case .uint16: values = elements(bytes, as: UInt16.self).map { Float($0) }
    case .int32: values = elements(bytes, as: Int32.self).map { Float($0) }
    case .int64: values = elements(bytes, as: Int64.self).map { Float($0) }
    default: return nil
    }
    if let quantization, quantization.scales.count == 1, quantization.zeroPoints.count == 1 {
      let (scale, zeroPoint) = (quantization.scales[0], Float(quantization.zeroPoints[0]))
      for index in values.indices { values[index] = scale * (values[index] - zeroPoint) }
    }
    return values
  }

  /// The bytes of a tensor of this type that come nearest to `values`; `nil` for types that are no real numbers.
  package static func bytes(_ values: [Float], _ type: ElementType, _ quantization: Quantization?) -> [UInt8]? {
    if type == .float32 { return ConstantBytes(elements: values).array }
    let scale = quantization?.scales.count == 1 ? quantization?.scales[0] ?? 1 : 1
    let zeroPoint = quantization?.zeroPoints.count == 1 ? Float(quantization?.zeroPoints[0] ?? 0) : 0
    let stored = values.map { ($0 / scale + zeroPoint).rounded(.toNearestOrAwayFromZero) }
    switch type {
    case .float16: return ConstantBytes(elements: values.map { Float16($0).bitPattern }).array
    case .int8: return stored.map { UInt8(bitPattern: clamped($0)) }
    case .uint8: return stored.map { clamped($0) as UInt8 }
    case .bool: return stored.map { $0 == 0 ? 0 : 1 }
    case .int16: return ConstantBytes(elements: stored.map { clamped($0) as Int16 }).array
    case .int32: return ConstantBytes(elements: stored.map { clamped($0) as Int32 }).array
    case .int64: return ConstantBytes(elements: stored.map { clamped($0) as Int64 }).array
    default: return nil
    }
  }

  private static func clamped<Integer: FixedWidthInteger>(_ value: Float) -> Integer {
    if value.isNaN { return 0 }
    if value <= Float(Integer.min) { return .min }
    return value >= Float(Integer.max) ? .max : Integer(value)
  }

  private static func elements<Element: BitwiseCopyable>(_ bytes: [UInt8], as type: Element.Type) -> [Element] {
    ConstantBytes(bytes).elements(as: type)
  }
}
