/// What a model needs of a library beside its operators, by the names that `Selection` has for it. When in doubt, it needs it.
struct Needs {
  private(set) var parts: Set<String> = []

  init(_ model: Model) {
    if model.subgraphs.count > 1 { parts.insert("Subgraphs") }
    if !model.signatures.isEmpty { parts.insert("Signatures") }
    if model.metadata.contains(where: { $0.name.hasPrefix("swiftlet.packed_weights.") }) {
      parts.insert("StoredWeights")
    }
    for subgraph in model.subgraphs {
      for tensor in subgraph.tensors { add(tensor) }
      /// Results of elementwise operators, and whether those had bytes among their operands.
      var elements: [Int: Bool] = [:]
      var constants = Set(subgraph.tensors.indices.filter { subgraph.tensors[$0].data != nil })
      for node in subgraph.operators {
        let code = model.operatorCodes[node.code]
        add(Node(code: code.builtin, node, subgraph.tensors, constants))
        if code.customName == "Convolution2DTransposeBias" { parts.insert("FloatLayers") }
        if Self.elementwise.contains(code.builtin), let output = node.outputs.first {
          // Two such operators in a row, and one of them on bytes: a table may stand for both.
          let hasBytes = (node.inputs.filter { $0 >= 0 } + [output]).contains { tensor in
            [.int8, .uint8].contains(subgraph.tensors[tensor].type)
          }
          if node.inputs.contains(where: { elements[$0] == true || hasBytes && elements[$0] != nil }) {
            parts.formUnion(["Tables", "ConstantNodes"])
          }
          elements[output] = hasBytes
        }
        if node.inputs.allSatisfy({ $0 < 0 || constants.contains($0) }) { constants.formUnion(node.outputs) }
      }
      if LayerRuns(subgraph, model).gainFromChains { parts.insert("RowChains") }
    }
  }

  private mutating func add(_ tensor: TensorInfo) {
    if tensor.isSparse { parts.insert("SparseTensors") }
    if tensor.quantization?.blockwise != nil { parts.insert("Blockwise") }
    if tensor.type == .string { parts.formUnion(["Strings", "RunTimeShapes"]) }
  }

  private struct Node {
    let code: Int
    /// Of inputs and outputs.
    let inputs, outputs: [ElementType]
    let hasOnlyConstants, isFirstConstant: Bool
    /// Whether an input that may decide about shapes is computed.
    let hasComputedNumbers: Bool

    init(code: Int, _ info: OperatorInfo, _ tensors: [TensorInfo], _ constants: Set<Int>) {
      self.code = code
      inputs = info.inputs.filter { $0 >= 0 }.map { tensors[$0].type }
      outputs = info.outputs.map { tensors[$0].type }
      hasOnlyConstants = info.inputs.allSatisfy { $0 < 0 || constants.contains($0) }
      isFirstConstant = info.inputs.first.map { constants.contains($0) } ?? true
      hasComputedNumbers = info.inputs.dropFirst().contains { input in
        guard input >= 0, !constants.contains(input) else { return false }
        let (type, count) = (tensors[input].type, tensors[input].shape.reduce(1, *))
        return [.int16, .int32, .int64].contains(type) || type == .float32 && count <= 1
      }
    }
  }

  /// Layers with weights: CONV_2D, DEPTHWISE_CONV_2D, FULLY_CONNECTED, TRANSPOSE_CONV and BATCH_MATMUL.
  private static let weighted = [3, 4, 9, 67, 126]
  /// SHAPE and RANK, whose results are constants as soon as the shape of their input is known.
  private static let ofShapes = [77, 110]
  /// Operators whose operands are all computed data, whatever their types: none decides about a shape. ADD,
  /// CONCATENATION, MUL, SUB, DIV, MAXIMUM, MINIMUM, the LSTMs and the layers with weights.
  private static let ofData = weighted + [0, 2, 18, 41, 42, 55, 57, 16, 27, 44]

  /// Operators of which tables may stand for several, as `Fusion.foldTables` names them.
  private static let elementwise = [
    0, 6, 8, 14, 18, 19, 20, 21, 28, 41, 42, 47, 55, 57, 59, 66, 73, 75, 76, 78, 92, 98, 99, 101, 104, 108, 111, 114, 116,
    117, 150, 152,
  ]

  private mutating func add(_ node: Node) {
    if Self.weighted.contains(node.code) {
      if node.inputs.contains(.float32) { parts.insert("FloatLayers") }
      if node.inputs.contains(.float32), node.inputs.contains(where: { $0 != .float32 }) {
        parts.insert("HybridLayers")
      }
      if node.inputs.contains(.int16) { parts.insert("Int16Layers") }
    }
    for type in node.inputs + node.outputs {
      switch type {
      case .float32: parts.insert("FloatTensors")
      case .uint8: parts.insert("UInt8Tensors")
      case .int16: parts.insert("Int16Tensors")
      default: break
      }
    }
    if node.hasOnlyConstants || Self.ofShapes.contains(node.code) { parts.insert("ConstantNodes") }
    if [34, 60].contains(node.code) { parts.insert("Padding") }
    if [19, 20, 21, 152].contains(node.code) { parts.insert("Activations") }
    if node.code == 114 { parts.insert("Quantize") }
    if dependsOnValues(node) { parts.insert("RunTimeShapes") }
  }

  /// Whether shapes may be known only while running: the operator is known for it, or an input that may be a count or an
  /// axis is computed. Such is the first input of SPLIT, TRANSPOSE_CONV, FILL, RANGE and BROADCAST_ARGS.
  private func dependsOnValues(_ node: Node) -> Bool {
    switch node.code {
    case 103, 109, 118, 119, 120, 121, 124, 129, 206: true  // UNIQUE, WHERE, IF, WHILE and the like
    case 49, 67, 94, 96, 145: !node.isFirstConstant || node.hasComputedNumbers && node.code != 67
    default: node.hasComputedNumbers && !Self.ofData.contains(node.code)
    }
  }
}
