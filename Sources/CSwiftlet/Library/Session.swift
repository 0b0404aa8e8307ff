internal import CTensorFlowLite
internal import ModelFormat
internal import Swiftlet

/// One subgraph of a model in the hands of a caller: its tensors, and once allocated what runs it.
final class Session {
  let model: Model
  let subgraph: Int
  let tensors: TensorTable
  let inputIndices: IndexArray
  let outputIndices: IndexArray
  private let description: Subgraph
  private let reporter: Reporter
  private var options: PrepareOptions
  private(set) var running: Interpreter?
  private var bindings: [Binding] = []

  /// Memory of the caller that stands in for a tensor's own.
  @safe private struct Binding {
    let tensor: Int
    let memory: UnsafeMutableRawPointer
    let byteCount: Int
  }

  /// `nil` when out of memory.
  init?(model: Model, subgraph: Int, signature: Text?, options: PrepareOptions, reporter: Reporter) {
    let description = model.subgraphs[subgraph]
    guard let tensors = TensorTable(of: description, in: model.bytes, reporter: reporter),
      let inputs = IndexArray(description.inputs), let outputs = IndexArray(description.outputs)
    else { return nil }
    self.model = model
    self.subgraph = subgraph
    self.description = description
    self.tensors = tensors
    inputIndices = inputs
    outputIndices = outputs
    self.reporter = reporter
    self.options = options
    self.options.signatureText = signature
  }

  // MARK: Shapes

  /// Gives input `position` another shape, which takes effect with `allocate`.
  func resize(_ position: Int, to dimensions: [Int]) -> TfLiteStatus {
    guard description.inputs.indices.contains(position) else {
      return fail("input # does not exist: the model has # inputs", position, description.inputs.count)
    }
    guard let shape = Shape(dimensions), let bytes = info(position).type.byteCount(of: shape.elementCount),
      bytes < Int.max / 2
    else {
      return fail("the new shape of input # has a negative dimension, more than 8, or too many elements", position)
    }
    let tensor = description.inputs[position]
    let current = options.shape(ofInput: position) ?? Shape(info(position).shape)
    if running != nil, current == shape { return kTfLiteOk }
    options.setShape(ofInput: position, to: shape)
    stop()
    guard tensors.setShape(tensor, to: dimensions, type: info(position).type) else { return fail("out of memory") }
    return kTfLiteOk
  }

  /// Whether the file leaves open every dimension in which `dimensions` differ from its own.
  func isOpen(_ position: Int, for dimensions: [Int]) -> Bool {
    let info = info(position)
    guard dimensions.count == info.shape.count else { return false }
    return dimensions.indices.allSatisfy {
      dimensions[$0] == info.shape[$0] || ($0 < info.shapeSignature.count && info.shapeSignature[$0] < 0)
    }
  }

  private func info(_ input: Int) -> TensorInfo { description.tensors[description.inputs[input]] }

  // MARK: Memory

  /// Gives the memory back. Tensors have none then, but for constants and those of the caller.
  private func stop() {
    running = nil
    for index in 0..<tensors.count where description.tensors[index].data == nil { tensors.resetData(index) }
    for binding in bindings { bind(binding) }
  }

  /// Prepares the model for the shapes of its inputs. Does nothing when it is prepared for them already.
  func allocate() -> TfLiteStatus {
    guard running == nil else { return kTfLiteOk }
    do {
      let program = try Program(model: model, options: options)
      let interpreter = try Interpreter(program: program)
      guard publish(program, interpreter) else { return fail("out of memory") }
      running = interpreter
      return bindingsFit() ? kTfLiteOk : kTfLiteError
    } catch {
      reporter.fail(message: error.text)
      return error.code.isUnresolved ? kTfLiteUnresolvedOps : kTfLiteError
    }
  }

  /// Writes shapes and addresses into the tensors.
  private func publish(_ program: Program, _ interpreter: Interpreter) -> Bool {
    let prepared = program.prepared.tensors
    for index in prepared.indices where description.tensors[index].data == nil {
      guard tensors.setShape(index, to: prepared[index].shape, type: prepared[index].type) else { return false }
      let isOwn =
        description.tensors[index].isVariable || description.inputs.contains(index)
        || description.outputs.contains(index)
      unsafe tensors[index].pointee.data.data = isOwn ? interpreter.bytes(of: index).baseAddress : nil
    }
    for binding in bindings { bind(binding) }
    return true
  }

  /// Writes what is known only after an invocation: shapes, and where outputs of unknown size are.
  private func publishResults(of interpreter: Interpreter) -> Bool {
    let prepared = interpreter.program.prepared.tensors
    for index in description.outputs where prepared[index].hasRunTimeShape || prepared[index].type == .string {
      let memory = unsafe interpreter.bytes(of: index)
      guard tensors.setShape(index, to: interpreter.shape(of: index), type: prepared[index].type) else {
        return false
      }
      unsafe tensors[index].pointee.bytes = memory.count
      unsafe tensors[index].pointee.data.data = memory.baseAddress
    }
    for binding in bindings { bind(binding) }
    return bindings.isEmpty || bindingsFit()
  }

