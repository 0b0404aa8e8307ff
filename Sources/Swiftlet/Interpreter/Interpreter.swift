internal import CPlatform
internal import ModelFormat

/// Runs a program: an arena, the state of variables, and a pointer for every operand.
///
/// One owner at a time; several interpreters may share one `Program`. After `init`, `invoke` allocates nothing.
///
/// ```swift
/// let model = try Model(path: "mobilenet.tflite")
/// let interpreter = try Interpreter(program: Program(model: model))
/// try interpreter.setInput(0, to: pixels)
/// try interpreter.invoke()
/// let scores = try interpreter.output(0, as: UInt8.self)
/// ```
@safe public final class Interpreter {
  public let program: Program
  private let arena: UnsafeMutableRawPointer
  private let variables: UnsafeMutableRawPointer
  private let pointers: UnsafeMutablePointer<UnsafeMutableRawPointer?>
  private let pool: OpaquePointer?

  /// - Throws: `PrepareError` with `outOfMemory` when the arena cannot be allocated.
  public convenience init(program: Program) throws(PrepareError) {
    unsafe self.init(program, try Interpreter.allocate(program))
  }

  private typealias Memory = (
    arena: UnsafeMutableRawPointer, variables: UnsafeMutableRawPointer,
    pointers: UnsafeMutablePointer<UnsafeMutableRawPointer?>
  )

  /// Cannot fail: Embedded Swift does not free the object that a designated initializer leaves by throwing.
  private init(_ program: Program, _ memory: Memory) {
    self.program = program
    unsafe (arena, variables, pointers) = memory
    unsafe pool = program.options.threads > 1 ? swl_pool_create(Int32(clamping: program.options.threads)) : nil
    unsafe arena.initializeMemory(as: UInt8.self, repeating: 0, count: program.arenaBytes)
    for index in program.slots.indices { unsafe pointers[index] = pointer(program.slots[index]) }
    resetVariables()
  }

  deinit {
    unsafe swl_pool_destroy(pool)
    unsafe swl_deallocate(arena)
    unsafe swl_deallocate(variables)
    unsafe swl_deallocate(pointers)
  }

  private static func allocate(_ program: Program) throws(PrepareError) -> Memory {
    let pointerBytes = unsafe program.slots.count * MemoryLayout<UnsafeMutableRawPointer?>.stride
    let arena = unsafe swl_allocate(max(program.arenaBytes, 1))
    let variables = unsafe swl_allocate(max(program.variableBytes, 1))
    let pointers = unsafe swl_allocate(max(pointerBytes, 1))
    guard let arena = unsafe arena, let variables = unsafe variables, let pointers = unsafe pointers
    else {
      unsafe swl_deallocate(arena)
      unsafe swl_deallocate(variables)
      unsafe swl_deallocate(pointers)
      throw PrepareError(.outOfMemory, field: "bytes of the arena", found: .int(program.arenaBytes))
    }
    return unsafe (arena, variables, pointers.assumingMemoryBound(to: UnsafeMutableRawPointer?.self))
  }

  private func pointer(_ slot: Slot) -> UnsafeMutableRawPointer? {
    switch slot {
    case .file(let offset): unsafe UnsafeMutableRawPointer(mutating: program.model.bytes.base + offset)
    case .owned(let bytes): unsafe bytes.base
    case .arena(let offset): unsafe arena + offset
    case .variable(let offset): unsafe variables + offset
    case .none: nil
    }
  }

  /// Sets every variable to its initial value: zero, or the zero point. Inputs of which the file holds a value take it.
  public func resetVariables() {
    unsafe variables.initializeMemory(as: UInt8.self, repeating: 0, count: program.variableBytes)
    for fill in program.stateFills where fill.byte != 0 {
      unsafe (variables + fill.offset).initializeMemory(as: UInt8.self, repeating: fill.byte, count: fill.count)
    }
    for fill in program.stateFills {
      guard let initial = fill.initial else { continue }
      unsafe (variables + fill.offset).copyMemory(
        from: program.model.bytes.base + initial.lowerBound, byteCount: initial.count)
    }
  }

  // MARK: Running

  /// Computes the outputs from the inputs.
  ///
  /// - Parameters:
  ///   - deadline: nanoseconds from now after which the invocation ends early, judged between steps; `nil` for none.
  ///   - cancellation: ends the invocation early, judged between steps.
  /// - Throws: `InvokeError` only when one of the two says so.
  public func invoke(within deadline: UInt64? = nil, cancellation: Cancellation? = nil) throws(InvokeError) {
    let invocation = unsafe Invocation(slots: pointers, pool: pool, program: program)
    let steps = program.main.steps
    guard deadline != nil || cancellation != nil else {
      for index in steps.indices { steps[index].run(invocation) }
      return
    }
    let end = deadline.map { swl_nanoseconds() &+ $0 }
    for index in steps.indices {
      if let cancellation, cancellation.isCancelled { throw .cancelled }
      if let end, swl_nanoseconds() > end { throw .deadlineExceeded(node: steps[index].node) }
      steps[index].run(invocation)
    }
  }

