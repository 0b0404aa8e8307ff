/// A value of a FlexBuffer map.
public enum FlexValue: Sendable {
  case int(Int32)
  case float(Float)
  case bool(Bool)
  case string(String)
}

/// A FlexBuffer map, as custom operators store their options. Every number has 4 bytes.
public func flexBuffer(_ map: [String: FlexValue]) -> [UInt8] {
  let entries = map.sorted { Array($0.key.utf8).lexicographicallyPrecedes(Array($1.key.utf8)) }
  var bytes: [UInt8] = []
  func offset(to target: Int) -> [UInt8] { UInt32(bytes.count - target).littleEndianBytes }

  let keys = entries.map { entry -> Int in
    defer { bytes += Array(entry.key.utf8) + [0] }
    return bytes.count
  }
  let strings = entries.map { entry -> Int in
    guard case .string(let text) = entry.value else { return 0 }
    while bytes.count % 4 != 0 { bytes.append(0) }
    bytes += UInt32(text.utf8.count).littleEndianBytes
    defer { bytes += Array(text.utf8) + [0] }
    return bytes.count
  }
  while bytes.count % 4 != 0 { bytes.append(0) }
  bytes += UInt32(entries.count).littleEndianBytes
  let keyVector = bytes.count
  for key in keys { bytes += offset(to: key) }
  bytes += offset(to: keyVector) + UInt32(4).littleEndianBytes
  bytes += UInt32(entries.count).littleEndianBytes
  let values = bytes.count
  for (entry, string) in zip(entries, strings) {
    switch entry.value {
    case .int(let value): bytes += value.littleEndianBytes
    case .float(let value): bytes += value.bitPattern.littleEndianBytes
    case .bool(let value): bytes += UInt32(value ? 1 : 0).littleEndianBytes
    case .string: bytes += offset(to: string)
    }
  }
  for entry in entries { bytes.append(entry.value.packedType) }
  while bytes.count % 4 != 0 { bytes.append(0) }
  bytes += offset(to: values)
  return bytes + [9 << 2 | 2, 4]
}

extension FlexValue {
  /// The kind in the upper six bits, 2 (4 bytes) in the lower two.
  fileprivate var packedType: UInt8 {
    switch self {
    case .int: 1 << 2 | 2
    case .float: 3 << 2 | 2
    case .bool: 26 << 2 | 2
    case .string: 5 << 2 | 2
    }
  }
}
