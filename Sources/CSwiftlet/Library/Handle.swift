internal import CTensorFlowLite
internal import ModelFormat

/// A class whose objects the caller holds by a handle: a pointer to memory in C that remembers when it was deleted.
protocol HandleObject: AnyObject {
  static var kind: swl_kind { get }
}

enum Handle {
  /// A handle that keeps `object` alive until it is deleted; `nil` when out of memory.
  static func make<Object: HandleObject>(_ object: Object) -> OpaquePointer? {
    let reference = unsafe Unmanaged.passRetained(object)
    guard let handle = unsafe swl_handle_create(Object.kind, reference.toOpaque()) else {
      unsafe reference.release()
      fail("out of memory")
      return nil
    }
    return OpaquePointer(handle)
  }

  /// The object of a handle; `nil` when it is NULL, deleted or of another kind, which is reported.
  @inline(__always)
  static func object<Object: HandleObject>(_ handle: OpaquePointer?, as: Object.Type) -> Object? {
    guard let reference = unsafe swl_handle_object(UnsafeRawPointer(handle), Object.kind) else { return nil }
    return unsafe Unmanaged<Object>.fromOpaque(reference).takeUnretainedValue()
  }

  /// Ends a handle. NULL is nothing to delete.
  static func delete<Object: HandleObject>(_ handle: OpaquePointer?, as: Object.Type) {
    guard let handle = unsafe handle else { return }
    guard let reference = unsafe swl_handle_retire(UnsafeMutableRawPointer(handle), Object.kind) else { return }
    unsafe Unmanaged<Object>.fromOpaque(reference).release()
  }
}

/// Keeps `message` for SwiftletLastError and tells `reporter`, or the standard error stream.
func fail(message: Text, _ reporter: OpaquePointer? = nil) {
  unsafe swl_fail_text(reporter, message.bytes, message.bytes.count)
}

/// As `fail(message:)`, of a text in which each # stands for the next number and each $ for the next of the texts, which end
/// with a zero. Made in C: interpolated strings would take hundreds of bytes each.
@inline(never)
func fail(
  _ form: StaticString, _ first: Int = 0, _ second: Int = 0, _ third: Int = 0, text: UnsafePointer<CChar>? = nil,
  _ otherText: UnsafePointer<CChar>? = nil, reporter: OpaquePointer? = nil
) {
  unsafe swl_fail_with(reporter, zeroTerminated(form), first, second, third, text, otherText)
}

/// The bytes of a literal, which end with a zero and live as long as the library.
func zeroTerminated(_ literal: StaticString) -> UnsafePointer<CChar> {
  unsafe UnsafeRawPointer(literal.utf8Start).assumingMemoryBound(to: CChar.self)
}
