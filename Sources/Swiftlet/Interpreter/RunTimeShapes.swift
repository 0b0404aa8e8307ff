package import ModelFormat

/// What a node that is prepared while running has for operands now: shapes, and the values that decide about shapes.
@safe package struct RunTimeShapes {
  private let node: RunTimeNode
  private let memory: RunTimeMemory
  private let invocation: Invocation

  init(_ node: RunTimeNode, _ memory: RunTimeMemory, _ invocation: Invocation) {
    self.node = node
    self.memory = memory
    self.invocation = invocation
  }

  package var options: OptionTable { node.graph.nodes[node.index].options }
  package var inputCount: Int { node.inputs.count }

  /// The shape of input `position`; a scalar when the file leaves it out.
  package func shape(_ position: Int) -> Shape {
    guard position < node.inputs.count, let input = node.inputs[position] else { return .scalar }
    return invocation.shape(input)
  }

  /// The bytes of input `position`.
  package func byteCount(_ position: Int) -> Int? { node.inputs[position].map { invocation.byteCount($0) } }

  package func isConstant(_ position: Int) -> Bool {
    let tensor = node.graph.nodes[node.index].inputs[position]
    guard tensor >= 0, case .constant = node.graph.tensors[tensor].storage else { return false }
    return true
  }

  /// Element `index` of input `position`; `nil` when the input has no such element or is not int16, int32 or int64.
  package func integer(_ position: Int, _ index: Int = 0) -> Int? {
    switch node.inputs[position]?.type {
    case .int16: element(position, index, as: Int16.self).map { Int($0) }
    case .int32: element(position, index, as: Int32.self).map { Int($0) }
    case .int64: element(position, index, as: Int64.self).map { Int(clamping: $0) }
    default: nil
    }
  }

  /// Element `index` of input `position`; `nil` when the input has no such element.
  package func element<Element: BitwiseCopyable>(
    _ position: Int, _ index: Int = 0, as: Element.Type
  ) -> Element? {
    guard let input = node.inputs[position], input.type.bitWidth == MemoryLayout<Element>.size * 8, index >= 0,
      index < invocation.byteCount(input) / MemoryLayout<Element>.size
    else { return nil }
    return unsafe ConstantView<Element>(
      invocation.pointer(input.operand), count: invocation.byteCount(input) / MemoryLayout<Element>.size)[index]
  }

  /// The dimension of `shape` that element 0 of input `position` means.
  package func axis(_ position: Int, in shape: Shape) -> Int? {
    guard self.shape(position).elementCount == 1, let value = integer(position) else { return nil }
    return shape.normalized(axis: value)
  }

  /// Gives output `position` room for `shape`. False when there is no such shape or no room.
  package func set(_ position: Int, to shape: Shape?) -> Bool {
    guard let shape, position < node.outputs.count else { return false }
    let output = node.outputs[position]
    guard output.isRunTime else { return output.shape == shape }
    guard output.type.byteCount(of: shape.elementCount) != nil else { return false }
    return invocation.resize(output, to: shape)
  }

  /// Changes the size of scratch memory that the plan asked for when it was prepared.
  package func resize(scratch operand: Operand, to byteCount: Int) {
    memory.resize(scratch: operand, to: byteCount)
  }
}
