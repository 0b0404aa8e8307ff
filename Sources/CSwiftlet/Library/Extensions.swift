// swift-format-ignore-file: AlwaysUseLowerCamelCase
// The functions have the names of the C API.

internal import CKernels
public import CTensorFlowLite
internal import ModelFormat
internal import Swiftlet

@c @implementation
public func SwiftletInterpreterGetPlan(
  _ handle: OpaquePointer?, _ plan: UnsafeMutablePointer<SwiftletPlan>?
) -> TfLiteStatus {
  guard let interpreter = unsafe interpreter(handle) else { return kTfLiteError }
  guard let plan = unsafe plan else { return interpreter.fail("the plan is NULL") }
  guard let program = interpreter.main.running?.program else {
    return interpreter.fail("there is no plan yet: call TfLiteInterpreterAllocateTensors first")
  }
  unsafe plan.pointee = unsafe SwiftletPlan(
    arena_bytes: program.arenaBytes, arena_lower_bound_bytes: program.arenaLowerBoundBytes,
    variable_bytes: program.variableBytes, packed_bytes: program.packedBytes,
    step_count: Int32(clamping: program.prepared.steps.count),
    operator_count: Int32(clamping: program.entrySubgraph.operators.count),
    thread_count: Int32(clamping: program.options.threads), isa: swl_isa_name(program.options.isa.value))
  return kTfLiteOk
}

@c @implementation
public func SwiftletInterpreterReload(_ handle: OpaquePointer?, _ model: OpaquePointer?) -> TfLiteStatus {
  guard let interpreter = unsafe interpreter(handle), let model = unsafe Handle.object(model, as: ModelObject.self)
  else { return kTfLiteError }
  guard
    let next = InterpreterObject(
      model: model.model, options: interpreter.options, allowsCancellation: false, reporter: interpreter.reporter)
  else { return interpreter.fail("out of memory while loading the new model") }
  let status = next.main.allocate()
  guard status == kTfLiteOk else { return status }
  let difference = unsafe refuse(model.model.subgraphs[0], insteadOf: interpreter.model.subgraphs[0], interpreter)
  if difference == kTfLiteOk { interpreter.replace(with: next) }
  return difference
}

/// Reports what would surprise somebody who feeds `new` as they fed `old`.
private func refuse(
  _ new: Subgraph, insteadOf old: Subgraph, _ interpreter: InterpreterObject
) -> TfLiteStatus {
  guard old.inputs.count == new.inputs.count else {
    return interpreter.fail(
      "the new model does not fit: it has # inputs, expected #", new.inputs.count, old.inputs.count)
  }
  guard old.outputs.count == new.outputs.count else {
    return interpreter.fail(
      "the new model does not fit: it has # outputs, expected #", new.outputs.count, old.outputs.count)
  }
  let pairs = zip(old.inputs + old.outputs, new.inputs + new.outputs)
  for (position, pair) in pairs.enumerated() {
    let (before, after) = (old.tensors[pair.0], new.tensors[pair.1])
    let isSame =
      before.type == after.type && before.shape.reduce(1, &*) == after.shape.reduce(1, &*)  // checked when reading
    if !isSame {
      return position < old.inputs.count
        ? interpreter.fail("the new model does not fit: input # has another type or size", position)
        : interpreter.fail(
          "the new model does not fit: output # has another type or size", position - old.inputs.count)
    }
  }
  return kTfLiteOk
}

@c @implementation
public func SwiftletTensorSetStrings(
  _ handle: OpaquePointer?, _ tensor: UnsafeMutablePointer<TfLiteTensor>?,
  _ strings: UnsafePointer<UnsafePointer<CChar>?>?, _ lengths: UnsafePointer<Int>?, _ count: Int
) -> TfLiteStatus {
  guard let interpreter = unsafe interpreter(handle) else { return kTfLiteError }
  guard Selection.hasRunTimeShapes else {
    return unsafe interpreter.fail("strings: $", text: zeroTerminated(Selection.remedy))
  }
  guard count >= 0, count <= Int(Int32.max) else { return interpreter.fail("# strings are too many", count) }
  var copies: [[UInt8]] = []
  for index in 0..<count {
    guard let strings = unsafe strings, let text = unsafe strings[index] else {
      return interpreter.fail("string # is NULL", index)
    }
    var length = 0
    if let lengths = unsafe lengths { length = unsafe lengths[index] } else { length = unsafe terminatedLength(text) }
    guard length >= 0, length <= Int(Int32.max) else { return interpreter.fail("string # is too long", index) }
    unsafe copies.append(Array(UnsafeRawBufferPointer(start: text, count: length)))
  }
  return unsafe interpreter.main.setStrings(tensor, to: copies)
}

/// Bytes before the zero byte.
private func terminatedLength(_ text: UnsafePointer<CChar>) -> Int {
  var length = 0
  while unsafe text[length] != 0 { length += 1 }
  return length
}

@c @implementation
public func SwiftletInterpreterGetSubgraphCount(_ handle: OpaquePointer?) -> Int32 {
  unsafe Int32(clamping: interpreter(handle)?.model.subgraphs.count ?? 0)
}

@c @implementation
public func SwiftletInterpreterGetTensorCount(_ handle: OpaquePointer?, _ subgraph: Int32) -> Int32 {
  unsafe Int32(clamping: interpreter(handle)?.tensors(ofSubgraph: subgraph)?.count ?? 0)
}

@c @implementation
public func SwiftletInterpreterGetTensors(
  _ handle: OpaquePointer?, _ subgraph: Int32
) -> UnsafeMutablePointer<TfLiteTensor>? {
  guard let tensors = unsafe interpreter(handle)?.tensors(ofSubgraph: subgraph), tensors.count > 0 else { return nil }
  return unsafe tensors.all
}

extension InterpreterObject {
  /// The tensors of a subgraph; `nil` when there is none, or memory is exhausted, which is reported.
  fileprivate func tensors(ofSubgraph index: Int32) -> TensorTable? {
    guard model.subgraphs.indices.contains(Int(index)) else {
      _ = fail("subgraph # does not exist: there are #", Int(index), model.subgraphs.count)
      return nil
    }
    guard let session = session(ofSubgraph: Int(index)) else {
      _ = fail("out of memory")
      return nil
    }
    return session.tensors
  }
}

@c @implementation
public func SwiftletVersion() -> UnsafePointer<CChar>? { unsafe zeroTerminated("0.1.0") }

@c @implementation
public func TfLiteVersion() -> UnsafePointer<CChar>? { unsafe zeroTerminated("2.17.1") }

@c @implementation
public func TfLiteExtensionApisVersion() -> UnsafePointer<CChar>? { unsafe zeroTerminated("2.17.1") }

@c @implementation
public func TfLiteSchemaVersion() -> Int32 { 3 }
