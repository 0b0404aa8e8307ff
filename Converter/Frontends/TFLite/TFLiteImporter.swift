package import ModelFormat

/// Reads `.tflite` files into graphs: the first subgraph, with its constants where they lie in the file.
package struct TFLiteImporter {
  private let model: Model
  private let subgraph: Subgraph
  private var graph = Graph()

  /// - Throws: `ConversionError` for files that the verifier refuses, and for those that a single graph cannot hold:
  ///   several subgraphs that call each other, state.
  package static func graph(of bytes: ModelBytes, inputShapes: [String: [Int]] = [:]) throws -> Graph {
    guard inputShapes.isEmpty else {
      throw ConversionError(
        .usage, "--input-shape is for ONNX and Keras models: the tensors of a .tflite file have shapes")
    }
    let model: Model
    do throws(FormatError) {
      model = try Model(bytes: bytes)
    } catch {
      throw ConversionError(.badData, error.message)
    }
    var importer = TFLiteImporter(model)
    try importer.build()
    return importer.graph
  }

  private init(_ model: Model) {
    self.model = model
    subgraph = model.subgraphs[0]
  }

  private mutating func build() throws {
    let values = try subgraph.tensors.map { graph.add(try value($0)) }
    let names = model.signatures.first { $0.subgraph == 0 }
    for tensor in subgraph.inputs {
      graph[values[tensor]].constant = nil
      graph.addInput(values[tensor], layout: layout(values[tensor], names?.inputs, tensor))
    }
    for info in subgraph.operators {
      let code = model.operatorCodes[info.code]
      let source = "\(info.outputs.first.map { subgraph.tensors[$0].name } ?? "") (\(code.name))"
      guard Self.callingOperators.isDisjoint(with: [code.builtin]), info.options2.type == 0, info.intermediates.isEmpty,
        info.outputs.allSatisfy({ graph.producer(of: values[$0]) == nil && !subgraph.tensors[$0].isVariable })
      else {
        throw ConversionError(
          .unavailable, layer: source, "subgraphs, state and intermediate tensors are not rewritten",
          remedy: "use the file as it is")
      }
      graph.add(
        Node(
          operation(info, code), inputs: info.inputs.map { $0 < 0 ? nil : values[$0] },
          outputs: info.outputs.map { values[$0] }, source: source))
    }
    for tensor in subgraph.outputs {
      graph.addOutput(values[tensor], layout: layout(values[tensor], names?.outputs, tensor))
    }
  }

  /// IF, WHILE, CALL_ONCE and the operators of variables.
  private static let callingOperators: Set<Int> = [118, 119, 129, 142, 143, 144]

  private func value(_ info: TensorInfo) throws -> Value {
    guard !info.isVariable, info.quantization?.blockwise == nil else {
      throw ConversionError(
        .unavailable, layer: info.name, "variable or blockwise quantized tensors are not rewritten",
        remedy: "use the file as it is")
    }
    var value = Value(name: info.name, type: info.type, shape: info.shape, quantization: info.quantization)
    value.constant = info.isSparse ? try dense(info) : info.data.map { ConstantBytes(model.bytes, $0) }
    value.openShape = info.shapeSignature
    return value
  }

  /// All elements of a constant that the file stores sparsely.
  private func dense(_ info: TensorInfo) throws -> ConstantBytes {
    let count = info.shape.contains(0) ? 0 : info.type.byteCount(of: info.shape.reduce(1, *)) ?? 0
    // The file may be far smaller than its tensors say.
    guard count <= 1 << 30 else {
      throw ConversionError(
        .unavailable, layer: info.name, "a sparse constant of \(count) bytes", remedy: "use the file as it is")
    }
    var isComplete = false
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: max(count, 1)) { target, filled in
      guard let base = target.baseAddress else { return }
      isComplete = unsafe info.expandSparse(into: UnsafeMutableRawPointer(base))
      filled = isComplete ? count : 0
    }
    guard isComplete else {
      throw ConversionError(
        .unavailable, layer: info.name, "a sparse constant of a form that is not rewritten",
        remedy: "use the file as it is")
    }
    return ConstantBytes(bytes)
  }

  private func layout(_ id: ValueID, _ names: [SignatureTensor]?, _ tensor: Int) -> BoundaryLayout {
    let value = graph[id]
    let name = names?.first { $0.tensor == tensor }?.name ?? value.name
    return BoundaryLayout(sourceName: name, sourceShape: value.shape, permutation: Array(value.shape.indices))
  }

  private func operation(_ info: OperatorInfo, _ code: OperatorCode) -> Operation {
    var operation = Operation(OperatorKind(rawValue: code.builtin))
    operation.customName = code.customName
    operation.customOptions = model.bytes.withBytes(in: info.customOptions) { bytes in
      unsafe bytes.withUnsafeBytes { unsafe [UInt8]($0) }
    }
    guard let layout = OptionLayout(ofOperator: code.builtin), layout.type == info.options.type else {
      return operation
    }
    for field in layout.fields where info.options.contains(field.id) {
      operation.options[field.id] = option(field, info.options)
    }
    return operation
  }

  private func option(_ field: OptionField, _ table: OptionTable) -> OptionValue? {
    switch field.kind {
    case "b": .bool(table.bool(field.id))
    case "i", "u", "g": .int32(Int32(clamping: table.int32(field.id)))
    case "q": .int64(table.int64(field.id))
    case "f": .float(table.float(field.id))
    case "s": .string(table.string(field.id))
    case "I": .int32Vector(table.int32Vector(field.id).map { Int32(clamping: $0) })
    case "Q": .int64Vector(table.int64Vector(field.id))
    case "B":
      .bytes(
        model.bytes.withBytes(in: table.byteRange(field.id)) { bytes in
          unsafe bytes.withUnsafeBytes { unsafe [UInt8]($0) }
        })
    case "-", "F", "U", "G": nil
    default: .int8(Int8(clamping: table.int8(field.id)))
    }
  }
}
