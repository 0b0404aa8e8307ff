// swift-format-ignore-file: AlwaysUseLowerCamelCase
// The functions have the names of the C API.

internal import CPlatform
public import CTensorFlowLite
internal import ModelFormat
internal import Swiftlet

/// What TfLiteInterpreterOptions stand for.
@safe final class OptionsObject: HandleObject {
  static var kind: swl_kind { SWL_OPTIONS }
  var prepare = OptionsObject.standard
  var allowsCancellation = false
  var delegates: [UnsafeMutablePointer<TfLiteDelegate>] = unsafe []
  let reporter: Reporter

  init(reporter: Reporter) { self.reporter = reporter }

  /// What interpreters without options get. SWIFTLET_ISA caps the instruction set, for tests.
  static var standard: PrepareOptions {
    var options = PrepareOptions()
    if let name = unsafe swl_environment("SWIFTLET_ISA"), let isa = unsafe ISA(text: Text(zeroTerminated: name)) {
      options.isa = isa
    }
    return options
  }
}

/// Who is told of errors. `nil` stands for the standard error stream.
@safe final class Reporter {
  let pointer: OpaquePointer

  /// `nil` when out of memory.
  init?(copying other: OpaquePointer?) {
    guard let pointer = unsafe swl_reporter_create(other) else { return nil }
    unsafe self.pointer = pointer
  }

  deinit { unsafe swl_reporter_delete(pointer) }

  func fail(message: Text) { unsafe CSwiftlet.fail(message: message, pointer) }

  func fail(
    _ form: StaticString, _ first: Int = 0, _ second: Int = 0, _ third: Int = 0, text: UnsafePointer<CChar>? = nil,
    _ otherText: UnsafePointer<CChar>? = nil
  ) {
    unsafe CSwiftlet.fail(form, first, second, third, text: text, otherText, reporter: pointer)
  }
}

private func options(_ handle: OpaquePointer?) -> OptionsObject? {
  unsafe Handle.object(handle, as: OptionsObject.self)
}

@c @implementation
public func TfLiteInterpreterOptionsCreate() -> OpaquePointer? { unsafe makeOptions(copying: nil) }

@c @implementation
public func TfLiteInterpreterOptionsCopy(_ from: OpaquePointer?) -> OpaquePointer? {
  guard let other = unsafe options(from) else { return nil }
  return unsafe makeOptions(copying: other)
}

private func makeOptions(copying other: OptionsObject?) -> OpaquePointer? {
  guard let reporter = unsafe Reporter(copying: other?.reporter.pointer) else {
    fail("out of memory while creating options")
    return nil
  }
  let made = OptionsObject(reporter: reporter)
  if let other {
    made.prepare = other.prepare
    made.allowsCancellation = other.allowsCancellation
    unsafe made.delegates = other.delegates
  }
  return unsafe Handle.make(made)
}

@c @implementation
public func TfLiteInterpreterOptionsDelete(_ handle: OpaquePointer?) {
  unsafe Handle.delete(handle, as: OptionsObject.self)
}

@c @implementation
public func TfLiteInterpreterOptionsSetNumThreads(_ handle: OpaquePointer?, _ count: Int32) {
  guard let options = unsafe options(handle) else { return }
  guard count >= -1 else {
    options.reporter.fail("the number of threads is #, expected at least 1, or -1 for the library's choice", Int(count))
    return
  }
  options.prepare.threads = Selection.hasThreads ? max(1, Int(count)) : 1
}

@c @implementation
public func TfLiteInterpreterOptionsAddDelegate(
  _ handle: OpaquePointer?, _ delegate: UnsafeMutablePointer<TfLiteDelegate>?
) {
  guard let options = unsafe options(handle) else { return }
  guard let delegate = unsafe delegate else {
    options.reporter.fail("the delegate is NULL")
    return
  }
  unsafe options.delegates.append(delegate)
}

