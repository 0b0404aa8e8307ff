import ONNXFormat
import SwiftProtobuf
import Testing

@testable import Converter

/// Loops, functions of the model and sequences of tensors, which are gone after the import.
@Suite struct ONNXStructureTests {
  let folder: Folder

  init() throws { folder = try Folder() }

  private func failure(_ model: ONNXModel) throws -> ConversionError {
    try #require(throws: ConversionError.self) { try folder.convert(model) }
  }

  /// Adds x to what is carried, and gives twice that as a row.
  private func loop(condition: String = "on") -> ONNXModel {
    var body = ONNXModel()
    body.input("index", [], type: 7)
    body.input("on", [], type: 9)
    body.input("carried", [2])
    body.weights("two", [], [2])
    body.node("Add", ["carried", "x"], ["next"])
    body.node("Mul", ["next", "two"], ["row"])
    body.node("Greater", ["next", "two"], ["large"])
    body.node("Identity", [condition], ["goes"])
    body.output(["goes", "next", "row"])
    var model = ONNXModel()
    model.input("x", [2])
    model.integers("count", [], type: 6, [3])
    model.weights("zero", [2], [0, 0])
    model.node("Loop", ["count", "", "zero"], ["y", "rows"], name: "loop", attributes: [.graph("body", body)])
    model.output(["y", "rows"])
    return model
  }

  @Test func aLoopIsItsRepetitions() throws {
    #expect(try folder.run(loop(), [1, 10]) == [[3, 30], [2, 20, 4, 40, 6, 60]])
  }

  @Test func aLoopThatDataEndsIsRefused() throws {
    let error = try failure(loop(condition: "large"))
    #expect(error.kind == .unavailable)
    #expect(error.message.contains("'loop (Loop)': whether it goes on depends on data"))
  }

  @Test func aLoopWithoutEndIsRefused() throws {
    var model = loop()
    model.proto.graph.node[0].input[0] = ""
    #expect(try failure(model).message.contains("once its repetitions are written out"))
  }

  /// As PyTorch exports hstack: a function of each tensor of a sequence, and of one tensor for all.
  private func map(over other: String) -> ONNXModel {
    var body = ONNXModel()
    body.input("element", [2])
    body.input("more", [2])
    body.node("Mul", ["element", "more"], ["product"])
    body.output("product")
    var model = ONNXModel()
    model.input("x", [2])
    model.node("Neg", ["x"], ["minus"])
    model.node("SequenceConstruct", ["x", "minus"], ["pair"])
    model.node("SequenceConstruct", ["x"], ["single"])
    model.node("SequenceMap", ["pair", other], ["products"], name: "map", attributes: [.graph("body", body)])
    model.node("ConcatFromSequence", ["products"], ["y"], attributes: [.int("axis", 0)])
    model.output("y")
    return model
  }

  @Test func aMapIsItsRepetitions() throws {
    #expect(try folder.run(map(over: "x"), [2, 3]) == [[4, 9, -4, -9]])
    #expect(try folder.run(map(over: "pair"), [2, 3]) == [[4, 9, 4, 9]])
  }

  @Test func aMapOverSequencesOfOtherLengthsIsRefused() throws {
    let error = try failure(map(over: "single"))
    #expect(error.kind == .badData)
    #expect(error.message.contains("'map (SequenceMap)'"))
  }

  @Test func aScanReadsSlicesForwardsAndBackwards() throws {
    var body = ONNXModel()
    body.input("carried", [2])
    body.input("slice", [2])
    body.node("Add", ["carried", "slice"], ["next"])
    body.node("Identity", ["next"], ["row"])
    body.output(["next", "row"])
    var model = ONNXModel()
    model.input("x", [3, 2])
    model.weights("zero", [2], [0, 0])
    model.node(
      "Scan", ["zero", "x"], ["y", "rows"], ints: ["scan_input_directions": [1], "scan_output_axes": [1]],
      attributes: [.graph("body", body), .int("num_scan_inputs", 1)])
    model.output(["y", "rows"])
    #expect(try folder.run(model, [1, 2, 10, 20, 100, 200]) == [[111, 222], [100, 110, 111, 200, 220, 222]])
  }