  /// As `invoke`, and adds the nanoseconds of each step to `profile`, which has one element for each step.
  package func invoke(profile: inout [UInt64]) {
    let invocation = unsafe Invocation(slots: pointers, pool: pool, program: program)
    let steps = program.main.steps
    precondition(profile.count == steps.count)
    var start = swl_nanoseconds()
    for index in steps.indices {
      steps[index].run(invocation)
      let end = swl_nanoseconds()
      profile[index] &+= end &- start
      start = end
    }
  }

  /// As `invoke`, and calls `body` after each step with the step's index.
  package func invoke(afterEach body: (_ step: Int) -> Void) {
    let invocation = unsafe Invocation(slots: pointers, pool: pool, program: program)
    let steps = program.main.steps
    for index in steps.indices {
      steps[index].run(invocation)
      body(index)
    }
  }

  /// Runs step `index` alone, on what the steps before it have left.
  package func run(step index: Int) {
    unsafe program.main.steps[index].run(Invocation(slots: pointers, pool: pool, program: program))
  }

  // MARK: Tensors

  /// The bytes of input `index`, to be written before `invoke`; they keep their contents unless
  /// `PrepareOptions.keepsInputs` is off.
  public func withInputBytes<Result>(_ index: Int, _ body: (UnsafeMutableRawBufferPointer) -> Result) -> Result {
    unsafe body(bytes(of: program.main.inputs[index]))
  }

  /// The bytes of output `index`, valid until the next `invoke`.
  public func withOutputBytes<Result>(_ index: Int, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    unsafe body(UnsafeRawBufferPointer(bytes(of: program.main.outputs[index])))
  }

  /// The bytes of any tensor of the main subgraph that has memory; `nil` for the others. Tensors share memory unless
  /// the program was prepared with `fuses` off, so most hold their own values only right after their step.
  package func tensorBytes(_ tensor: Int) -> [UInt8]? {
    guard let operand = program.main.operands[tensor], unsafe pointers[Int(operand.slot)] != nil else { return nil }
    return unsafe Array(bytes(of: tensor))
  }

  /// Where tensor `tensor` of the main subgraph lies; no bytes when nothing touches it. Other tensors may share the place.
  package func bytes(of tensor: Int) -> UnsafeMutableRawBufferPointer {
    let main = program.main
    guard let operand = main.operands[tensor] else { return unsafe UnsafeMutableRawBufferPointer(start: nil, count: 0) }
    return unsafe UnsafeMutableRawBufferPointer(
      start: pointers[Int(operand.slot)], count: main.tensors[tensor].byteCount)
  }

  /// Copies `elements` into input `index`.
  ///
  /// - Throws: `PrepareError` with `inputInvalid` when the index, the element's size or the count does not fit.
  public func setInput<Element: BitwiseCopyable>(_ index: Int, to elements: [Element]) throws(PrepareError) {
    let description = try check(index, in: program.inputs, .input(index), elementSize: MemoryLayout<Element>.size)
    guard elements.count == description.shape.elementCount else {
      throw PrepareError(
        .inputInvalid, .input(index), field: "number of elements", found: .int(elements.count),
        expected: .int(description.shape.elementCount))
    }
    unsafe withInputBytes(index) { bytes in
      unsafe elements.withUnsafeBytes { unsafe bytes.copyMemory(from: $0) }
    }
  }

  /// A copy of output `index`.
  ///
  /// - Throws: `PrepareError` with `inputInvalid` when the index or the element's size does not fit.
  public func output<Element: BitwiseCopyable>(_ index: Int, as: Element.Type) throws(PrepareError) -> [Element] {
    let outputs = program.outputs
    _ = try check(index, in: outputs, .output(index), elementSize: MemoryLayout<Element>.size)
    return unsafe withOutputBytes(index) { bytes in
      unsafe Array(bytes.bindMemory(to: Element.self))
    }
  }

  private func check(
    _ index: Int, in tensors: [TensorDescription], _ operand: PrepareError.OperandReference, elementSize: Int
  ) throws(PrepareError) -> TensorDescription {
    guard tensors.indices.contains(index) else {
      throw PrepareError(.inputInvalid, operand, field: "index", found: .int(index), expected: .int(tensors.count - 1))
    }
    guard tensors[index].type.bitWidth == elementSize * 8 else {
      throw PrepareError(
        .inputInvalid, operand, field: "bytes of an element", found: .int(elementSize),
        expected: .int(tensors[index].type.bitWidth / 8))
    }
    return tensors[index]
  }
}
