import ModelFormat
import Testing

@testable import Converter

@Suite struct WriterTests {
  private func sample() throws -> GraphBuilder {
    let builder = GraphBuilder()
    let x = builder.input([1, 2, 2, 2])
    let y = try builder.convolution(x)
    let z = try builder.convolution(y)
    builder.graph.addOutput(z)
    return builder
  }

  private func model(_ graph: Graph) throws -> Model {
    try Model(bytes: ModelBytes(copying: ModelWriter.write(graph)))
  }

  @Test func constantsBeginAtMultiplesOf16() throws {
    let model = try model(sample().graph)
    let constants = model.subgraphs[0].tensors.compactMap(\.data)
    #expect(constants.count == 4)
    #expect(constants.allSatisfy { $0.lowerBound % 16 == 0 })
  }

  @Test func equalConstantsAreStoredOnce() throws {
    let model = try model(sample().graph)
    let operators = model.subgraphs[0].operators
    let tensors = model.subgraphs[0].tensors
    #expect(operators.count == 2)
    #expect(tensors[operators[0].inputs[1]].data == tensors[operators[1].inputs[1]].data)
    #expect(model.buffers.count == 3)  // the empty one, weights, bias
  }

  @Test func constantsThatNothingReadsAreFreed() throws {
    let builder = try sample()
    let unread = builder.constant([1, 2, 3, 4] as [Float])
    let kept = builder.graph.values.count { $0.isConstant } - 1
    builder.graph.dropUnusedConstants()
    #expect(builder.graph[unread].constant == nil)
    #expect(builder.graph.values.count { $0.isConstant } == kept)
    #expect(try ModelWriter.write(builder.graph) == ModelWriter.write(sample().graph))
  }

  @Test func namesInputsAndOutputsInASignature() throws {
    let signature = try #require(try model(sample().graph).signatures.first)
    #expect(signature.key == "serving_default")
    #expect(signature.inputs.map(\.name) == ["x"])
    #expect(signature.outputs.map(\.name) == ["t"])
  }

  @Test func writesOptions() throws {
    let info = try model(sample().graph).subgraphs[0].operators[0]
    #expect(info.options.int8(0) == 1)
    #expect(info.options.int32(2) == 1)
  }

  @Test func carriesMetadataAndDescription() throws {
    let extras = ModelWriter.Extras(description: "made here", metadata: [("labels", [1, 2, 3])])
    let file = try ModelWriter.write(sample().graph, extras: extras)
    let model = try Model(bytes: ModelBytes(copying: file))
    #expect(model.description == "made here")
    let entry = try #require(model.metadata.first)
    #expect(entry.name == "labels")
    #expect(model.buffers[entry.buffer].count == 3)
  }

  @Test func refusesOperatorsThatTheFormatLacks() throws {
    let builder = GraphBuilder()
    let y = try builder.unary(.erf, builder.input([2]))
    builder.graph.addOutput(y)
    let error = #expect(throws: ConversionError.self) { try ModelWriter.write(builder.graph) }
    #expect(error?.message.contains("ERF") == true)
  }

  @Test func aFileThatIsReadAndWrittenAgainIsTheSame() throws {
    let first = try ModelWriter.write(sample().graph)
    let graph = try TFLiteImporter.graph(of: ModelBytes(copying: first))
    #expect(try ModelWriter.write(graph) == first)
  }

  @Test func quantizationTravelsWithItsTensor() throws {
    var graph = try sample().graph
    graph[graph.inputs[0]].type = .int8
    graph[graph.inputs[0]].quantization = Quantization(scales: [0.5, 0.25], zeroPoints: [0, 0], dimension: 3)
    let tensor = try model(graph).subgraphs[0].tensors[0]
    #expect(tensor.quantization == Quantization(scales: [0.5, 0.25], zeroPoints: [0, 0], dimension: 3))
  }
}
