import ModelFormat
import Swiftlet

/// The elements of a tensor as numbers.
struct TensorValues {
  let description: TensorDescription
  let bytes: [UInt8]

  var count: Int { description.type.bitWidth < 8 ? 0 : bytes.count / (description.type.bitWidth / 8) }

  /// Element `index` as stored; `nil` for types that are not real numbers.
  func stored(_ index: Int) -> Double? {
    switch description.type {
    case .int8: Double(Int8(bitPattern: bytes[index]))
    case .uint8, .bool: Double(bytes[index])
    case .int16: Double(load(index, as: Int16.self))
    case .uint16: Double(load(index, as: UInt16.self))
    case .int32: Double(load(index, as: Int32.self))
    case .uint32: Double(load(index, as: UInt32.self))
    case .int64: Double(load(index, as: Int64.self))
    case .uint64: Double(load(index, as: UInt64.self))
    case .float16: Double(Float16(bitPattern: load(index, as: UInt16.self)))
    case .bfloat16: Double(Float(bitPattern: UInt32(load(index, as: UInt16.self)) << 16))
    case .float32: Double(Float(bitPattern: load(index, as: UInt32.self)))
    case .float64: Double(bitPattern: load(index, as: UInt64.self))
    default: nil
    }
  }

  /// Element `index` in real units: `scale * (stored - zeroPoint)` where the tensor is quantized per tensor.
  func real(_ index: Int) -> Double? {
    guard let stored = stored(index) else { return nil }
    guard let quantization = description.quantization, quantization.scales.count == 1,
      let scale = quantization.scales.first, let zeroPoint = quantization.zeroPoints.first
    else { return stored }
    return Double(scale) * (stored - Double(zeroPoint))
  }

  /// Element `index` as text: integers without decimals, floats as short as they read back exactly.
  func text(_ index: Int) -> String {
    guard let value = stored(index) else { return "?" }
    if description.type == .float32 { return "\(Float(value))" }
    return Int64(exactly: value).map { "\($0)" } ?? "\(value)"
  }

  private func load<Number: FixedWidthInteger>(_ index: Int, as: Number.Type) -> Number {
    let size = MemoryLayout<Number>.size
    var value: Number = 0
    for byte in (0..<size).reversed() { value = value << 8 | Number(bytes[index * size + byte]) }
    return value
  }
}
