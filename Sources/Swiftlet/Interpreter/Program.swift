public import ModelFormat

/// A model prepared for one machine and one set of input shapes: steps, packed weights and the memory plan.
///
/// Immutable: any number of interpreters, on any threads, may share one program and its packed weights.
public final class Program: Sendable {
  public let model: Model
  public let options: PrepareOptions
  /// The subgraph that `invoke` runs.
  package let entry: Int
  /// Subgraphs as their callers run them, the entry first; `nil` for those that nothing runs.
  let instances: [PreparedSubgraph?]
  /// Whether an invocation can fail or never end: it calls subgraphs or has shapes known only while running.
  package let isGuarded: Bool
  let runTimeTensors: [RunTimeTensorPlan]
  let runTimeNodes: [RunTimeNode]
  let slots: [Slot]
  let stateFills: [StateFill]
  let packing: PackedWeights
  /// Bytes of activations and scratch memory that each interpreter allocates.
  public let arenaBytes: Int
  /// The least that any memory plan of the main subgraph would need.
  public let arenaLowerBoundBytes: Int
  /// Bytes that each interpreter keeps from one invocation to the next.
  public let variableBytes: Int
  /// Bytes of packed weights and folded constants, shared by all interpreters.
  public let packedBytes: Int

  /// Whether the model file holds weights packed for this program, which are used where they are.
  public var usesStoredWeights: Bool { packing.areStored }

  /// Prepares `model`.
  ///
  /// - Throws: `PrepareError` when an operator, type or option is not supported, operands do not fit each other, or
  ///   program and arena would exceed the memory budget.
  public convenience init(model: Model, options: PrepareOptions = PrepareOptions()) throws(PrepareError) {
    let entry = try Program.entry(of: model, signature: options.signatureText)
    let preparation = ProgramPreparation(model: model, options: options)
    defer { preparation.dissolve() }
    _ = try preparation.prepareSubgraph(entry, arguments: nil)
    var end = 0
    var prepared: [PreparedSubgraph?] = []
    for (number, base) in try preparation.arenaBases().enumerated() {
      guard let base, let ready = preparation.instances[number].preparation else {
        prepared.append(nil)
        continue
      }
      ready.place(at: base)
      end = max(end, base.addingSaturated(align(ready.plan.peak)))
      // Callers point operands of the subgraphs that they call elsewhere; nothing calls the entry.
      prepared.append(PreparedSubgraph(ready, places: number == 0 ? Places(slots: preparation.slots) : nil))
    }
    let total = end.addingSaturated(preparation.stateBytes).addingSaturated(preparation.ownedBytes)
    guard total <= options.memoryBudget else {
      throw PrepareError(
        .memoryBudget, field: "bytes needed", found: .int(total), expected: .int(options.memoryBudget),
        remedy: "raise the memory budget or use a smaller model")
    }
    let stored = unsafe Selection.hasStoredWeights ? try StoredWeights.pointer(in: model, preparation) : nil
    let packing = unsafe try PackedWeights(
      preparation.packings, preparation.packingSpace, stored: stored, preparation.packingBuffer, from: model.bytes)
    self.init(preparation, packing, entry: entry, prepared: prepared, arenaBytes: end)
  }

  /// Cannot fail: Embedded Swift does not free the object that a designated initializer leaves by throwing.
  private init(
    _ preparation: ProgramPreparation, _ packing: PackedWeights, entry: Int, prepared: [PreparedSubgraph?],
    arenaBytes: Int
  ) {
    model = preparation.model
    options = preparation.options
    self.entry = entry
    instances = prepared
    isGuarded =
      preparation.isGuarded || !preparation.runTimeTensors.isEmpty || !preparation.runTimeNodes.isEmpty
    runTimeTensors = preparation.runTimeTensors
    runTimeNodes = preparation.runTimeNodes.compactMap { $0 }
    slots = preparation.slots
    stateFills = preparation.stateFills
    self.packing = packing
    self.arenaBytes = arenaBytes
    arenaLowerBoundBytes = prepared[0]?.plan.lowerBound ?? 0
    variableBytes = preparation.stateBytes
    packedBytes = preparation.ownedBytes
  }

