// swift-format-ignore-file: AlwaysUseLowerCamelCase
// The functions have the names of the C API.

public import CTensorFlowLite
internal import ModelFormat
internal import Swiftlet

/// What a TfLiteSignatureRunner stands for: one signature of an interpreter's model.
final class SignatureRunnerObject: HandleObject {
  static var kind: swl_kind { SWL_SIGNATURE_RUNNER }
  let interpreter: InterpreterObject
  let session: Session
  let signature: Signature
  let inputNames: TextArray
  let outputNames: TextArray

  init?(interpreter: InterpreterObject, signature index: Int) {
    let signature = interpreter.model.signatures[index]
    guard let session = interpreter.session(ofSignature: index),
      let inputNames = TextArray(signature.inputs.map { $0.text }),
      let outputNames = TextArray(signature.outputs.map { $0.text })
    else { return nil }
    self.interpreter = interpreter
    self.session = session
    self.signature = signature
    self.inputNames = inputNames
    self.outputNames = outputNames
  }

  /// The tensor called `name`; `nil` when there is none, which is reported.
  func tensor(_ name: UnsafePointer<CChar>?, in list: [SignatureTensor], _ what: StaticString) -> Int? {
    guard let name = unsafe name else {
      _ = unsafe interpreter.fail("the name of the $ is NULL", text: zeroTerminated(what))
      return nil
    }
    guard let found = unsafe list.first(where: { unsafe isText($0.text, name) }) else {
      _ = unsafe interpreter.fail("the signature has no $ '$'", text: zeroTerminated(what), name)
      return nil
    }
    return found.tensor
  }

  func name(_ index: Int32, in names: TextArray, _ what: StaticString) -> UnsafePointer<CChar>? {
    guard let name = unsafe names[Int(index)] else {
      _ = unsafe interpreter.fail(
        "$ # does not exist: the signature has #", Int(index), names.count, text: zeroTerminated(what))
      return nil
    }
    return unsafe name
  }
}

private func runner(_ handle: OpaquePointer?) -> SignatureRunnerObject? {
  guard Selection.hasSignatures else {
    unsafe fail("signatures: $", text: zeroTerminated(Selection.remedy))
    return nil
  }
  return unsafe Handle.object(handle, as: SignatureRunnerObject.self)
}

/// Whether `name` has the bytes of `other`, which end with a zero.
private func isText(_ name: Text, _ other: UnsafePointer<CChar>) -> Bool {
  var next = unsafe other
  for byte in name.bytes {
    guard byte != 0, unsafe UInt8(bitPattern: next.pointee) == byte else { return false }
    unsafe next += 1
  }
  return unsafe next.pointee == 0
}

// MARK: Finding signatures

@c @implementation
public func TfLiteInterpreterGetSignatureCount(_ handle: OpaquePointer?) -> Int32 {
  unsafe Int32(clamping: interpreter(handle)?.model.signatures.count ?? 0)
}

@c @implementation
public func TfLiteInterpreterGetSignatureKey(_ handle: OpaquePointer?, _ index: Int32) -> UnsafePointer<CChar>? {
  guard let interpreter = unsafe interpreter(handle) else { return nil }
  guard let key = unsafe interpreter.signatureKeys[Int(index)] else {
    _ = interpreter.fail("signature # does not exist: there are #", Int(index), interpreter.signatureKeys.count)
    return nil
  }
  return unsafe key
}

@c @implementation
public func TfLiteInterpreterGetSignatureRunner(
  _ handle: OpaquePointer?, _ key: UnsafePointer<CChar>?
) -> OpaquePointer? {
  guard let interpreter = unsafe interpreter(handle) else { return nil }
  guard let key = unsafe key else {
    _ = interpreter.fail("the key of the signature is NULL")
    return nil
  }
  guard Selection.hasSignatures else {
    _ = unsafe interpreter.fail("signatures: $", text: zeroTerminated(Selection.remedy))
    return nil
  }
  guard let index = unsafe interpreter.model.signatures.firstIndex(where: { unsafe isText($0.text, key) }) else {
    _ = unsafe interpreter.fail("the model has no signature '$'", text: key)
    return nil
  }
  guard let made = SignatureRunnerObject(interpreter: interpreter, signature: index) else {
    _ = interpreter.fail("out of memory while creating a signature runner")
    return nil
  }
  return unsafe Handle.make(made)
}

