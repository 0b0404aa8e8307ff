internal import ModelFormat
internal import Swiftlet

/// Runs and measures single operators through the runtime: a file with one node, so that shape rules and arithmetic are
/// written once for both.
enum OneNodeModel {
  /// Constants up to this many bytes travel in the file; larger ones are weights, of which shape rules need no values.
  private static let parameterBytes = 4096

  /// The shapes of the outputs of `operation` on these inputs.
  ///
  /// - Throws: `ConversionError` in the words of the runtime when the operands do not fit, or when a shape depends on data.
  static func outputShapes(
    _ operation: Operation, _ inputs: [Value?], types: [ElementType], source: String
  ) throws -> [[Int]] {
    let graph = graph(operation, inputs, types: types, source: source, keepsAllConstants: false)
    do {
      let model = try Model(bytes: ModelBytes(copying: ModelWriter.write(graph)))
      return try ShapeInference.outputShapes(of: model).map { shape in
        guard let shape else { throw ConversionError(.unavailable, layer: source, "its output shape depends on data") }
        return shape.dimensions
      }
    } catch let error as PrepareError {
      throw ConversionError(.unavailable, layer: source, error.message)
    } catch let error as FormatError {
      throw ConversionError(.badData, layer: source, error.message)
    }
  }

  /// The outputs of `operation` on constants; `nil` when the runtime cannot compute it.
  static func evaluate(
    _ operation: Operation, _ inputs: [Value?], outputs: [Value], source: String
  ) -> [ConstantBytes]? {
    guard let program = try? program(operation, inputs, outputs: outputs, source: source),
      let interpreter = try? Interpreter(program: program), (try? interpreter.invoke()) != nil
    else { return nil }
    return outputs.indices.map { index in
      unsafe interpreter.withOutputBytes(index) { unsafe ConstantBytes([UInt8]($0)) }
    }
  }

  /// Programs by the file that they were made of.
  typealias Programs = [[UInt8]: Program]

  /// The operator alone, prepared to run; its inputs are those of `inputs` that are not constant.
  ///
  /// - Parameter known: those that were made before: operators that differ in nothing but names share one.
  /// - Throws: `PrepareError`, `FormatError` and `ConversionError` when the runtime does not have it.
  static func program(
    _ operation: Operation, _ inputs: [Value?], outputs: [Value], source: String, known: inout Programs
  ) throws -> Program {
    let file = try file(operation, inputs, outputs: outputs, source: source)
    if let program = known[file] { return program }
    let program = try Program(model: Model(bytes: ModelBytes(copying: file)))
    known[file] = program
    return program
  }

  private static func program(
    _ operation: Operation, _ inputs: [Value?], outputs: [Value], source: String
  ) throws -> Program {
    var none = Programs()
    return try program(operation, inputs, outputs: outputs, source: source, known: &none)
  }

  private static func file(
    _ operation: Operation, _ inputs: [Value?], outputs: [Value], source: String
  ) throws -> [UInt8] {
    var graph = graph(operation, inputs, types: outputs.map(\.type), source: source, keepsAllConstants: true)
    for (output, value) in zip(graph.outputs, outputs) {
      graph[output].shape = value.shape
      graph[output].quantization = value.quantization
    }
    return try ModelWriter.write(graph)
  }

  private static func graph(
    _ operation: Operation, _ inputs: [Value?], types: [ElementType], source: String, keepsAllConstants: Bool
  ) -> Graph {
    var graph = Graph()
    let operands = inputs.enumerated().map { index, value -> ValueID? in
      guard var value else { return nil }
      value.name = "input\(index)"
      value.openShape = []
      if let constant = value.constant, !keepsAllConstants, constant.count > parameterBytes { value.constant = nil }
      let id = graph.add(value)
      if value.constant == nil { graph.addInput(id) }
      return id
    }
    let outputs = types.enumerated().map { index, type in
      graph.add(Value(name: "output\(index)", type: type, shape: []))
    }
    graph.add(Node(operation, inputs: operands, outputs: outputs, source: source))
    for output in outputs { graph.addOutput(output) }
    return graph
  }
}
