package import ModelFormat
package import Vision

/// What a model file tells of itself beside its graph: names of classes, how pictures become inputs, who made it.
///
/// It travels twice: in the form of TensorFlow Lite's metadata (`TFLITE_METADATA`, with the labels in an archive behind the
/// model), which other tools read, and as `swiftlet.preprocessing`, since that form has no word for the order of colours
/// and for how a picture is fitted.
package struct ModelMetadata: Sendable {
  package var name = ""
  package var description = ""
  package var version = ""
  package var author = ""
  package var license = ""
  /// One name a line, as `Labels` reads them; `nil` for none.
  package var labels: [UInt8]?
  package var preprocessing: PicturePreprocessing?

  package init() {}

  package static let preprocessingEntry = "swiftlet.preprocessing"
  private static let standardEntry = "TFLITE_METADATA"
  private static let labelsFile = "labels.txt"

  package var isEmpty: Bool {
    [name, description, version, author, license].allSatisfy(\.isEmpty) && labels == nil && preprocessing == nil
  }

  /// What `model` carries that can be carried on: labels and preprocessing.
  ///
  /// - Throws: `VisionError` for an archive or a rule that is broken.
  package init(of model: Model) throws {
    try model.bytes.withBytes(in: 0..<model.bytes.count) { bytes in
      guard let archive = try ZipArchive(at: bytes) else { return }
      let texts = archive.entries.filter { $0.name.lowercased().hasSuffix(".txt") }
      guard let entry = texts.first(where: { $0.name.lowercased().contains("label") }) else { return }
      labels = try archive.contents(of: entry, in: bytes)
    }
    guard let entry = model.metadata.first(where: { $0.name == Self.preprocessingEntry }) else { return }
    let text = model.bytes.withBytes(in: model.buffers[entry.buffer]) { bytes in
      unsafe bytes.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
    }
    preprocessing = try PicturePreprocessing(text: text)
  }

  /// The blocks for `ModelWriter.Extras.metadata`.
  ///
  /// - Throws: `ConversionError` when there is no memory.
  func blocks(for graph: Graph) throws -> [(name: String, bytes: [UInt8])] {
    guard !isEmpty else { return [] }
    var blocks = [(name: Self.standardEntry, bytes: try standardBytes(graph))]
    if let preprocessing { blocks.append((Self.preprocessingEntry, Array("\(preprocessing)".utf8))) }
    return blocks
  }

  /// What stands behind a model of `count` bytes.
  func trailer(behind count: Int) -> [UInt8] {
    labels.map { ZipArchive.bytes(of: [(Self.labelsFile, $0)], behind: count) } ?? []
  }

  // MARK: The standard form

  /// A FlatBuffer with the identifier `M001`. Source: metadata_schema.fbs of TensorFlow Lite Support.
  private func standardBytes(_ graph: Graph) throws -> [UInt8] {
    let builder = try FlatBuilder(capacity: 1 << 12)
    let inputs = graph.inputs.indices.map { input(graph, $0, builder) }
    let outputs = graph.outputs.indices.map { output(graph, $0, builder) }
    let subgraph = builder.table([
      (2, .object(builder.vector(of: inputs))), (3, .object(builder.vector(of: outputs))),
    ])
    let texts = [(0, name), (1, description), (2, version), (4, author), (5, license), (7, "1.0.0")]
    var fields: [(id: Int, value: FlatBuilder.Field)] = texts.filter { !$0.1.isEmpty }.map {
      ($0.0, .object(builder.string($0.1)))
    }
    fields.append((3, .object(builder.vector(of: [subgraph]))))
    return builder.finish(root: builder.table(fields), identifier: "M001")
  }

  private func input(_ graph: Graph, _ index: Int, _ builder: FlatBuilder) -> FlatBuilder.Offset {
    var fields = [(id: 0, value: FlatBuilder.Field.object(builder.string(graph.inputLayouts[index].sourceName)))]
    if let preprocessing, graph[graph.inputs[index]].shape.count >= 3 {
      let colors: Int8 = preprocessing.colors == .gray ? 2 : (preprocessing.colors == .rgb ? 1 : 0)
      let image = builder.table([(0, .int8(colors))])
      fields.append((3, .object(builder.table([(1, .object(image)), (0, .int8(2))]))))
      let numbers = builder.table([
        (0, .object(builder.vector(preprocessing.mean.map { Float($0) }))),
        (1, .object(builder.vector(preprocessing.deviation.map { Float($0) }))),
      ])
      let unit = builder.table([(1, .object(numbers)), (0, .int8(1))])
      fields.append((4, .object(builder.vector(of: [unit]))))
    }
    return builder.table(fields)
  }

  private func output(_ graph: Graph, _ index: Int, _ builder: FlatBuilder) -> FlatBuilder.Offset {
    var fields = [(id: 0, value: FlatBuilder.Field.object(builder.string(graph.outputLayouts[index].sourceName)))]
    if labels != nil {
      let file = builder.table([(0, .object(builder.string(Self.labelsFile))), (2, .int8(2))])
      fields.append((6, .object(builder.vector(of: [file]))))
    }
    return builder.table(fields)
  }
}
