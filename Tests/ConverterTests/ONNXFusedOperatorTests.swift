import ModelFormat
import ONNXFormat
import Swiftlet
import Testing

@testable import Converter

/// Operators that ONNX Runtime's optimizer puts into models. Numbers are worked out by hand or by ONNX Runtime.
@Suite struct ONNXFusedOperatorTests {
  let folder: Folder
  private let domain = "com.microsoft"

  init() throws { folder = try Folder() }

  private func expect(_ found: [Float], _ expected: [Float], _ tolerance: Float = 1e-5) {
    #expect(found.count == expected.count)
    #expect(zip(found, expected).allSatisfy { abs($0 - $1) <= tolerance }, "\(found), expected \(expected)")
  }

  @Test func matrixProductIsTransposedAndScaled() throws {
    var model = ONNXModel()
    model.input("a", [1, 2])
    model.weights("b", [2, 2], [1, 2, 3, 4])
    model.node(
      "FusedMatMul", ["a", "b"], ["y"], domain: domain, attributes: [.int("transB", 1), .float("alpha", 0.5)])
    model.output("y")
    expect(try folder.run(model, [1, 10])[0], [10.5, 21.5])
  }

  @Test(arguments: [("Relu", [], [0, 3]), ("LeakyRelu", [0.5], [-1, 3]), ("Clip", [-1, 1], [-1, 1])])
  func convolutionHasAnActivation(name: String, parameters: [Float], expected: [Float]) throws {
    var model = ONNXModel()
    model.input("x", [1, 1, 1, 2])
    model.weights("w", [1, 1, 1, 1], [1])
    var list = Onnx_AttributeProto()
    (list.name, list.floats, list.type) = ("activation_params", parameters, 6)
    model.node("FusedConv", ["x", "w"], ["y"], domain: domain, attributes: [.text("activation", name), list])
    model.output("y")
    expect(try folder.run(model, [-2, 3])[0], expected)
  }

  @Test func unknownActivationIsNamed() throws {
    var model = ONNXModel()
    model.input("x", [1, 1, 1, 2])
    model.weights("w", [1, 1, 1, 1], [1])
    model.node("FusedConv", ["x", "w"], ["y"], domain: domain, attributes: [.text("activation", "Other")])
    model.output("y")
    let error = try #require(throws: ConversionError.self) { try folder.convert(model) }
    #expect(error.kind == .unavailable && error.message.contains("the activation 'Other'"))
  }

  @Test func normalizationGivesTheSumToo() throws {
    var model = ONNXModel()
    model.input("x", [1, 2])
    model.input("skip", [1, 2])
    model.weights("scale", [2], [2, 2])
    model.weights("shift", [2], [1, 1])
    model.weights("bias", [2], [0, 4])
    model.node(
      "SkipLayerNormalization", ["x", "skip", "scale", "shift", "bias"], ["y", "", "", "sum"], domain: domain)
    model.output(["y", "sum"])
    let found = try folder.run(model, [1, 2], [1, 2])
    expect(found[0], [-1, 3])
    expect(found[1], [2, 8])
  }

  @Test func embeddingsAddUp() throws {
    var model = ONNXModel()
    model.input("words", [1, 2], type: 6)
    model.integers("segments", [1, 2], type: 6, [0, 0])
    model.weights("table", [2, 2], [0, 0, 0, 2])
    model.weights("places", [2, 2], [0, 1, 0, 3])
    model.weights("parts", [1, 2], [5, 5])
    model.weights("scale", [2], [1, 1])
    model.weights("shift", [2], [0, 0])
    model.node(
      "EmbedLayerNormalization", ["words", "segments", "table", "places", "parts", "scale", "shift"],
      ["y", "mask", "sum"], domain: domain)
    model.output("sum")
    let file = try Model(bytes: ModelBytes(copying: folder.convert(model, .plain).file))
    let interpreter = try Interpreter(program: Program(model: file))
    try interpreter.setInput(0, to: [1, 0] as [Int32])
    try interpreter.invoke()
    expect(try interpreter.output(0, as: Float.self), [5, 8, 5, 8])
  }

  /// One head of size 1 over two keys: the second one is masked.
  @Test(arguments: [[2], [1, 2]]) func attentionHidesMaskedKeys(shape: [Int64]) throws {
    var model = ONNXModel()
    model.input("x", [1, 2, 1])
    model.weights("w", [1, 3], [1, 1, 1])
    model.weights("b", [3], [0, 0, 0])
    model.integers("mask", shape == [2] ? [1] : [1, 2], type: 6, shape == [2] ? [1] : [1, 0])
    model.node("Attention", ["x", "w", "b", "mask"], ["y"], domain: domain, attributes: [.int("num_heads", 1)])
    model.output("y")
    expect(try folder.run(model, [3, 7])[0], [3, 3])
  }

  @Test func attentionToWhatCameBefore() throws {
    var model = ONNXModel()
    for name in ["q", "k", "v"] { model.input(name, [1, 2, 1]) }
    model.node(
      "MultiHeadAttention", ["q", "k", "v"], ["y"], domain: domain,
      attributes: [.int("num_heads", 1), .int("unidirectional", 1)])
    model.output("y")
    // The first position sees one key, the second both, alike.
    expect(try folder.run(model, [0, 0], [1, 2], [4, 6])[0], [4, 5])
  }

  @Test func weightsOfFourBitsAreUnpacked() throws {
    var model = ONNXModel()
    model.input("x", [1, 16])
    // The low half of a byte comes first: 8 is zero, so that the weights are 1, 0, 0 and so on.
    model.integers("w", [1, 1, 8], type: 2, [0x89] + Array(repeating: 0x88, count: 7))
    model.weights("scales", [1], [0.5])
    model.node(
      "MatMulNBits", ["x", "w", "scales"], ["y"], domain: domain,
      attributes: [.int("K", 16), .int("N", 1), .int("bits", 4), .int("block_size", 16)])
    model.output("y")
    expect(try folder.run(model, [6] + Array(repeating: 1, count: 15))[0], [3])
  }

  /// Blocks that end within a byte would read behind the last one.
  @Test func blocksAreWholeBytes() {
    var model = ONNXModel()
    model.input("x", [1, 1])
    model.integers("w", [0], type: 2, [])
    model.weights("scales", [1], [0.5])
    model.node(
      "MatMulNBits", ["x", "w", "scales"], ["y"], domain: domain,
      attributes: [.int("K", 1), .int("N", 1), .int("bits", 2), .int("block_size", 1)])
    model.output("y")
    #expect(throws: ConversionError.self) { try folder.convert(model, .plain) }
  }

  @Test func productOfIntegersIsReal() throws {
    var model = ONNXModel()
    model.input("x", [1, 2])
    model.weights("unit", [], [1])
    model.integers("zero", [], type: 2, [0])
    model.node("QuantizeLinear", ["x", "unit", "zero"], ["a"])
    model.integers("b", [2, 1], type: 3, [1, 2])
    model.weights("scale", [], [0.25])
    model.weights("bias", [1], [1])
    model.node("MatMulIntegerToFloat", ["a", "b", "unit", "scale", "zero", "", "bias"], ["y"], domain: domain)
    model.output("y")
    expect(try folder.run(model, [2, 3])[0], [3])
  }
}