  /// Bytes that an interpreter of this program takes before it runs.
  var reservedBytes: Int { arenaBytes + variableBytes + packedBytes }  // within the budget, so no overflow

  static func entry(of model: Model, signature: Text?) throws(PrepareError) -> Int {
    guard let signature else { return 0 }
    var known = Text()
    for index in model.signatures.indices {
      guard model.signatures[index].text != signature else { return model.signatures[index].subgraph }
      known.add(index > 0 ? ", '" : "'")
      known.add(model.signatures[index].text)
      known.add("'")
    }
    throw PrepareError(.signatureMissing, field: "signature", found: .name(signature), expected: .name(known))
  }

  var main: PreparedSubgraph {
    guard let main = instances[0] else { preconditionFailure("the entry is always prepared") }
    return main
  }

  /// The inputs in the order of the file.
  public var inputs: [TensorDescription] { main.inputs.map { main.tensors[$0] } }
  /// The outputs in the order of the file. Of a shape that is known only while running `Interpreter.outputShape` tells.
  public var outputs: [TensorDescription] { main.outputs.map { main.tensors[$0] } }
}

/// The steps and tensors of one subgraph.
package final class PreparedSubgraph: Sendable {
  let list: StepList
  package let plan: MemoryPlan
  package let inputs: [Int]
  package let outputs: [Int]
  /// All tensors of the subgraph, as prepared.
  package let tensors: [TensorDescription]
  /// By tensor; `nil` for tensors that no step touches.
  package let operands: [Operand?]
  /// By tensor, likewise; empty where all of them follow from `tensors` and `operands`.
  private let references: [TensorReference?]

  package var steps: [Step] { list.steps }

  init(_ preparation: SubgraphPreparation, places: Places?) {
    let graph = preparation.graph
    for tensor in graph.inputs + graph.outputs { _ = preparation.operand(tensor) }
    list = StepList(preparation.steps, places: places)
    plan = preparation.plan
    inputs = graph.inputs
    outputs = graph.outputs
    tensors = graph.tensors.indices.map { index in
      let tensor = graph.tensors[index]
      return TensorDescription(
        info: tensor.info, type: tensor.type, shape: tensor.shape ?? Shape(tensor.info.shape) ?? .scalar,
        isCorrected: tensor.isCorrected, hasRunTimeShape: tensor.isShapedAtRunTime)
    }
    operands = preparation.operands
    references =
      Selection.hasRunTimeShapes && graph.tensors.contains { $0.isUncounted }
      ? graph.tensors.indices.map { preparation.operands[$0] == nil ? nil : preparation.reference($0) } : []
  }

  /// How steps refer to a tensor; `nil` for one that no step touches.
  func reference(_ tensor: Int) -> TensorReference? {
    guard references.isEmpty else { return references[tensor] }
    guard let operand = operands[tensor] else { return nil }
    let (type, shape) = (tensors[tensor].type, tensors[tensor].shape)
    return TensorReference(
      operand: operand, type: type, runTime: -1, shape: shape, byteCount: type.byteCount(of: shape.elementCount) ?? 0)
  }
}

/// Name, type, shape and quantization of a tensor.
public struct TensorDescription: Sendable {
  let info: TensorInfo
  public let type: ElementType
  public let shape: Shape
  let isCorrected: Bool
  public var quantization: Quantization? { info.quantization(isCorrected: isCorrected) }
  /// Whether `shape` is only what the file says, since the real one is known while running.
  public let hasRunTimeShape: Bool

  public var name: String { info.name }

  /// Bytes of all elements; 0 for types without a fixed size.
  public var byteCount: Int { type.byteCount(of: shape.elementCount) ?? 0 }
}