  /// f(x, addend?) = LeakyRelu(x + addend), with `alpha` of the caller or 0.5.
  private func function() -> ONNXModel {
    var body = ONNXModel()
    body.node("Sum", ["a", "b"], ["s"])
    body.node("Relu", ["a"], ["b2"])
    body.node("LeakyRelu", ["s"], ["r"])
    var reference = Onnx_AttributeProto()
    (reference.name, reference.refAttrName, reference.type) = ("alpha", "slope", 1)
    body.proto.graph.node[2].attribute = [reference]
    var function = Onnx_FunctionProto()
    (function.domain, function.name, function.input, function.output) = ("own", "F", ["a", "b"], ["r"])
    function.node = body.proto.graph.node
    function.attributeProto = [.float("slope", 0.5)]
    function.opsetImport = [.with { $0.version = 17 }]
    var model = ONNXModel()
    model.proto.functions = [function]
    model.input("x", [2])
    model.input("z", [2])
    model.node("F", ["x", "z"], ["y"], domain: "own")
    model.node("F", ["x", "z"], ["w"], domain: "own", attributes: [.float("slope", 0.25)])
    model.output(["y", "w"])
    return model
  }

  @Test func aFunctionTakesItsCallersAttributes() throws {
    #expect(try folder.run(function(), [-4, 1], [0, 1]) == [[-2, 2], [-1, 2]])
  }

  @Test func aFunctionThatCallsItselfIsRefused() throws {
    var model = function()
    model.proto.functions[0].node[1].opType = "F"
    model.proto.functions[0].node[1].domain = "own"
    model.proto.functions[0].node[1].input = ["a", "a"]
    #expect(try failure(model).message.contains("functions call each other without end"))
  }

  @Test func unknownOperatorsOfFunctionsAreNamedWithTheOthers() throws {
    var model = function()
    model.proto.functions[0].node[1].opType = "Mystery"
    model.node("Riddle", ["y"], ["v"])
    let message = try failure(model).message
    #expect(message.contains("Mystery in 'b2'") && message.contains("Riddle in 'v'"))
  }

  @Test func sequencesOfKnownLengthAreTensors() throws {
    var model = ONNXModel()
    model.input("x", [1, 5])
    model.integers("size", [], type: 6, [2])
    model.integers("last", [], type: 6, [-1])
    model.node("SplitToSequence", ["x", "size"], ["parts"], attributes: [.int("axis", 1)])
    model.node("SequenceAt", ["parts", "last"], ["end"])
    model.node("SequenceErase", ["parts"], ["fewer"])
    model.node("ConcatFromSequence", ["fewer"], ["stack"], attributes: [.int("axis", 0), .int("new_axis", 1)])
    model.node("SequenceEmpty", [], ["none"])
    model.node("SequenceInsert", ["none", "end"], ["one"])
    model.node("SequenceInsert", ["one", "x"], ["two"])
    model.node("Identity", ["two"], ["same"])
    model.node("ConcatFromSequence", ["same"], ["line"], attributes: [.int("axis", 1)])
    model.output(["stack", "line"])
    let conversion = try folder.convert(model, .plain)
    #expect(conversion.graph.outputLayouts.map(\.sourceShape) == [[2, 1, 2], [1, 6]])
    #expect(try folder.run(model, [1, 2, 3, 4, 5]) == [[1, 2, 3, 4], [5, 1, 2, 3, 4, 5]])
  }

  @Test func aPositionOutsideASequenceIsRefused() throws {
    var model = ONNXModel()
    model.input("x", [1, 5])
    model.integers("place", [], type: 6, [1])
    model.node("SequenceConstruct", ["x"], ["parts"])
    model.node("SequenceAt", ["parts", "place"], ["y"])
    model.output("y")
    #expect(try failure(model).message.contains("position 1 in a sequence of 1"))
  }
}
