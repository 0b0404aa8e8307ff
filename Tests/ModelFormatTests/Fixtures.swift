import ModelFormat
import Testing
import TestSupport

enum Fixtures {
  /// One FULLY_CONNECTED with int8 activations and per-channel weights.
  ///
  /// Tensors: 0 input, 1 weights, 2 bias, 3 output. Buffers: 1 weights, 2 bias, 3 metadata.
  static func fullyConnected() -> ModelBuilder {
    var model = ModelBuilder()
    let input = model.tensor("input", .int8, [1, 3], signature: [-1, 3], quantization: .perTensor(0.5, -1))
    let weights = model.constant(
      "weights", .int8, [2, 3], [1, 2, 3, -4, 5, 6] as [Int8], quantization: .perChannel([0.25, 0.125], dimension: 0))
    let bias = model.constant(
      "bias", .int32, [2], [7, -9] as [Int32], quantization: .perChannel([0.125, 0.0625], dimension: 0))
    let output = model.tensor("output", .int8, [1, 2], quantization: .perTensor(0.25, 4))
    model.operation(
      9, version: 5, inputs: [input, weights, bias], outputs: [output],
      options: OptionsSpec(8, [0: .int8(1), 2: .bool(true)]))
    model.setInputs([input], outputs: [output])
    model.signatures = [SignatureSpec("serving", inputs: [("x", input)], outputs: [("y", output)])]
    model.metadata = [MetadataSpec("note", [1, 2, 3])]
    return model
  }

  /// `count` RELU operators in a row: tensor 0 is the input, operator i computes tensor i + 1.
  static func chain(_ count: Int) -> ModelBuilder {
    var model = ModelBuilder()
    let tensors = (0...count).map { model.tensor("t\($0)", .float32, [2, 2]) }
    for index in 0..<count { model.operation(19, inputs: [tensors[index]], outputs: [tensors[index + 1]]) }
    model.setInputs([0], outputs: [count])
    return model
  }

  /// IF in the main subgraph: `calls[i]` are the subgraphs that subgraph i calls, one IF for each.
  static func calling(_ calls: [[Int]]) -> ModelBuilder {
    var model = ModelBuilder()
    model.subgraphs = calls.enumerated().map { index, callees in
      var graph = SubgraphSpec(name: "graph \(index)")
      let condition = graph.constant("condition", .bool, [], [true])
      for callee in callees {
        let options = OptionsSpec(92, [0: .int32(Int32(callee)), 1: .int32(Int32(callee))])
        graph.operation(118, inputs: [condition], outputs: [], options: options)
      }
      return graph
    }
    return model
  }
}

func read(_ model: ModelBuilder, limits: ModelLimits = .default) throws -> Model {
  try Model(bytes: ModelBytes(copying: model.build()), limits: limits)
}

/// Expects that the model is refused for this reason, at this place.
func expectRefusal(
  _ model: ModelBuilder, _ code: FormatError.Code, _ subject: FormatError.Subject = .file, _ field: String? = nil,
  limits: ModelLimits = .default, sourceLocation: SourceLocation = #_sourceLocation
) {
  expectRefusal(model.build(), code, subject, field, limits: limits, sourceLocation: sourceLocation)
}

func expectRefusal(
  _ bytes: [UInt8], _ code: FormatError.Code, _ subject: FormatError.Subject = .file, _ field: String? = nil,
  limits: ModelLimits = .default, sourceLocation: SourceLocation = #_sourceLocation
) {
  do {
    _ = try Model(bytes: ModelBytes(copying: bytes), limits: limits)
    Issue.record("the model was accepted", sourceLocation: sourceLocation)
  } catch {
    #expect(error.code == code, "\(error)", sourceLocation: sourceLocation)
    #expect(error.subject == subject, "\(error)", sourceLocation: sourceLocation)
    if let field { #expect(error.field == field, "\(error)", sourceLocation: sourceLocation) }
  }
}