@c @implementation
public func TfLiteSignatureRunnerDelete(_ handle: OpaquePointer?) {
  unsafe Handle.delete(handle, as: SignatureRunnerObject.self)
}

// MARK: Inputs and outputs

@c @implementation
public func TfLiteSignatureRunnerGetInputCount(_ handle: OpaquePointer?) -> Int {
  unsafe runner(handle)?.inputNames.count ?? 0
}

@c @implementation
public func TfLiteSignatureRunnerGetOutputCount(_ handle: OpaquePointer?) -> Int {
  unsafe runner(handle)?.outputNames.count ?? 0
}

@c @implementation
public func TfLiteSignatureRunnerGetInputName(_ handle: OpaquePointer?, _ index: Int32) -> UnsafePointer<CChar>? {
  guard let runner = unsafe runner(handle) else { return nil }
  return unsafe runner.name(index, in: runner.inputNames, "input")
}

@c @implementation
public func TfLiteSignatureRunnerGetOutputName(_ handle: OpaquePointer?, _ index: Int32) -> UnsafePointer<CChar>? {
  guard let runner = unsafe runner(handle) else { return nil }
  return unsafe runner.name(index, in: runner.outputNames, "output")
}

@c @implementation
public func TfLiteSignatureRunnerGetInputTensor(
  _ handle: OpaquePointer?, _ name: UnsafePointer<CChar>?
) -> UnsafeMutablePointer<TfLiteTensor>? {
  guard let runner = unsafe runner(handle),
    let tensor = unsafe runner.tensor(name, in: runner.signature.inputs, "input")
  else { return nil }
  return unsafe runner.session.tensors[tensor]
}

@c @implementation
public func TfLiteSignatureRunnerGetOutputTensor(
  _ handle: OpaquePointer?, _ name: UnsafePointer<CChar>?
) -> UnsafePointer<TfLiteTensor>? {
  guard let runner = unsafe runner(handle),
    let tensor = unsafe runner.tensor(name, in: runner.signature.outputs, "output")
  else { return nil }
  return unsafe UnsafePointer(runner.session.tensors[tensor])
}

// MARK: Running

@c @implementation
public func TfLiteSignatureRunnerResizeInputTensor(
  _ handle: OpaquePointer?, _ name: UnsafePointer<CChar>?, _ dimensions: UnsafePointer<Int32>?, _ count: Int32
) -> TfLiteStatus {
  guard let runner = unsafe runner(handle),
    let tensor = unsafe runner.tensor(name, in: runner.signature.inputs, "input")
  else { return kTfLiteError }
  let inputs = runner.interpreter.model.subgraphs[runner.session.subgraph].inputs
  guard let position = inputs.firstIndex(of: tensor) else {
    return runner.interpreter.fail("the signature's input is no input of its subgraph")
  }
  guard let shape = unsafe shape(dimensions, count), runner.session.isOpen(position, for: shape) else {
    return runner.interpreter.fail("only dimensions that the file leaves open can be changed")
  }
  return runner.session.resize(position, to: shape)
}

@c @implementation
public func TfLiteSignatureRunnerAllocateTensors(_ handle: OpaquePointer?) -> TfLiteStatus {
  unsafe runner(handle)?.session.allocate() ?? kTfLiteError
}

@c @implementation
public func TfLiteSignatureRunnerInvoke(_ handle: OpaquePointer?) -> TfLiteStatus {
  guard let runner = unsafe runner(handle) else { return kTfLiteError }
  return runner.interpreter.invoke(runner.session)
}

@c @implementation
public func TfLiteSignatureRunnerCancel(_ handle: OpaquePointer?) -> TfLiteStatus {
  unsafe runner(handle)?.interpreter.cancel() ?? kTfLiteError
}
