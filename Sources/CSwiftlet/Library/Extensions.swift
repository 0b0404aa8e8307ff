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
  guard let difference = difference(from: interpreter.model.subgraphs[0], to: model.model.subgraphs[0]) else {
    interpreter.replace(with: next)
    return kTfLiteOk
  }
  return interpreter.fail("the new model does not fit: \(difference)")
}

/// What would surprise somebody who feeds `new` as they fed `old`; `nil` when nothing would.
private func difference(from old: Subgraph, to new: Subgraph) -> String? {
  guard old.inputs.count == new.inputs.count else {
    return "it has \(new.inputs.count) inputs, expected \(old.inputs.count)"
  }
  guard old.outputs.count == new.outputs.count else {
    return "it has \(new.outputs.count) outputs, expected \(old.outputs.count)"
  }
  let pairs = zip(old.inputs + old.outputs, new.inputs + new.outputs)
  for (position, pair) in pairs.enumerated() {
    let (before, after) = (old.tensors[pair.0], new.tensors[pair.1])
    let isSame =
      before.type == after.type && before.shape.reduce(1, &*) == after.shape.reduce(1, &*)  // checked when reading
    if !isSame {
      return position < old.inputs.count
        ? "input \(position) has another type or size"
        : "output \(position - old.inputs.count) has another type or size"
    }
  }
  return nil
}

@c @implementation
public func SwiftletTensorSetStrings(
  _ handle: OpaquePointer?, _ tensor: UnsafeMutablePointer<TfLiteTensor>?,
  _ strings: UnsafePointer<UnsafePointer<CChar>?>?, _ lengths: UnsafePointer<Int>?, _ count: Int
) -> TfLiteStatus {
  guard let interpreter = unsafe interpreter(handle) else { return kTfLiteError }
  guard count >= 0, count <= Int(Int32.max) else { return interpreter.fail("\(count) strings are too many") }
  var copies: [[UInt8]] = []
  for index in 0..<count {
    guard let strings = unsafe strings, let text = unsafe strings[index] else {
      return interpreter.fail("string \(index) is NULL")
    }
    var length = 0
    if let lengths = unsafe lengths { length = unsafe lengths[index] } else { length = unsafe terminatedLength(text) }
    guard length >= 0, length <= Int(Int32.max) else { return interpreter.fail("string \(index) is too long") }
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
  return unsafe tensors.base
}

extension InterpreterObject {
  /// The tensors of a subgraph; `nil` when there is none, or memory is exhausted, which is reported.
  fileprivate func tensors(ofSubgraph index: Int32) -> TensorTable? {
    guard model.subgraphs.indices.contains(Int(index)) else {
      _ = fail("subgraph \(index) does not exist: there are \(model.subgraphs.count)")
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
public func SwiftletVersion() -> UnsafePointer<CChar>? { unsafe text("0.1.0") }

@c @implementation
public func TfLiteVersion() -> UnsafePointer<CChar>? { unsafe text("2.17.1") }

@c @implementation
public func TfLiteExtensionApisVersion() -> UnsafePointer<CChar>? { unsafe text("2.17.1") }

@c @implementation
public func TfLiteSchemaVersion() -> Int32 { 3 }

/// The bytes of a literal, which end with a zero and live as long as the library.
private func text(_ literal: StaticString) -> UnsafePointer<CChar>? {
  unsafe UnsafeRawPointer(literal.utf8Start).assumingMemoryBound(to: CChar.self)
}