@c @implementation
public func TfLiteInterpreterOptionsEnableCancellation(_ handle: OpaquePointer?, _ enable: Bool) -> TfLiteStatus {
  guard let options = unsafe options(handle) else { return kTfLiteError }
  options.allowsCancellation = enable
  return kTfLiteOk
}

@c @implementation
public func swl_options_reporter(_ handle: OpaquePointer?) -> OpaquePointer? {
  unsafe options(handle)?.reporter.pointer
}

@c @implementation
public func TfLiteInterpreterOptionsSetEnableDelegateFallback(_ handle: OpaquePointer?, _ enable: Bool) {
  _ = unsafe options(handle)
}

@c @implementation
public func TfLiteInterpreterOptionsSetUseNNAPI(_ handle: OpaquePointer?, _ enable: Bool) {
  guard let options = unsafe options(handle), enable else { return }
  options.reporter.fail("NNAPI belongs to Android: the interpreter runs every operator itself")
}

@c @implementation
public func SwiftletInterpreterOptionsSetMemoryBudget(_ handle: OpaquePointer?, _ bytes: Int) -> TfLiteStatus {
  guard let options = unsafe options(handle) else { return kTfLiteError }
  options.prepare.memoryBudget = bytes < 0 ? Int.max : bytes  // size_t above Int.max is no limit
  return kTfLiteOk
}

@c @implementation
public func SwiftletInterpreterOptionsSetStepLimit(_ handle: OpaquePointer?, _ steps: UInt64) -> TfLiteStatus {
  guard let options = unsafe options(handle) else { return kTfLiteError }
  options.prepare.limits.steps = steps == 0 ? RunLimits().steps : Int(clamping: steps)
  return kTfLiteOk
}

@c @implementation
public func SwiftletInterpreterOptionsSetCallDepth(_ handle: OpaquePointer?, _ depth: UInt32) -> TfLiteStatus {
  guard let options = unsafe options(handle) else { return kTfLiteError }
  options.prepare.limits.callDepth = depth == 0 ? RunLimits().callDepth : Int(depth)
  return kTfLiteOk
}

@c @implementation
public func SwiftletInterpreterOptionsSetTimeLimit(_ handle: OpaquePointer?, _ nanoseconds: UInt64) -> TfLiteStatus {
  guard let options = unsafe options(handle) else { return kTfLiteError }
  options.prepare.limits.nanoseconds = nanoseconds == 0 ? nil : nanoseconds
  return kTfLiteOk
}

@c @implementation
public func SwiftletInterpreterOptionsSetRowChains(_ handle: OpaquePointer?, _ enable: Bool) -> TfLiteStatus {
  guard let options = unsafe options(handle) else { return kTfLiteError }
  guard Selection.hasRowChains || !enable else {
    unsafe options.reporter.fail("row chains: $", text: zeroTerminated(Selection.remedyOfParts))
    return kTfLiteError
  }
  options.prepare.chainsRows = enable
  return kTfLiteOk
}

@c @implementation
public func SwiftletInterpreterOptionsSetBfloat16(_ handle: OpaquePointer?, _ enable: Bool) -> TfLiteStatus {
  guard let options = unsafe options(handle) else { return kTfLiteError }
  guard Selection.hasBfloat16 || !enable else {
    unsafe options.reporter.fail("bfloat16: $", text: zeroTerminated(Selection.remedyOfParts))
    return kTfLiteError
  }
  options.prepare.layerPrecision = enable ? .bfloat16 : .float32
  return kTfLiteOk
}

@c @implementation
public func SwiftletInterpreterOptionsSetISA(_ handle: OpaquePointer?, _ name: UnsafePointer<CChar>?) -> TfLiteStatus {
  guard let options = unsafe options(handle) else { return kTfLiteError }
  guard let name = unsafe name else {
    options.reporter.fail("the name of the instruction set is NULL")
    return kTfLiteError
  }
  guard let isa = unsafe ISA(text: Text(zeroTerminated: name)) else {
    unsafe options.reporter.fail("'$' is no instruction set that this library knows", text: name)
    return kTfLiteError
  }
  options.prepare.isa = isa
  return kTfLiteOk
}
