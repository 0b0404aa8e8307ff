internal import CFlatBuilder

/// A FlatBuffer under construction: libflatbuffers' builder behind a C interface. Objects come before those that lead to
/// them.
@safe
final class FlatBuilder {
  /// Where an object lies, for those that lead to it.
  struct Offset {
    fileprivate let value: UInt32
  }

  private let flat: OpaquePointer

  /// - Parameter capacity: bytes to reserve, so that large files are never copied to grow.
  init(capacity: Int) throws {
    guard let flat = unsafe swl_flat_create(capacity) else {
      throw ConversionError(.unavailable, "not enough memory for a file of \(capacity) bytes")
    }
    unsafe self.flat = flat
  }

  deinit { unsafe swl_flat_destroy(flat) }

  func string(_ text: String) -> Offset {
    var text = text
    return text.withUTF8 { utf8 in
      unsafe utf8.withMemoryRebound(to: CChar.self) {
        unsafe Offset(value: swl_flat_string(flat, $0.baseAddress, $0.count))
      }
    }
  }

  func vector<Element: BitwiseCopyable>(_ elements: [Element]) -> Offset {
    let size = MemoryLayout<Element>.size
    return unsafe elements.withUnsafeBytes {
      unsafe Offset(value: swl_flat_vector(flat, $0.baseAddress, elements.count, size, size))
    }
  }

  /// Bytes that begin at a multiple of `alignment`.
  func bytes(_ bytes: ConstantBytes, alignment: Int) -> Offset {
    defer { bytes.forgetPages() }
    return bytes.withBytes { span in
      unsafe span.withUnsafeBytes {
        unsafe Offset(value: swl_flat_vector(flat, $0.baseAddress, $0.count, 1, alignment))
      }
    }
  }

  func vector(of objects: [Offset]) -> Offset {
    let offsets = objects.map(\.value)
    return unsafe Offset(value: swl_flat_offsets(flat, offsets, offsets.count))
  }

  /// A table: fields by id, in the order given.
  func table(_ fields: [(id: Int, value: Field)]) -> Offset {
    unsafe swl_flat_start_table(flat)
    for (id, value) in fields {
      let id = UInt16(id)
      switch value {
      case .int8(let value): unsafe swl_flat_field_8(flat, id, UInt8(bitPattern: value))
      case .bool(let value): unsafe swl_flat_field_8(flat, id, value ? 1 : 0)
      case .int32(let value): unsafe swl_flat_field_32(flat, id, UInt32(bitPattern: value))
      case .int64(let value): unsafe swl_flat_field_64(flat, id, UInt64(bitPattern: value))
      case .float(let value): unsafe swl_flat_field_32(flat, id, value.bitPattern)
      case .object(let offset): unsafe swl_flat_field_offset(flat, id, offset.value)
      }
    }
    return unsafe Offset(value: swl_flat_end_table(flat))
  }

  enum Field {
    case bool(Bool)
    case int8(Int8)
    case int32(Int32)
    case int64(Int64)
    case float(Float)
    case object(Offset)
  }

  /// The finished file, with `root` as its root table. Nothing can be built afterwards.
  func finish(root: Offset, identifier: StaticString) -> [UInt8] {
    let bytes = identifier.withUTF8Buffer { text in
      unsafe text.withMemoryRebound(to: CChar.self) { unsafe swl_flat_finish(flat, root.value, $0.baseAddress) }
    }
    return unsafe [UInt8](unsafeUninitializedCapacity: bytes) { target, count in
      unsafe swl_flat_move(flat, target.baseAddress)
      count = bytes
    }
  }
}
