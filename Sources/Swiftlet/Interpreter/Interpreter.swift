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
  /// `nil` for programs that run a fixed list of steps.
  private var state: RunState? { Selection.hasRunTimeShapes ? runState : nil }
  private let runState: RunState?

  /// - Throws: `PrepareError` with `outOfMemory` when the arena cannot be allocated.
  public convenience init(program: Program) throws(PrepareError) {
    unsafe self.init(program, try Interpreter.allocate(program))
  }

  private typealias Memory = (
    arena: UnsafeMutableRawPointer, variables: UnsafeMutableRawPointer,
    pointers: UnsafeMutablePointer<UnsafeMutableRawPointer?>, state: RunState?
  )

  /// Cannot fail: Embedded Swift does not free the object that a designated initializer leaves by throwing.
  private init(_ program: Program, _ memory: Memory) {
    self.program = program
    unsafe (arena, variables, pointers, runState) = memory
    unsafe pool = Interpreter.makePool(program.options)
    for index in program.slots.indices { unsafe pointers[index] = pointer(program.slots[index]) }
    for tensor in program.runTimeTensors {
      let slot = Int(tensor.slot)
      unsafe pointers[slot] = unsafe pointers[slot] ?? arena  // without room for any byte
    }
    fillVariables()
  }

  deinit {
    if Selection.hasThreads { unsafe swl_pool_destroy(pool) }
    unsafe swl_deallocate_zeroed(arena)
    unsafe swl_deallocate_zeroed(variables)
    unsafe swl_deallocate(pointers)
  }

  private static func allocate(_ program: Program) throws(PrepareError) -> Memory {
    let slotCount = program.slots.count + (program.runTimeNodes.isEmpty ? 0 : RunState.spareSlots)
    let pointerBytes = unsafe slotCount * MemoryLayout<UnsafeMutableRawPointer?>.stride
    let arena = unsafe swl_allocate_zeroed(max(program.arenaBytes, 1))
    let variables = unsafe swl_allocate_zeroed(max(program.variableBytes, 1))
    let pointers = unsafe swl_allocate(max(pointerBytes, 1))
    guard let arena = unsafe arena, let variables = unsafe variables, let pointers = unsafe pointers
    else {
      unsafe swl_deallocate_zeroed(arena)
      unsafe swl_deallocate_zeroed(variables)
      unsafe swl_deallocate(pointers)
      throw PrepareError(.outOfMemory, field: "bytes of the arena", found: .int(program.arenaBytes))
    }
    let slots = unsafe pointers.assumingMemoryBound(to: UnsafeMutableRawPointer?.self)
    guard Selection.hasRunTimeShapes, program.isGuarded else { return unsafe (arena, variables, slots, nil) }
    guard let state = unsafe RunState(program, slots: slots) else {
      unsafe swl_deallocate(arena)
      unsafe swl_deallocate(variables)
      unsafe swl_deallocate(pointers)
      throw PrepareError(.outOfMemory, field: "run-time tensors", found: .int(program.runTimeTensors.count))
    }
    return unsafe (arena, variables, slots, state)
  }

  /// More threads than processors would only take them from each other.
  private static func makePool(_ options: PrepareOptions) -> OpaquePointer? {
    guard Selection.hasThreads, options.threads > 1 else { return nil }
    let threads = options.alwaysShares ? options.threads : min(options.threads, Int(swl_processor_count()))
    return unsafe swl_pool_create(Int32(clamping: threads))
  }

  private func pointer(_ slot: Slot) -> UnsafeMutableRawPointer? {
    switch slot {
    case .file(let offset): unsafe UnsafeMutableRawPointer(mutating: program.model.bytes.base + offset)
    case .owned(let bytes): unsafe bytes.base
    case .packed(let offset, let isStorable): unsafe program.packing.pointer(at: offset, isStorable: isStorable)
    case .arena(let offset): unsafe arena + offset
    case .variable(let offset): unsafe variables + offset
    case .none: nil
    }
  }

  /// Sets every variable to its initial value: zero, or the zero point. Inputs of which the file holds a value take it.
  public func resetVariables() {
    unsafe variables.initializeMemory(as: UInt8.self, repeating: 0, count: program.variableBytes)
    fillVariables()
  }

  /// Writes the initial values other than zero.
  private func fillVariables() {
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
  /// - Throws: `InvokeError` when one of the two says so, and in models with control flow or with shapes known only while
  ///   running when they exceed `PrepareOptions.limits`, or when operands do not fit each other or the memory budget.
  public func invoke(within deadline: UInt64? = nil, cancellation: Cancellation? = nil) throws(InvokeError) {
    let invocation = prepared()
    if Selection.hasThreads, let pool = unsafe pool { unsafe swl_pool_begin(pool) }
    defer { if Selection.hasThreads, let pool = unsafe pool { unsafe swl_pool_end(pool) } }
    let deadline = deadline ?? program.options.limits.nanoseconds
    if let state { return try state.invoke(invocation, within: deadline, cancellation) }
    let list = program.main.list
    guard deadline != nil || cancellation != nil else {
      for index in list.indices { list.run(index, invocation) }
      return
    }
    let end = deadline.map { swl_nanoseconds() &+ $0 }
    for index in list.indices {
      if let cancellation, cancellation.isCancelled { throw .cancelled }
      if let end, swl_nanoseconds() > end { throw .deadlineExceeded(node: list.node(index)) }
      list.run(index, invocation)
    }
  }

  private var invocation: Invocation { unsafe Invocation(slots: pointers, pool: pool, program: program, state: state) }

  /// What steps run with, after the weights have been packed.
  private func prepared() -> Invocation {
    program.packing.finish()
    return invocation
  }

  /// What the steps of a program that is not guarded run with, once the weights have been packed. Does not hold the program.
  func invocationOfFixedSteps() -> Invocation {
    program.packing.finish()
    return unsafe Invocation(slots: pointers, pool: nil, program: nil)
  }

  /// As `invoke`, and adds the nanoseconds of each step to `profile`, which has one element for each step.
  package func invoke(profile: inout [UInt64]) throws(InvokeError) {
    precondition(profile.count == program.main.steps.count)
    var start = swl_nanoseconds()
    try invoke { index in
      let end = swl_nanoseconds()
      profile[index] &+= end &- start
      start = end
    }
  }

  /// As `invoke`, and calls `body` after each step with the step's index.
  package func invoke(afterEach body: (_ step: Int) -> Void) throws(InvokeError) {
    let invocation = prepared()
    if Selection.hasThreads, let pool = unsafe pool { unsafe swl_pool_begin(pool) }
    defer { if Selection.hasThreads, let pool = unsafe pool { unsafe swl_pool_end(pool) } }
    let steps = program.main.steps
    state?.begin(within: program.options.limits.nanoseconds, nil)
    for index in steps.indices {
      steps[index].run(invocation)
      try state?.check()
      body(index)
    }
  }

  /// Runs step `index` alone, on what the steps before it have left.
  package func run(step index: Int) {
    state?.begin(within: nil, nil)
    program.main.steps[index].run(prepared())
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

  /// Lets the inputs and outputs lie in the caller's memory, by position, instead of the arena, whose part for them is then
  /// never touched. The memory is aligned to 64 bytes and stays while the interpreter is used.
  ///
  /// - Returns: `false`, and everything stays in the arena, where shapes are known only while running, where a tensor is
  ///   constant or has its memory in common with another, and where a step is left out: outputs are views of inputs then.
  package func place(inputs: [UnsafeMutableRawPointer], outputs: [UnsafeMutableRawPointer]) -> Bool {
    let tensors = program.main.inputs + program.main.outputs
    let memory = unsafe inputs + outputs
    let list = program.main.list
    guard program.runTimeTensors.isEmpty, list.indices.count == list.steps.count, unsafe memory.count == tensors.count
    else { return false }
    var slots: [Int] = []
    for tensor in tensors {
      guard let operand = program.main.operands[tensor], case .arena = program.slots[Int(operand.slot)],
        !slots.contains(Int(operand.slot))
      else { return false }
      slots.append(Int(operand.slot))
    }
    for index in slots.indices { unsafe pointers[slots[index]] = unsafe memory[index] }
    return true
  }

  /// The bytes of any tensor of the main subgraph that has memory; `nil` for the others. Tensors share memory unless
  /// the program was prepared with `fuses` off, so most hold their own values only right after their step.
  package func tensorBytes(_ tensor: Int) -> [UInt8]? {
    guard let operand = program.main.operands[tensor], unsafe pointers[Int(operand.slot)] != nil else { return nil }
    return unsafe Array(bytes(of: tensor))
  }

  /// Where tensor `tensor` of the main subgraph lies; no bytes when nothing touches it. Other tensors may share the place.
  package func bytes(of tensor: Int) -> UnsafeMutableRawBufferPointer {
    guard let reference = program.main.reference(tensor) else {
      return unsafe UnsafeMutableRawBufferPointer(start: nil, count: 0)
    }
    return unsafe UnsafeMutableRawBufferPointer(
      start: pointers[Int(reference.operand.slot)], count: invocation.byteCount(reference))
  }

  /// The current shape of tensor `tensor` of the main subgraph.
  package func shape(of tensor: Int) -> Shape {
    let main = program.main
    guard let reference = main.reference(tensor), reference.isRunTime else { return main.tensors[tensor].shape }
    return invocation.shape(reference)
  }

  /// The shape of output `index`, after `invoke` when it is known only while running.
  public func outputShape(_ index: Int) -> Shape { shape(of: program.main.outputs[index]) }

  /// Output `index` with its current shape.
  package func outputDescription(_ index: Int) -> TensorDescription {
    let known = program.main.tensors[program.main.outputs[index]]
    return TensorDescription(
      info: known.info, type: known.type, shape: outputShape(index), isCorrected: known.isCorrected,
      hasRunTimeShape: known.hasRunTimeShape)
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

  /// Copies `strings` into input `index`, a tensor of strings, which allocates memory.
  ///
  /// - Throws: `PrepareError` with `inputInvalid` when the index, the type or the count does not fit, `memoryBudget` or
  ///   `outOfMemory`.
  public func setInput(_ index: Int, toStrings strings: [[UInt8]]) throws(PrepareError) {
    guard let table = StringTable.bytes(of: strings) else {
      throw PrepareError(.inputInvalid, .input(index), field: "bytes of the strings", expected: .int(Int(Int32.max)))
    }
    try setInput(index, toStringTable: table)
  }

  /// Copies the bytes of a string tensor as TensorFlow Lite stores them into input `index`: an int32 count, as many int32
  /// offsets and one more, the strings.
  ///
  /// - Throws: as `setInput(_:toStrings:)`, and when the bytes are no such table.
  public func setInput(_ index: Int, toStringTable bytes: [UInt8]) throws(PrepareError) {
    let inputs = program.inputs
    guard inputs.indices.contains(index), inputs[index].type == .string, let state else {
      throw PrepareError(
        .inputInvalid, .input(index), field: "type",
        found: inputs.indices.contains(index) ? .type(inputs[index].type) : .none, expected: .type(.string))
    }
    let count = inputs[index].shape.elementCount
    let isValid = unsafe bytes.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { return false }
      return unsafe StringTable(base, byteCount: bytes.count).isValid(count: count)
    }
    guard isValid, let reference = program.main.reference(program.main.inputs[index]) else {
      throw PrepareError(
        .inputInvalid, .input(index), field: "table of strings", expected: .int(count),
        remedy: "an int32 count, offsets that rise, and the bytes of as many strings as the input has")
    }
    state.begin(within: nil, nil)
    guard state.resize(reference, to: inputs[index].shape, byteCount: bytes.count) else {
      throw state.refusal ?? PrepareError(.outOfMemory, .input(index))
    }
    unsafe withInputBytes(index) { target in unsafe target.copyBytes(from: bytes) }
  }

  /// The strings of output `index`, which is a tensor of strings; none for other types.
  public func outputStrings(_ index: Int) -> [[UInt8]] {
    let tensor = program.main.outputs[index]
    let bytes = unsafe bytes(of: tensor)
    guard Selection.hasRunTimeShapes, program.main.tensors[tensor].type == .string, let base = bytes.baseAddress else {
      return []
    }
    let table = unsafe StringTable(base, byteCount: bytes.count)
    return (0..<outputShape(index).elementCount).map { table.bytes($0) }
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
