/// The type of a tensor's elements, numbered as in the file format (`TensorType`).
public struct ElementType: RawRepresentable, Equatable, Hashable, Sendable, BitwiseCopyable {
  public let rawValue: UInt8

  public init(rawValue: UInt8) { self.rawValue = rawValue }

  public static let float32 = ElementType(rawValue: 0)
  public static let float16 = ElementType(rawValue: 1)
  public static let int32 = ElementType(rawValue: 2)
  public static let uint8 = ElementType(rawValue: 3)
  public static let int64 = ElementType(rawValue: 4)
  public static let string = ElementType(rawValue: 5)
  public static let bool = ElementType(rawValue: 6)
  public static let int16 = ElementType(rawValue: 7)
  public static let complex64 = ElementType(rawValue: 8)
  public static let int8 = ElementType(rawValue: 9)
  public static let float64 = ElementType(rawValue: 10)
  public static let complex128 = ElementType(rawValue: 11)
  public static let uint64 = ElementType(rawValue: 12)
  public static let resource = ElementType(rawValue: 13)
  public static let variant = ElementType(rawValue: 14)
  public static let uint32 = ElementType(rawValue: 15)
  public static let uint16 = ElementType(rawValue: 16)
  public static let int4 = ElementType(rawValue: 17)
  public static let bfloat16 = ElementType(rawValue: 18)
  public static let int2 = ElementType(rawValue: 19)
  public static let uint4 = ElementType(rawValue: 20)
  public static let float8E4M3FN = ElementType(rawValue: 21)
  public static let float8E5M2 = ElementType(rawValue: 22)

  /// Whether the format defines this number.
  public var isDefined: Bool { rawValue <= 22 }

  /// The name used in messages: "float32", "int8", ...; "unknown" for a number the format does not define.
  public var name: StaticString {
    switch rawValue {
    case 0: "float32"
    case 1: "float16"
    case 2: "int32"
    case 3: "uint8"
    case 4: "int64"
    case 5: "string"
    case 6: "bool"
    case 7: "int16"
    case 8: "complex64"
    case 9: "int8"
    case 10: "float64"
    case 11: "complex128"
    case 12: "uint64"
    case 13: "resource"
    case 14: "variant"
    case 15: "uint32"
    case 16: "uint16"
    case 17: "int4"
    case 18: "bfloat16"
    case 19: "int2"
    case 20: "uint4"
    case 21: "float8_e4m3fn"
    case 22: "float8_e5m2"
    default: "unknown"
    }
  }

  /// Bits of one element as stored; 0 for types without a fixed size (string, resource, variant) and unknown ones.
  public var bitWidth: Int {
    switch rawValue {
    case 0, 2, 15: 32
    case 1, 7, 16, 18: 16
    case 3, 6, 9, 21, 22: 8
    case 4, 8, 10, 12: 64
    case 11: 128
    case 17, 20: 4
    case 19: 2
    default: 0
    }
  }

  /// Bytes that `count` elements occupy, sub-byte types packed and rounded up; `nil` when the product does not fit
  /// in `Int`, or the type has no fixed size.
  public func byteCount(of count: Int) -> Int? {
    guard bitWidth > 0, count >= 0 else { return nil }
    if bitWidth >= 8 {
      let (bytes, overflow) = count.multipliedReportingOverflow(by: bitWidth / 8)
      return overflow ? nil : bytes
    }
    let perByte = 8 / bitWidth
    return count / perByte + (count % perByte == 0 ? 0 : 1)
  }
}
