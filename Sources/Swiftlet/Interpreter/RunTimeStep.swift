internal import ModelFormat

/// What an interpreter has for a node that is prepared while running: the plan, the memory behind it, and what the plan was
/// last made for.
final class RunTimeStep {
  var plan: RunTimePlan?
  var entry: OperatorEntry?
  let memory: RunTimeMemory
  /// Whether the plan is whole, so that it may follow other shapes.
  var isWhole = false
  /// Whether the plan was made for `shapes` and `values`, rather than having followed others since.
  var isPlanned = false
  /// By input; scalars for inputs that are absent.
  private var shapes: [Shape] = []
  /// Inputs whose values the plan depends on, and those values.
  private(set) var values: [(position: Int, bytes: [UInt8])] = []
  /// By output; `nil` where the step itself finds out.
  private(set) var results: [Shape?] = []

  init(firstSlot: Int) { memory = RunTimeMemory(firstSlot: firstSlot) }

  /// Whether the operator has asked for the value of input `position`.
  func needsValue(of position: Int) -> Bool {
    for index in values.indices where values[index].position == position { return true }
    return false
  }

  func addValue(of position: Int) { values.append((position, [])) }

  /// Notes what the plan has been made for.
  func note(_ node: RunTimeNode, _ invocation: borrowing Invocation, results shape: (Int) -> Shape?) {
    shapes.removeAll(keepingCapacity: true)
    for index in node.inputs.indices { shapes.append(node.inputs[index].map { invocation.shape($0) } ?? .scalar) }
    for index in values.indices {
      values[index].bytes.removeAll(keepingCapacity: true)
      guard let input = node.inputs[values[index].position] else { continue }
      let current = RunTimeStep.bytes(input, invocation)
      for byte in 0..<current.count { values[index].bytes.append(current[byte]) }
    }
    results.removeAll(keepingCapacity: true)
    for index in node.outputs.indices {
      results.append(node.outputs[index].isRunTime && node.outputs[index].type != .string ? shape(index) : nil)
    }
    (isPlanned, isWhole) = (true, true)
  }

  /// Whether the plan was made for what the inputs are now.
  func fits(_ node: RunTimeNode, _ invocation: borrowing Invocation) -> Bool {
    guard isPlanned else { return false }
    for index in node.inputs.indices {
      guard let input = node.inputs[index], input.isRunTime else { continue }
      guard invocation.shape(input) == shapes[index] else { return false }
    }
    for index in values.indices {
      guard let input = node.inputs[values[index].position] else { return false }
      let current = RunTimeStep.bytes(input, invocation)
      guard current.count == values[index].bytes.count else { return false }
      for byte in 0..<current.count where current[byte] != values[index].bytes[byte] { return false }
    }
    return true
  }

  private static func bytes(_ input: TensorReference, _ invocation: borrowing Invocation) -> ConstantView<UInt8> {
    unsafe ConstantView(invocation.pointer(input.operand), count: invocation.byteCount(input))
  }

  /// Lets go of the plan and its memory, and returns how many bytes that were.
  func forget() -> Int {
    plan = nil
    (isPlanned, isWhole) = (false, false)
    return memory.removeAll()
  }
}
