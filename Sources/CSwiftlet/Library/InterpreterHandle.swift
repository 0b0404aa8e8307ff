// swift-format-ignore-file: AlwaysUseLowerCamelCase
// The functions have the names of the C API.

public import CTensorFlowLite
internal import ModelFormat
internal import Swiftlet

/// What a TfLiteInterpreter stands for.
final class InterpreterObject: HandleObject {
  static var kind: swl_kind { SWL_INTERPRETER }
  private(set) var model: Model
  let options: PrepareOptions
  let reporter: Reporter
  /// `nil` unless the options allow cancellation.
  let cancellation: Cancellation?
  /// By subgraph; those of signatures are made when they are asked for.
  private var sessions: [Session?]
  private(set) var main: Session
  private(set) var signatureKeys: TextArray

  /// `nil` when out of memory.
  init?(model: Model, options: PrepareOptions, allowsCancellation: Bool, reporter: Reporter) {
    guard let main = Session(model: model, subgraph: 0, signature: nil, options: options, reporter: reporter),
      let keys = TextArray(model.signatures.map { $0.text })
    else { return nil }
    self.model = model
    self.options = options
    self.reporter = reporter
    cancellation = allowsCancellation ? Cancellation() : nil
    sessions = Array(repeating: nil, count: model.subgraphs.count)
    sessions[0] = main
    self.main = main
    signatureKeys = keys
  }

  /// The session of the subgraph that signature `index` calls.
  func session(ofSignature index: Int) -> Session? { session(ofSubgraph: model.signatures[index].subgraph) }

  /// The session of a subgraph, which can run when it is the first or that of a signature.
  func session(ofSubgraph index: Int) -> Session? {
    if let known = sessions[index] { return known }
    let signature = model.signatures.first { $0.subgraph == index }
    let made = Session(
      model: model, subgraph: index, signature: signature?.text, options: options, reporter: reporter)
    sessions[index] = made
    return made
  }

  func invoke(_ session: Session) -> TfLiteStatus {
    cancellation?.reset()
    return session.invoke(cancellation)
  }

  func cancel() -> TfLiteStatus {
    guard let cancellation else {
      reporter.fail("cancellation is not enabled: call TfLiteInterpreterOptionsEnableCancellation")
      return kTfLiteError
    }
    cancellation.cancel()
    return kTfLiteOk
  }

  /// Takes everything of `other`, which was made for another model.
  func replace(with other: InterpreterObject) {
    model = other.model
    sessions = other.sessions
    main = other.main
    signatureKeys = other.signatureKeys
  }

  func fail(
    _ form: StaticString, _ first: Int = 0, _ second: Int = 0, _ third: Int = 0, text: UnsafePointer<CChar>? = nil,
    _ otherText: UnsafePointer<CChar>? = nil
  ) -> TfLiteStatus {
    unsafe reporter.fail(form, first, second, third, text: text, otherText)
    return kTfLiteError
  }
}

@inline(__always)
func interpreter(_ handle: OpaquePointer?) -> InterpreterObject? {
  unsafe Handle.object(handle, as: InterpreterObject.self)
}

// MARK: Life

@c @implementation
public func TfLiteInterpreterCreate(_ model: OpaquePointer?, _ options: OpaquePointer?) -> OpaquePointer? {
  guard let model = unsafe Handle.object(model, as: ModelObject.self) else { return nil }
  var given: OptionsObject?
  if unsafe options != nil {
    given = unsafe Handle.object(options, as: OptionsObject.self)
    if given == nil { return nil }
  }
  guard let reporter = unsafe Reporter(copying: given?.reporter.pointer),
    let made = InterpreterObject(
      model: model.model, options: given?.prepare ?? OptionsObject.standard,
      allowsCancellation: given?.allowsCancellation ?? false, reporter: reporter)
  else {
    fail("out of memory while creating an interpreter")
    return nil
  }
  if let given {
    for index in unsafe given.delegates.indices {
      guard unsafe !swl_delegate_is_idle(given.delegates[index]) else { continue }
      reporter.fail("a delegate takes no part: this library runs every operator itself")
    }
  }
  return unsafe Handle.make(made)
}

@c @implementation
public func TfLiteInterpreterCreateWithSelectedOps(
  _ model: OpaquePointer?, _ options: OpaquePointer?
) -> OpaquePointer? {
  unsafe TfLiteInterpreterCreate(model, options)
}

@c @implementation
public func TfLiteInterpreterDelete(_ handle: OpaquePointer?) {
  unsafe Handle.delete(handle, as: InterpreterObject.self)
}

// MARK: Running

@c @implementation
public func TfLiteInterpreterAllocateTensors(_ handle: OpaquePointer?) -> TfLiteStatus {
  unsafe interpreter(handle)?.main.allocate() ?? kTfLiteError
}

@c @implementation
public func TfLiteInterpreterInvoke(_ handle: OpaquePointer?) -> TfLiteStatus {
  guard let interpreter = unsafe interpreter(handle) else { return kTfLiteError }
  return interpreter.invoke(interpreter.main)
}

@c @implementation
public func TfLiteInterpreterCancel(_ handle: OpaquePointer?) -> TfLiteStatus {
  unsafe interpreter(handle)?.cancel() ?? kTfLiteError
}

@c @implementation
public func TfLiteInterpreterResetVariableTensors(_ handle: OpaquePointer?) -> TfLiteStatus {
  guard let interpreter = unsafe interpreter(handle) else { return kTfLiteError }
  interpreter.main.running?.resetVariables()
  return kTfLiteOk
}

@c @implementation
public func TfLiteInterpreterResizeInputTensor(
  _ handle: OpaquePointer?, _ index: Int32, _ dimensions: UnsafePointer<Int32>?, _ count: Int32
) -> TfLiteStatus {
  guard let interpreter = unsafe interpreter(handle) else { return kTfLiteError }
  guard let shape = unsafe shape(dimensions, count) else {
    return interpreter.fail("the new shape of input # is NULL or has a negative number of dimensions", Int(index))
  }
  return interpreter.main.resize(Int(index), to: shape)
}

/// The dimensions that a caller gives; `nil` when there are none to read.
func shape(_ dimensions: UnsafePointer<Int32>?, _ count: Int32) -> [Int]? {
  guard count >= 0, count <= 64 else { return nil }
  guard let dimensions = unsafe dimensions else { return count == 0 ? [] : nil }
  return (0..<Int(count)).map { unsafe Int(dimensions[$0]) }
}

// MARK: Delegates

@c @implementation
public func TfLiteInterpreterModifyGraphWithDelegate(
  _ handle: OpaquePointer?, _ delegate: UnsafeMutablePointer<TfLiteDelegate>?
) -> TfLiteStatus {
  guard let interpreter = unsafe interpreter(handle) else { return kTfLiteError }
  guard unsafe delegate != nil else { return interpreter.fail("the delegate is NULL") }
  if unsafe swl_delegate_is_idle(delegate) { return kTfLiteOk }
  _ = interpreter.fail("delegates cannot be applied: this library runs every operator itself")
  return kTfLiteDelegateError
}

@c @implementation
public func TfLiteSetAllowBufferHandleOutput(_ handle: OpaquePointer?, _ allow: Bool) {
  _ = unsafe interpreter(handle)
}
