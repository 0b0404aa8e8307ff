internal import ModelFormat

/// Numbers as the bytes of an element.
enum ScalarBytes {
  /// The nearest that the type holds.
  static func bytes(_ number: Double, _ type: ElementType) -> ConstantBytes {
    switch type {
    case .float32: ConstantBytes(elements: [Float(number)])
    case .int64: ConstantBytes(elements: [integer(number) as Int64])
    case .int32: ConstantBytes(elements: [integer(number) as Int32])
    case .int16: ConstantBytes(elements: [integer(number) as Int16])
    case .int8: ConstantBytes(elements: [integer(number) as Int8])
    case .uint8: ConstantBytes(elements: [integer(number) as UInt8])
    case .uint16: ConstantBytes(elements: [integer(number) as UInt16])
    case .uint32: ConstantBytes(elements: [integer(number) as UInt32])
    case .uint64: ConstantBytes(elements: [integer(number) as UInt64])
    default: ConstantBytes([number == 0 ? 0 : 1])
    }
  }

  private static func integer<Number: FixedWidthInteger>(_ number: Double) -> Number {
    if number.isNaN { return 0 }
    if number >= Double(Number.max) { return .max }
    return number <= Double(Number.min) ? .min : Number(number)
  }

  /// What the type asks of a number that this one is not; `nil` where it is: float32 rounds finite ones, integers take whole
  /// ones within their range, bool takes 0 and 1.
  static func expectation(_ number: Double, _ type: ElementType) -> String? {
    switch type {
    case .float32: Float(number).isFinite ? nil : "a number within -3.4e38...3.4e38"
    case .bool: number == 0 || number == 1 ? nil : "0 or 1"
    case .int64: whole(number, Int64.self)
    case .int32: whole(number, Int32.self)
    case .int16: whole(number, Int16.self)
    case .int8: whole(number, Int8.self)
    case .uint8: whole(number, UInt8.self)
    case .uint16: whole(number, UInt16.self)
    case .uint32: whole(number, UInt32.self)
    case .uint64: whole(number, UInt64.self)
    default: "an input of float32, bool or integers of 8 bits and more"
    }
  }

  private static func whole<Number: FixedWidthInteger>(_ number: Double, _: Number.Type) -> String? {
    Number(exactly: number) == nil ? "a whole number within \(Number.min)...\(Number.max)" : nil
  }
}