  // MARK: Memory of the caller

  func bind(_ tensor: Int, to memory: UnsafeMutableRawPointer, byteCount: Int) -> TfLiteStatus {
    guard description.inputs.contains(tensor) || description.outputs.contains(tensor) else {
      return fail("tensor # is neither an input nor an output: only those can use memory of the caller", tensor)
    }
    guard description.tensors[tensor].data == nil else { return fail("tensor # is a constant of the model", tensor) }
    let needed = unsafe tensors[tensor].pointee.bytes
    guard byteCount >= needed else {
      return fail("tensor # needs # bytes, the memory has #", tensor, needed, byteCount)
    }
    bindings.removeAll { $0.tensor == tensor }
    let binding = unsafe Binding(tensor: tensor, memory: memory, byteCount: byteCount)
    bindings.append(binding)
    bind(binding)
    return kTfLiteOk
  }

  private func bind(_ binding: Binding) {
    unsafe tensors[binding.tensor].pointee.data.data = binding.memory
    unsafe tensors[binding.tensor].pointee.allocation_type = kTfLiteCustom
  }

  private func bindingsFit() -> Bool {
    for binding in bindings {
      let needed = unsafe tensors[binding.tensor].pointee.bytes
      guard binding.byteCount >= needed else {
        stop()
        _ = fail(
          "tensor # needs # bytes, the memory given for it has #", binding.tensor, needed, binding.byteCount)
        return false
      }
    }
    return true
  }

  private func copyBound(_ positions: [Int], into own: Bool, of interpreter: Interpreter) {
    for binding in bindings where positions.contains(binding.tensor) {
      let memory = unsafe interpreter.bytes(of: binding.tensor)
      guard let base = memory.baseAddress else { continue }
      if own {
        unsafe base.copyMemory(from: binding.memory, byteCount: memory.count)
      } else {
        unsafe binding.memory.copyMemory(from: base, byteCount: memory.count)
      }
    }
  }

  // MARK: Running

  func invoke(_ cancellation: Cancellation?) -> TfLiteStatus {
    guard let running else { return fail("nothing to invoke yet: call AllocateTensors first, and after each resize") }
    if !bindings.isEmpty { copyBound(description.inputs, into: true, of: running) }
    do {
      try running.invoke(cancellation: cancellation)
    } catch {
      reporter.fail(message: error.text)
      if case .cancelled = error { return kTfLiteCancelled }
      return kTfLiteError
    }
    if running.program.isGuarded, !publishResults(of: running) { return fail("out of memory") }
    if !bindings.isEmpty { copyBound(description.outputs, into: false, of: running) }
    return kTfLiteOk
  }

  /// Copies `strings` into an input.
  func setStrings(_ tensor: UnsafeMutablePointer<TfLiteTensor>?, to strings: [[UInt8]]) -> TfLiteStatus {
    guard let position = description.inputs.firstIndex(where: { unsafe tensors[$0] == tensor }) else {
      return fail("the tensor is no input of this interpreter")
    }
    guard let running else { return fail("the tensor has no memory yet: call TfLiteInterpreterAllocateTensors first") }
    do { try running.setInput(position, toStrings: strings) } catch {
      reporter.fail(message: error.text)
      return kTfLiteError
    }
    let memory = unsafe running.bytes(of: description.inputs[position])
    unsafe tensors[description.inputs[position]].pointee.bytes = memory.count
    unsafe tensors[description.inputs[position]].pointee.data.data = memory.baseAddress
    for binding in bindings { bind(binding) }
    return kTfLiteOk
  }

  private func fail(_ form: StaticString, _ first: Int = 0, _ second: Int = 0, _ third: Int = 0) -> TfLiteStatus {
    reporter.fail(form, first, second, third)
    return kTfLiteError
  }
}

/// Tensor indices in memory that a caller may hold on to.
@safe final class IndexArray {
  let base: UnsafeMutablePointer<Int32>
  let count: Int

  init?(_ indices: [Int]) {
    let wide = indices.map { Int64($0) }
    guard let array = unsafe swl_int_array(wide, wide.count) else { return nil }
    unsafe self.array = unsafe array
    unsafe base = UnsafeMutableRawPointer(array).advanced(by: MemoryLayout<Int32>.size)
      .assumingMemoryBound(to: Int32.self)
    count = indices.count
  }

  private let array: UnsafeMutablePointer<TfLiteIntArray>

  deinit { unsafe TfLiteIntArrayFree(array) }
}

extension PrepareError.Code {
  /// Whether the library lacks the operator, or the version that the model asks for.
  var isUnresolved: Bool { self == .operatorUnsupported || self == .versionUnsupported }
}
