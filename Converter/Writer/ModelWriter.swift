internal import ModelFormat

/// Writes a graph as a `.tflite` file. Equal graphs give equal bytes.
///
/// Constants begin at multiples of 16, equal ones are stored once, and each input and output is named in the signature
/// `serving_default`.
package struct ModelWriter {
  /// What travels in the file beside the graph.
  package struct Extras: Sendable {
    package var description: String
    /// Named blocks of bytes (`Model.metadata`).
    package var metadata: [(name: String, bytes: [UInt8])]

    package init(description: String = "", metadata: [(name: String, bytes: [UInt8])] = []) {
      self.description = description
      self.metadata = metadata
    }
  }

  private let graph: Graph
  private let extras: Extras
  private let order: [NodeID]
  private let builder: FlatBuilder
  private var tensorIndex: [ValueID: Int] = [:]
  private var tensors: [ValueID] = []
  private var buffers: [ConstantBytes] = []
  /// By constant value, the first value with equal bytes; without empty constants.
  private let representatives: [ValueID: ValueID]
  /// By representative.
  private var bufferIndex: [ValueID: Int] = [:]
  private var codes: [OperatorCode] = []

  /// The file.
  ///
  /// - Throws: `ConversionError` for operators that only the converter knows, and for more bytes than the format can
  ///   address.
  package static func write(_ graph: Graph, extras: Extras = Extras()) throws -> [UInt8] {
    var writer = try ModelWriter(graph, extras)
    return try writer.file()
  }

  private init(_ graph: Graph, _ extras: Extras) throws {
    self.graph = graph
    self.extras = extras
    order = graph.executionOrder
    representatives = graph.representatives(
      of: graph.values.indices.map { ValueID(index: $0) }.filter { (graph[$0].constant?.count ?? 0) > 0 })
    var bytes = 1 << 14 + 256 * graph.values.count
    for id in Set(representatives.values) { bytes += graph[id].constant?.count ?? 0 }
    guard bytes < 1 << 31 - 1 << 20 else {
      throw ConversionError(
        .unavailable, "the model has \(bytes >> 20) MiB of constants, and a .tflite file holds less than 2048 MiB")
    }
    builder = try FlatBuilder(capacity: bytes)
  }

  private mutating func file() throws -> [UInt8] {
    for input in graph.inputs { number(input) }
    for id in order {
      guard let node = graph[id] else { continue }
      guard node.operation.kind.rawValue >= 0 else {
        throw ConversionError(
          .unavailable, layer: node.source, "the file format has no operator \(node.operation.name)")
      }
      for case .some(let input) in node.inputs { number(input) }
      for output in node.outputs { number(output) }
    }
    for output in graph.outputs { number(output) }

    let tensorTables = tensors.map { table(of: $0) }
    let operatorTables = order.compactMap { graph[$0] }.map { table(of: $0) }
    let subgraph = builder.table([
      (0, .object(builder.vector(of: tensorTables))),
      (1, .object(builder.vector(indices(graph.inputs)))),
      (2, .object(builder.vector(indices(graph.outputs)))),
      (3, .object(builder.vector(of: operatorTables))),
      (4, .object(builder.string("main"))),
    ])
    let signature = signature()
    let metadata = extras.metadata.map { entry in
      buffers.append(ConstantBytes(entry.bytes))
      return builder.table([
        (0, .object(builder.string(entry.name))), (1, .int32(Int32(buffers.count))),
      ])
    }
    let emptyBuffer = builder.table([])
    let bufferTables = buffers.map { bytes in builder.table([(0, .object(builder.bytes(bytes, alignment: 16)))]) }
    let description = builder.string(extras.description)
    let codeTables = codes.map { table(of: $0) }
    var root: [(id: Int, value: FlatBuilder.Field)] = [
      (0, .int32(3)),
      (1, .object(builder.vector(of: codeTables))),
      (2, .object(builder.vector(of: [subgraph]))),
      (3, .object(description)),
      (4, .object(builder.vector(of: [emptyBuffer] + bufferTables))),
    ]
    if !metadata.isEmpty { root.append((6, .object(builder.vector(of: metadata)))) }
    root.append((7, .object(builder.vector(of: [signature]))))
    return builder.finish(root: builder.table(root), identifier: "TFL3")
  }

  private mutating func number(_ value: ValueID) {
    guard tensorIndex[value] == nil else { return }
    tensorIndex[value] = tensors.count
    tensors.append(value)
  }

  private func indices(_ values: [ValueID?]) -> [Int32] {
    values.map { value in value.flatMap { tensorIndex[$0] }.map { Int32($0) } ?? -1 }
  }

  // MARK: Tables

  private mutating func table(of id: ValueID) -> FlatBuilder.Offset {
    let value = graph[id]
    var fields: [(id: Int, value: FlatBuilder.Field)] = [
      (0, .object(builder.vector(value.shape.map { Int32(clamping: $0) }))),
      (1, .int8(Int8(truncatingIfNeeded: value.type.rawValue))),
      (2, .int32(Int32(buffer(of: id)))),
      (3, .object(builder.string(value.name))),
    ]
    if let quantization = value.quantization { fields.append((4, .object(table(of: quantization)))) }
    if !value.openShape.isEmpty {
      fields.append((7, .object(builder.vector(value.openShape.map { Int32(clamping: $0) }))))
    }
    fields.append((8, .bool(true)))
    return builder.table(fields)
  }

  private mutating func buffer(of value: ValueID) -> Int {
    guard let representative = representatives[value], let constant = graph[representative].constant else { return 0 }
    if let known = bufferIndex[representative] { return known }
    buffers.append(constant)
    bufferIndex[representative] = buffers.count
    return buffers.count
  }

  private func table(of quantization: Quantization) -> FlatBuilder.Offset {
    builder.table([
      (2, .object(builder.vector(quantization.scales))),
      (3, .object(builder.vector(quantization.zeroPoints.map { Int64($0) }))),
      (6, .int32(Int32(clamping: quantization.dimension))),
    ])
  }

  private mutating func table(of node: Node) -> FlatBuilder.Offset {
    let operation = node.operation
    let code = OperatorCode(
      builtin: operation.kind.rawValue, customName: operation.customName,
      version: OperatorVersions.version(of: node, in: graph))
    let codeIndex = codes.firstIndex(of: code) ?? codes.count
    if codeIndex == codes.count { codes.append(code) }
    var fields: [(id: Int, value: FlatBuilder.Field)] = [
      (0, .int32(Int32(codeIndex))),
      (1, .object(builder.vector(indices(node.inputs)))),
      (2, .object(builder.vector(indices(node.outputs)))),
    ]
    if let type = OptionLayout(ofOperator: operation.kind.rawValue)?.type, type > 0 {
      fields.append((4, .object(options(operation))))
      fields.append((3, .int8(Int8(truncatingIfNeeded: type))))
    }
    if !operation.customOptions.isEmpty { fields.append((5, .object(builder.vector(operation.customOptions)))) }
    return builder.table(fields)
  }

  private func options(_ operation: Operation) -> FlatBuilder.Offset {
    let fields = operation.options.sorted { $0.key < $1.key }.map { id, value in
      (id: id, value: field(value))
    }
    return builder.table(fields)
  }

  private func field(_ value: OptionValue) -> FlatBuilder.Field {
    switch value {
    case .bool(let value): .bool(value)
    case .int8(let value): .int8(value)
    case .int32(let value): .int32(value)
    case .int64(let value): .int64(value)
    case .float(let value): .float(value)
    case .string(let text): .object(builder.string(text))
    case .int32Vector(let values): .object(builder.vector(values))
    case .int64Vector(let values): .object(builder.vector(values))
    case .floatVector(let values): .object(builder.vector(values))
    case .bytes(let bytes): .object(builder.vector(bytes))
    }
  }

  private func table(of code: OperatorCode) -> FlatBuilder.Offset {
    var fields: [(id: Int, value: FlatBuilder.Field)] = [(0, .int8(Int8(min(code.builtin, 127))))]
    if !code.customName.isEmpty { fields.append((1, .object(builder.string(code.customName)))) }
    fields.append((2, .int32(Int32(code.version))))
    fields.append((3, .int32(Int32(code.builtin))))
    return builder.table(fields)
  }

  private func signature() -> FlatBuilder.Offset {
    func maps(_ values: [ValueID], _ layouts: [BoundaryLayout]) -> FlatBuilder.Offset {
      builder.vector(
        of: zip(values, layouts).map { value, layout in
          builder.table([
            (0, .object(builder.string(layout.sourceName))), (1, .int32(Int32(tensorIndex[value] ?? 0))),
          ])
        })
    }
    return builder.table([
      (0, .object(maps(graph.inputs, graph.inputLayouts))),
      (1, .object(maps(graph.outputs, graph.outputLayouts))),
      (2, .object(builder.string("serving_default"))),
      (4, .int32(0)),
    ])
  }
}
