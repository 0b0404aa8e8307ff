package import ModelFormat

/// The element types of an operator's data.
package struct ElementTypes: OptionSet, Sendable {
  package let rawValue: UInt32

  package init(rawValue: UInt32) { self.rawValue = rawValue }

  private init(_ type: ElementType) { rawValue = type.rawValue < 32 ? 1 << UInt32(type.rawValue) : 0 }

  package static let float32 = ElementTypes(.float32)
  package static let float16 = ElementTypes(.float16)
  package static let int8 = ElementTypes(.int8)
  package static let uint8 = ElementTypes(.uint8)
  package static let int16 = ElementTypes(.int16)
  package static let int32 = ElementTypes(.int32)
  package static let int64 = ElementTypes(.int64)
  package static let bool = ElementTypes(.bool)
  package static let string = ElementTypes(.string)
  package static let int4 = ElementTypes(.int4)
  package static let int2 = ElementTypes(.int2)
  package static let uint16 = ElementTypes(.uint16)
  package static let uint32 = ElementTypes(.uint32)
  package static let complex64 = ElementTypes(.complex64)

  static let bytes: ElementTypes = [.float32, .int8, .uint8]
  static let words: ElementTypes = [.float32, .int8, .uint8, .int16]
  static let numbers: ElementTypes = [.float32, .int8, .uint8, .int16, .int32, .int64]
  static let wideNumbers: ElementTypes = [.float32, .int32, .int64]
  /// Operators that only move elements take every type of whole bytes; the tables name the usual ones.
  static let movable: ElementTypes = [.float32, .int8, .uint8, .int16, .int32, .int64, .bool]

  package func contains(_ type: ElementType) -> Bool { contains(ElementTypes(type)) }

  /// The names of the types with commas between them.
  var text: Text {
    var text = Text()
    let names = names
    for index in names.indices {
      if index > 0 { text.add(", ") }
      text.add(names[index])
    }
    return text
  }

  /// The names of the types, in the order of the tables.
  package var names: [StaticString] {
    let order: [ElementType] = [
      .float32, .float16, .int8, .uint8, .int16, .int32, .int64, .bool, .uint16, .uint32, .string, .int4, .int2,
      .complex64,
    ]
    return order.filter { contains($0) }.map { $0.name }
  }
}

extension OperatorTable {
  /// The types that built-in operator `code` accepts for its data, which is input `operand`.
  ///
  /// Preparing refuses every other type of that input, so what tables show is what runs. An operator may refuse more:
  /// an unusual pair of input and output, or a missing quantization.
  package static func data(of code: Int) -> (types: ElementTypes, operand: Int)? {
    switch code {
    case 0, 18, 41, 40, 55, 57, 74, 82, 89: (.numbers, 0)
    case 42: ([.float32, .int8, .uint8, .int16, .int32], 0)
    case 99: ([.float32, .int8, .int16, .int32], 0)
    case 78: ([.float32, .int32], 0)
    case 90: ([.float32, .int8, .int16, .int32], 0)
    case 95: ([.float32, .int8, .int16, .int32, .int64], 0)
    case 58, 61, 62, 63, 48: (.numbers, 0)
    case 71, 72: (.movable, 0)
    case 3, 4, 9: (.words, 0)
    case 11, 20, 117, 152: (.bytes, 0)
    case 67: (.words, 2)
    case 1, 14, 17, 19, 21, 23, 25, 28, 54, 98, 150: (.words, 0)
    case 47, 73, 75, 76: ([.float32, .int8, .int16], 0)
    case 126: ([.float32, .int8, .int16], 0)
    case 16: (.bytes, 0)
    case 111, 27, 44, 50: ([.float32, .int8], 0)
    case 101: ([.float32, .int8, .int16, .int32], 0)
    case 59: ([.float32, .int8, .int16, .int32, .int64], 0)
    case 158: ([.float32, .int32], 0)
    case 109: ([.float32, .int8, .uint8, .int32, .int64, .bool], 0)
    case 131, 132: (.float32, 0)
    case 133, 134, 135: (.complex64, 0)
    case 120, 121: (.float32, 0)
    case 8, 12, 13, 66, 80, 92, 104, 108, 116, 156: (.float32, 0)
    case 84, 86, 87, 91, 140: (.bool, 0)
    case 114: ([.float32, .int8, .uint8, .int16, .int32], 0)
    case 6: ([.float16, .int8, .uint8, .int16, .int32, .int4, .int2], 0)
    case 53: ([.float32, .float16, .int8, .uint8, .int16, .int32, .int64, .bool, .complex64], 0)
    case 81: ([.float32, .int8, .int16, .int32, .int64], 0)
    case 106, 125, 153, 154, 155, 157: ([.float32, .int32], 0)
    case 160, 161: ([.int8, .uint8, .int16, .int32, .uint16, .uint32], 0)
    case 93, 96, 128, 147: ([.float32, .int32, .int64], 0)
    case 56, 79: (.movable, 0)
    case 22, 36: (ElementTypes.movable.union(.string), 0)
    case 2, 5, 26, 34, 37, 38, 39, 43, 45, 60, 65, 69, 70, 83, 88, 97, 100, 102, 105, 107, 112, 113, 115, 124,
      130, 151, 159, 203:
      (.movable, 0)
    case 7: ([.movable, .int4, .int2], 1)
    case 49, 64, 94, 122, 123: (.movable, 1)
    case 68, 85: (.movable, 2)
    case 145: ([.int32, .int64], 0)
    default: nil
    }
  }
}
