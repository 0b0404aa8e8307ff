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
