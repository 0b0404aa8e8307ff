// swift-format-ignore-file: AlwaysUseLowerCamelCase
// The functions have the names of the C API.

internal import CTensorFlowLite
internal import ModelFormat

/// What a TfLiteModel stands for.
final class ModelObject: HandleObject {
  static var kind: swl_kind { SWL_MODEL }
  let model: Model

  init(model: Model) { self.model = model }
}

@c @implementation
public func swl_model_create(_ data: UnsafeRawPointer?, _ size: Int, _ reporter: OpaquePointer?) -> OpaquePointer? {
  guard let data = unsafe data else {
    unsafe fail("the model's data is NULL", reporter: reporter)
    return nil
  }
  let bytes = unsafe ModelBytes(borrowing: UnsafeRawBufferPointer(start: data, count: size))
  return unsafe makeModel(reporter) { () throws(FormatError) in try Model(bytes: bytes) }
}

@c @implementation
public func swl_model_open(_ path: UnsafePointer<CChar>?, _ reporter: OpaquePointer?) -> OpaquePointer? {
  guard let path = unsafe path else {
    unsafe fail("the model's path is NULL", reporter: reporter)
    return nil
  }
  return unsafe makeModel(reporter) { () throws(FormatError) in
    try Model(bytes: unsafe ModelBytes(zeroTerminatedPath: path))
  }
}

private func makeModel(_ reporter: OpaquePointer?, _ read: () throws(FormatError) -> Model) -> OpaquePointer? {
  do {
    return unsafe Handle.make(ModelObject(model: try read()))
  } catch {
    unsafe fail(message: error.text, reporter)
    return nil
  }
}

@c @implementation
public func TfLiteModelDelete(_ model: OpaquePointer?) { unsafe Handle.delete(model, as: ModelObject.self) }
