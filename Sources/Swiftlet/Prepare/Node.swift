package import ModelFormat

/// A node while it is being inferred and prepared: its operands, options and the means to ask for memory.
///
/// Throwing accessors locate their errors at the node; an operator only says which operand and what it expected.
package struct Node {
  let preparation: SubgraphPreparation
  let index: Int

  private var graph: Graph { preparation.graph }
  private var node: GraphNode { preparation.graph.nodes[index] }

  /// Index of the operator in the file's subgraph.
  package var position: Int { node.position }
  package var code: OperatorCode { node.code }
  package var options: OptionTable { node.options }
  package var options2: OptionTable { node.options2 }
  /// The bytes of `custom_options`.
  package var customOptions: ConstantView<UInt8> {
    unsafe ConstantView(
      preparation.model.bytes.base + node.customOptions.lowerBound, count: node.customOptions.count)
  }
  package var model: Model { preparation.model }
  /// How many threads may run parts of a step at the same time: scratch memory is asked for this many times.
  package var threads: Int { preparation.program.options.threads }
  /// The instruction set that plans are made for.
  package var isa: ISA { preparation.program.options.isa }
  /// Whether float32 layers may round their operands to bfloat16.
  package var roundsToBfloat16: Bool {
    Selection.hasBfloat16 && preparation.program.options.layerPrecision == .bfloat16
  }
  /// Whether the node is being prepared in the middle of an invocation.
  package var isRunTime: Bool { preparation.values != nil }
  /// Padding of a PAD node that was folded into this one.
  package var foldedPadding: Padding2D { node.foldedPadding ?? .none }

  /// What field `field` of the options allows, or the RELU that was folded into this one.
  func activationLimits(_ field: Int) throws(PrepareError) -> ActivationLimits {
    if Selection.hasActivations, let folded = node.foldedLimits { return folded }
    return try ActivationLimits(options.int8(field))
  }

  /// The sizes of a convolution, which its shape rule has found when nothing has changed since.
  func geometry(_ kind: ConvolutionGeometry.Kind) throws(PrepareError) -> ConvolutionGeometry {
    guard let known = node.geometry, node.foldedPadding == nil, !isRunTime else {
      return try ConvolutionGeometry(self, kind)
    }
    return known
  }

  /// Keeps what `geometry` will be.
  func keep(_ geometry: ConvolutionGeometry) { node.geometry = geometry }

  // MARK: Operands

  package var inputCount: Int { node.inputs.count }
  package var outputCount: Int { node.outputs.count }

  /// Input `position`, whose shape is known.
  package func input(_ position: Int) throws(PrepareError) -> Tensor {
    guard let tensor = try optionalInput(position) else { throw PrepareError(.operandMissing, .input(position)) }
    return tensor
  }

  /// Input `position`, `nil` when the file leaves it out or gives -1.
  package func optionalInput(_ position: Int) throws(PrepareError) -> Tensor? {
    guard position < node.inputs.count, node.inputs[position] >= 0 else { return nil }
    guard let tensor = tensor(node.inputs[position]) else {
      throw PrepareError(.dynamicShape, .input(position), remedy: "give every input of the model a fixed shape")
    }
    return tensor
  }

  /// Output `position`, after `infer` has set its shape.
  package func output(_ position: Int) throws(PrepareError) -> Tensor {
    guard position < node.outputs.count, let tensor = tensor(node.outputs[position]) else {
      throw PrepareError(.operandMissing, .output(position))
    }
    return tensor
  }

  /// The type that the file gives to output `position`.
  package func declaredOutput(_ position: Int) throws(PrepareError) -> TensorInfo {
    guard position < node.outputs.count else { throw PrepareError(.operandMissing, .output(position)) }
    return graph.tensors[node.outputs[position]].info
  }

  /// Intermediate tensor `position` of an integer LSTM: only its quantization matters.
  package func intermediate(_ position: Int) -> TensorInfo? {
    guard position < node.intermediates.count, node.intermediates[position] >= 0 else { return nil }
    return graph.tensors[node.intermediates[position]].info
  }

  private func tensor(_ index: Int) -> Tensor? { preparation.tensor(index) }

  /// Tensor `index` of the subgraph, which need not be an operand: blockwise scales. `nil` when there is none.
  package func tensor(at index: Int) -> Tensor? { graph.tensors.indices.contains(index) ? tensor(index) : nil }

  /// Refuses another number of operands.
  package func expect(inputs: ClosedRange<Int>, outputs: Int) throws(PrepareError) {
    guard inputs.contains(inputCount) else {
      let wanted = inputCount < inputs.lowerBound ? inputs.lowerBound : inputs.upperBound
      throw PrepareError(.operandCount, field: "number of inputs", found: .int(inputCount), expected: .int(wanted))
    }
    guard outputCount == outputs else {
      throw PrepareError(.operandCount, field: "number of outputs", found: .int(outputCount), expected: .int(outputs))
    }
  }

  // MARK: Shape rules

  /// Sets the shape of output `position`; its type stays the file's.
  package func setOutput(_ position: Int, shape: Shape?) throws(PrepareError) {
    guard position < node.outputs.count else { throw PrepareError(.operandMissing, .output(position)) }
    guard let shape else {
      throw PrepareError(
        .shapeUnsupported, .output(position), field: "shape",
        remedy: "the result has more than 8 dimensions or elements than fit")
    }
    let tensor = node.outputs[position]
    if case .variable = graph.tensors[tensor].storage, let known = graph.tensors[tensor].shape, known != shape {
      throw PrepareError(
        .shapeMismatch, .output(position), field: "shape of the variable", found: .shape(shape),
        expected: .shape(known))
    }
    let bytes = graph.tensors[tensor].type.byteCount(of: shape.elementCount)
    guard bytes != nil || graph.tensors[tensor].type.bitWidth == 0 else {
      throw PrepareError(.shapeUnsupported, .output(position), field: "shape", found: .shape(shape))
    }
    graph.tensors[tensor].shape = shape
  }

  /// Gives output `position`, which the file declares as `declared`, another type, unless somebody outside sees it.
  func correctOutput(_ position: Int, declared: ElementType, to type: ElementType) throws(PrepareError) {
    guard position < node.outputs.count else { throw PrepareError(.operandMissing, .output(position)) }
    let tensor = node.outputs[position]
    guard graph.tensors[tensor].type == declared, graph.isInternal(tensor) else { return }
    graph.tensors[tensor].type = type
    graph.tensors[tensor].isCorrected = true
    guard let zeroPoint = graph.tensors[tensor].quantization?.zeroPoints.first else { return }
    guard type.quantizedRange.contains(zeroPoint) else {
      throw PrepareError(.quantizationInvalid, .output(position), field: "zero point", found: .int(Int(zeroPoint)))
    }
  }

  /// The elements of a constant tensor; `nil` when it is computed or of another type.
  package func constant<Element: BitwiseCopyable>(_ tensor: Tensor, as: Element.Type) -> ConstantView<Element>? {
    guard tensor.byteCount == tensor.count * MemoryLayout<Element>.size, let bytes = preparation.constant(tensor.index)
    else { return nil }
    return unsafe ConstantView(bytes.base, count: tensor.count)
  }

  /// The raw bytes of a constant tensor of any type.
  package func constantBytes(_ tensor: Tensor) -> ConstantView<UInt8>? { preparation.constant(tensor.index) }

  /// A constant int32 or int64 input as integers: axes, shapes, paddings. Throws when it is absent, computed or of
  /// another type.
  package func integers(_ position: Int) throws(PrepareError) -> Integers {
    let tensor = try input(position)
    guard tensor.type == .int32 || tensor.type == .int64 else {
      throw PrepareError(.typeUnsupported, .input(position), found: .type(tensor.type), expected: .type(.int32))
    }
    guard tensor.isConstant else {
      throw PrepareError(.notConstant, .input(position), remedy: "freeze it to a constant when converting")
    }
    guard let bytes = constantBytes(tensor), bytes.count == tensor.byteCount else {
      throw PrepareError(.notConstant, .input(position))
    }
    return unsafe Integers(bytes.base, count: tensor.count, isWide: tensor.type == .int64)
  }

  // MARK: Memory

  /// Where the tensor will be while running.
  package func operand(_ tensor: Tensor) -> Operand { preparation.operand(tensor.index) }

  /// `byteCount` bytes of the arena that live as long as this step runs, aligned to 64.
  package func scratch(_ byteCount: Int) -> Operand { preparation.scratch(byteCount, step: index) }

  /// Changes the size of scratch memory that `prepare` has asked for, in `replan`.
  package func resize(scratch operand: Operand, to byteCount: Int) {
    preparation.memory?.resize(scratch: operand, to: byteCount)
  }

  /// Memory of the program, filled now and read-only afterwards: packed weights, look-up tables.
  ///
  /// What `fill` writes follows from constants, options and quantization alone. In a node that is prepared while running it
  /// is kept when the plan is made anew: the same bytes are those that are asked for at the same place of the code (or under
  /// the same `key`), at the same turn and in the same number. Tables that depend on shapes are `table`.
  package func packed(
    _ byteCount: Int, key: Int = #line, fill: (UnsafeMutableRawPointer) -> Void
  ) throws(PrepareError) -> Operand {
    if let memory = preparation.memory {
      return unsafe try memory.owned(byteCount, key: key, preparation.program, fill: fill)
    }
    return unsafe try table(byteCount, fill: fill)
  }

  /// As `packed`, of what depends on shapes or on values that may be computed: filled whenever a plan is made.
  package func table(_ byteCount: Int, fill: (UnsafeMutableRawPointer) -> Void) throws(PrepareError) -> Operand {
    if let memory = preparation.memory {
      return unsafe try memory.owned(byteCount, key: nil, preparation.program, fill: fill)
    }
    let bytes = try preparation.program.allocate(byteCount)
    unsafe fill(bytes.base)
    return preparation.program.add(.owned(bytes))
  }

  /// What `packedLater` has packed at this turn before, where a plan is made anew for other shapes; else what `pack`, which
  /// calls it, returns. A closure that escapes would be allocated each time.
  package func kept(
    _ byteCount: Int, or pack: () throws(PrepareError) -> Operand
  ) throws(PrepareError) -> Operand {
    if let known = preparation.memory?.kept(byteCount, key: Node.later) { return known }
    return try pack()
  }

  private static let later = 0

  /// Memory of the program, reserved now and filled before the first invocation: weights whose packing takes time that
  /// loading can do without. `fill` may read constants of the model, which stay until then. Nodes that give equal keys
  /// share the memory.
  package func packedLater(
    _ byteCount: Int, key: PackingKey? = nil, fill: @escaping (UnsafeMutableRawPointer) -> Void
  ) throws(PrepareError) -> Operand {
    guard !preparation.isFolding else { return unsafe try packed(byteCount, key: Node.later, fill: fill) }
    return unsafe try preparation.program.addPacking(byteCount, key: key, of: preparation, fill: fill)
  }

  /// The buffer of the file that input `position` is all of; 0 when it is left out, `nil` when it is something else.
  func buffer(ofInput position: Int) -> Int? {
    guard position < node.inputs.count, node.inputs[position] >= 0 else { return 0 }
    let tensor = graph.tensors[node.inputs[position]]
    guard case .constant(.file) = tensor.storage, tensor.info.buffer > 0 else { return nil }
    return tensor.info.buffer
  }

  /// The same of an input of float32, which the file may have as float16.
  func floatBuffer(ofInput position: Int) -> (index: Int, isHalf: Bool)? {
    if position < node.inputs.count, node.inputs[position] >= 0 {
      let tensor = graph.tensors[node.inputs[position]]
      if case .constant = tensor.storage, tensor.halvesBuffer > 0 { return (tensor.halvesBuffer, true) }
    }
    return buffer(ofInput: position).map { ($0, false) }
  }

  /// As `packedLater`, of what depends on shapes.
  func tableLater(_ byteCount: Int, fill: @escaping (UnsafeMutableRawPointer) -> Void) throws(PrepareError) -> Operand {
    guard !preparation.isFolding else { return unsafe try table(byteCount, fill: fill) }
    return unsafe try preparation.program.addPacking(byteCount, key: nil, of: preparation, fill: fill)
  }

  /// `byteCount` bytes that keep their contents between invocations, zero after loading and after a reset.
  package func state(_ byteCount: Int) -> Operand {
    guard let memory = preparation.memory else { return preparation.program.addState(byteCount, fill: 0) }
    memory.isAskedForState = true
    return memory.scratch(0, preparation.program)
  }

  /// Lets output and input share memory when nobody needs the input afterwards.
  package func allowInPlace(output: Int = 0, input: Int) {
    preparation.request(.inPlace(output: node.outputs[output], input: node.inputs[input], step: index))
  }

  /// Says that `inner` has the same bytes as the part of `outer` at `byteOffset`, so that the planner can let them
  /// share memory (reshape, split, concatenation). `run` still copies when the two pointers differ.
  package func allowView(_ inner: Tensor, inside outer: Tensor, at byteOffset: Int) {
    preparation.request(.view(inner: inner.index, outer: outer.index, byteOffset: byteOffset))
  }

  // MARK: Variables

  /// Makes output `position` the handle of the variable with this identity.
  package func bindVariable(_ position: Int, container: Text, name: Text) throws(PrepareError) {
    guard position < node.outputs.count else { throw PrepareError(.operandMissing, .output(position)) }
    let number = preparation.program.variable(container: container, name: name)
    graph.tensors[node.outputs[position]].storage = .resource(number)
    graph.tensors[node.outputs[position]].shape = .scalar
  }

  /// The memory of the variable that input `position` is the handle of, which holds `shape` elements of `type`.
  package func variable(
    _ position: Int, type: ElementType, shape: Shape, zeroPoint: Int32
  ) throws(PrepareError) -> Operand {
    guard position < node.inputs.count, node.inputs[position] >= 0,
      case .resource(let number) = graph.tensors[node.inputs[position]].storage
    else {
      throw PrepareError(
        .variableInvalid, .input(position), expected: .text("a resource that VAR_HANDLE made"))
    }
    return try preparation.program.variable(number, type: type, shape: shape, zeroPoint: zeroPoint, operand: position)
  }
}
