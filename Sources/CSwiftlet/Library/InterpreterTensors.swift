// swift-format-ignore-file: AlwaysUseLowerCamelCase
// The functions have the names of the C API.

public import CTensorFlowLite
internal import ModelFormat
internal import Swiftlet

extension InterpreterObject {
  /// The tensor at `position` of a list of indices; `nil` outside it, which is reported.
  func tensor(_ position: Int32, of indices: IndexArray, _ what: StaticString) -> UnsafeMutablePointer<TfLiteTensor>? {
    guard let index = index(position, of: indices, what) else { return nil }
    return unsafe main.tensors[Int(index)]
  }

  func index(_ position: Int32, of indices: IndexArray, _ what: StaticString) -> Int32? {
    guard position >= 0, position < indices.count else {
      _ = fail("$ # does not exist: there are #", Int(position), indices.count, text: zeroTerminated(what))
      return nil
    }
    return unsafe indices.base[Int(position)]
  }

  /// Tensor indices of the variables.
  var variables: [Int] {
    let tensors = model.subgraphs[0].tensors
    return tensors.indices.filter { tensors[$0].isVariable }
  }
}

// MARK: Inputs and outputs

@c @implementation
public func TfLiteInterpreterGetInputTensorCount(_ handle: OpaquePointer?) -> Int32 {
  unsafe Int32(clamping: interpreter(handle)?.main.inputIndices.count ?? 0)
}

@c @implementation
public func TfLiteInterpreterGetOutputTensorCount(_ handle: OpaquePointer?) -> Int32 {
  unsafe Int32(clamping: interpreter(handle)?.main.outputIndices.count ?? 0)
}

@c @implementation
public func TfLiteInterpreterInputTensorIndices(_ handle: OpaquePointer?) -> UnsafePointer<Int32>? {
  guard let interpreter = unsafe interpreter(handle) else { return nil }
  return unsafe UnsafePointer(interpreter.main.inputIndices.base)
}

@c @implementation
public func TfLiteInterpreterOutputTensorIndices(_ handle: OpaquePointer?) -> UnsafePointer<Int32>? {
  guard let interpreter = unsafe interpreter(handle) else { return nil }
  return unsafe UnsafePointer(interpreter.main.outputIndices.base)
}

@c @implementation
public func TfLiteInterpreterGetInputTensor(
  _ handle: OpaquePointer?, _ index: Int32
) -> UnsafeMutablePointer<TfLiteTensor>? {
  guard let interpreter = unsafe interpreter(handle) else { return nil }
  return unsafe interpreter.tensor(index, of: interpreter.main.inputIndices, "input")
}

@c @implementation
public func TfLiteInterpreterGetOutputTensor(
  _ handle: OpaquePointer?, _ index: Int32
) -> UnsafePointer<TfLiteTensor>? {
  guard let interpreter = unsafe interpreter(handle) else { return nil }
  return unsafe UnsafePointer(interpreter.tensor(index, of: interpreter.main.outputIndices, "output"))
}

@c @implementation
public func TfLiteInterpreterGetInputTensorIndex(_ handle: OpaquePointer?, _ index: Int32) -> Int32 {
  guard let interpreter = unsafe interpreter(handle) else { return -1 }
  return interpreter.index(index, of: interpreter.main.inputIndices, "input") ?? -1
}

@c @implementation
public func TfLiteInterpreterGetOutputTensorIndex(_ handle: OpaquePointer?, _ index: Int32) -> Int32 {
  guard let interpreter = unsafe interpreter(handle) else { return -1 }
  return interpreter.index(index, of: interpreter.main.outputIndices, "output") ?? -1
}

// MARK: All tensors

@c @implementation
public func TfLiteInterpreterGetTensor(
  _ handle: OpaquePointer?, _ index: Int32
) -> UnsafeMutablePointer<TfLiteTensor>? {
  guard let interpreter = unsafe interpreter(handle) else { return nil }
  guard index >= 0, index < interpreter.main.tensors.count else {
    _ = interpreter.fail("tensor # does not exist: there are #", Int(index), interpreter.main.tensors.count)
    return nil
  }
  return unsafe interpreter.main.tensors[Int(index)]
}

@c @implementation
public func TfLiteInterpreterGetVariableTensorCount(_ handle: OpaquePointer?) -> Int32 {
  unsafe Int32(clamping: interpreter(handle)?.variables.count ?? 0)
}

@c @implementation
public func TfLiteInterpreterGetVariableTensor(
  _ handle: OpaquePointer?, _ index: Int32
) -> UnsafeMutablePointer<TfLiteTensor>? {
  guard let interpreter = unsafe interpreter(handle) else { return nil }
  let variables = interpreter.variables
  guard index >= 0, index < variables.count else {
    _ = interpreter.fail("variable # does not exist: there are #", Int(index), variables.count)
    return nil
  }
  return unsafe interpreter.main.tensors[variables[Int(index)]]
}

@c @implementation
public func TfLiteInterpreterEnsureTensorDataIsReadable(_ handle: OpaquePointer?, _ index: Int32) -> TfLiteStatus {
  unsafe TfLiteInterpreterGetTensor(handle, index) == nil ? kTfLiteError : kTfLiteOk
}

@c @implementation
public func TfLiteInterpreterSetCustomAllocationForTensor(
  _ handle: OpaquePointer?, _ index: Int32, _ allocation: UnsafePointer<TfLiteCustomAllocation>?, _ flags: Int64
) -> TfLiteStatus {
  guard let interpreter = unsafe interpreter(handle) else { return kTfLiteError }
  guard index >= 0, index < interpreter.main.tensors.count else {
    return interpreter.fail("tensor # does not exist: there are #", Int(index), interpreter.main.tensors.count)
  }
  guard let given = unsafe allocation?.pointee, let memory = unsafe given.data else {
    return interpreter.fail("the memory for tensor # is NULL", Int(index))
  }
  let isExempt = flags & Int64(kTfLiteCustomAllocationFlagsSkipAlignCheck.rawValue) != 0
  guard isExempt || UInt(bitPattern: memory) % 64 == 0 else {
    return interpreter.fail("the memory for tensor # is not aligned to 64 bytes", Int(index))
  }
  return unsafe interpreter.main.bind(Int(index), to: memory, byteCount: given.bytes)
}
