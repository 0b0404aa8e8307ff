internal import CTensorFlowLite
internal import ModelFormat
internal import Swiftlet

/// What an image for bare metal keeps of a program that was prepared when it was built: the steps, and where the operands
/// are. Model, graph and memory plan are not reached from here, so they stay out of the image.
final class PreparedProgram {
  private let list: StepList
  private let invocation: Invocation
  private let inputs, outputs: [Operand]

  @safe struct Operand {
    let memory: UnsafeMutableRawBufferPointer
    let type: TfLiteType
  }

  init(_ interpreter: Interpreter) {
    let main = interpreter.program.main
    let operand = { (tensor: Int) in
      unsafe Operand(memory: interpreter.bytes(of: tensor), type: main.tensors[tensor].type.number)
    }
    list = main.list
    invocation = interpreter.invocationOfFixedSteps()
    inputs = main.inputs.map(operand)
    outputs = main.outputs.map(operand)
  }

  func invoke() {
    for index in list.indices { list.run(index, invocation) }
  }

  func operand(_ index: Int, isOutput: Bool) -> Operand? {
    let operands = isOutput ? outputs : inputs
    return operands.indices.contains(index) ? operands[index] : nil
  }
}

/// Prepares a model for good. NULL when it cannot be prepared, which is reported.
@c(swl_program_prepare)
public func prepare(_ data: UnsafeRawPointer, _ size: Int) -> OpaquePointer? {
  let bytes = unsafe ModelBytes(borrowing: UnsafeRawBufferPointer(start: data, count: size))
  let model: Model
  do { model = try Model(bytes: bytes) } catch {
    fail(message: error.text)
    return nil
  }
  do {
    let interpreter = try Interpreter(program: Program(model: model, options: OptionsObject.standard))
    guard !interpreter.program.isGuarded else {
      fail("the model has control flow, or shapes that are known only while running")
      return nil
    }
    _ = unsafe Unmanaged.passRetained(interpreter)  // its memory is the program's
    return unsafe OpaquePointer(Unmanaged.passRetained(PreparedProgram(interpreter)).toOpaque())
  } catch {
    fail(message: error.text)
    return nil
  }
}

@c(swl_program_invoke)
public func invoke(_ program: OpaquePointer) {
  unsafe Unmanaged<PreparedProgram>.fromOpaque(UnsafeRawPointer(program))._withUnsafeGuaranteedRef { $0.invoke() }
}

/// Where an input or output is, how many bytes it has, and the number of its type.
@c(swl_program_operand)
public func operand(
  _ program: OpaquePointer, _ index: Int32, _ isOutput: Bool, _ bytes: UnsafeMutablePointer<Int>,
  _ type: UnsafeMutablePointer<UInt32>
) -> UnsafeMutableRawPointer? {
  let program = unsafe Unmanaged<PreparedProgram>.fromOpaque(UnsafeRawPointer(program)).takeUnretainedValue()
  guard let operand = program.operand(Int(index), isOutput: isOutput) else { return nil }
  unsafe bytes.pointee = operand.memory.count
  unsafe type.pointee = operand.type.rawValue
  return unsafe operand.memory.baseAddress
}
