import Foundation
import ModelFormat
import ONNXFormat
import Swiftlet
import TestSupport
import Testing

@testable import Converter

@Suite struct ONNXImporterTests {
  let folder: Folder

  init() throws { folder = try Folder() }

  /// The error that converting the model ends with.
  private func failure(_ model: ONNXModel, _ options: Conversion.Options = Conversion.Options()) throws
    -> ConversionError
  {
    try #require(throws: ConversionError.self) { try folder.convert(model, options) }
  }

  @Test func convolutionWithBatchNormalizationIsOneOperator() throws {
    let conversion = try folder.convert(.small)
    #expect(
      conversion.graph.text
        == """
        input x: float32[1,4,4,2]
        y: float32[1,4,4,2] = CONV_2D(x, {0.999995 1.99999 2.999985 3.99998}, {0.0000025 0.0000012}) \
        padding=1 stride_w=1 stride_h=1 fused_activation_function=1 dilation_w_factor=1 dilation_h_factor=1
        output y
        """.replacing("{0.0000025 0.0000012}", with: conversion.biasText))
  }

  @Test func theFileRunsAndGivesTheRightNumbers() throws {
    let conversion = try folder.convert(.small)
    let model = try Model(bytes: ModelBytes(copying: conversion.file))
    let interpreter = try Interpreter(program: Program(model: model))
    try interpreter.setInput(0, to: (0..<32).map { Float($0) })
    try interpreter.invoke()
    let output = try interpreter.output(0, as: Float.self)
    // Channels 0 and 1 of the first cell are 0 and 1: 1*0 + 2*1 and 3*0 + 4*1, normalized.
    #expect(abs(output[0] - (2 - 0.5 + 0.5)) < 1e-4)
    #expect(abs(output[1] - (4 - 0.25 + 0.25)) < 1e-4)
  }

  @Test func convertingTwiceGivesTheSameBytes() throws {
    #expect(try folder.convert(.small).file == folder.convert(.small).file)
  }

  @Test func reportsAllUnknownOperatorsAtOnce() throws {
    var model = ONNXModel.small
    model.node("RoiAlign", ["y"], ["g1"], name: "first")
    model.node("RoiAlign", ["g1"], ["g2"], name: "second")
    model.node("Mystery", ["g2"], ["z"])
    let error = try failure(model)
    #expect(error.kind == .unavailable)
    #expect(error.message.contains("RoiAlign in 'first', 'second'"))
    #expect(error.message.contains("Mystery in 'z'"))
    #expect(!error.message.contains("\n"))
  }

  @Test func namesAnOpenDimensionAndTheRemedy() throws {
    var model = ONNXModel()
    model.input("x", [-1, 3, -1, 8])
    model.node("Relu", ["x"], ["y"])
    model.output("y")
    #expect(try failure(model).message.contains("--input-shape x=1,3,<N>,8"))
    var options = Conversion.Options()
    options.inputShapes = ["x": [1, 3, 5, 8]]
    #expect(try folder.convert(model, options).graph.outputLayouts[0].sourceShape == [1, 3, 5, 8])
    options.inputShapes = ["x": [1, 4, 5, 8]]
    #expect(try failure(model, options).kind == .usage)
    options.inputShapes = ["other": [1]]
    #expect(try failure(model, options).kind == .usage)
  }

  @Test(arguments: ["../secret.bin", "/etc/hostname", "link.bin", "a/../../secret.bin"])
  func refusesWeightsOutsideTheFolder(location: String) throws {
    let outside = try Folder()
    _ = try outside.write(Array(repeating: 0, count: 64), to: "secret.bin")
    try FileManager.default.createSymbolicLink(
      atPath: "\(folder.path)/link.bin", withDestinationPath: "\(outside.path)/secret.bin")
    var model = ONNXModel()
    model.input("x", [1, 4])
    model.external("w", [4], location: location)
    model.node("Add", ["x", "w"], ["y"])
    model.output("y")
    let error = try failure(model)
    #expect(error.kind == .badData)
    #expect(error.message.contains("layer 'w'") && error.message.contains("outside"))
  }

  @Test func readsWeightsBesideTheModel() throws {
    _ = try folder.write([0, 0, 128, 63, 0, 0, 0, 64], to: "weights.bin")
    var model = ONNXModel()
    model.input("x", [1, 2])
    model.external("w", [2], location: "weights.bin")
    model.node("Add", ["x", "w"], ["y"])
    model.output("y")
    #expect(try folder.convert(model).graph.text.contains("ADD(x, {1.0 2.0})"))
    model.proto.graph.initializer[0].dims = [3]
    #expect(try failure(model).message.contains("8 bytes of weights"))
  }

  /// A branch of an If that gives `type` of x, or of a constant of another shape.
  private func branch(_ name: String, _ type: String, of operand: String, output: String) -> Onnx_AttributeProto {
    var model = ONNXModel()
    model.weights("w", [3], [1, 2, 3])
    model.node(type, [operand], [output])
    model.output(output)
    var attribute = Onnx_AttributeProto()
    (attribute.name, attribute.g, attribute.type) = (name, model.proto.graph, 5)
    return attribute
  }

  private func decision(otherwise operand: String) -> ONNXModel {
    var model = ONNXModel()
    model.input("x", [1, 2])
    model.input("condition", [1], type: 9)
    model.node("If", ["condition"], ["y"])
    model.proto.graph.node[0].attribute = [
      branch("then_branch", "Tanh", of: "x", output: "t"), branch("else_branch", "Relu", of: operand, output: "e"),
    ]
    model.output("y")
    return model
  }

  @Test func bothBranchesOfADecisionOnDataAreComputed() throws {
    let text = try folder.convert(decision(otherwise: "x")).graph.text
    for word in ["TANH(x)", "RELU(x)", "SELECT_V2("] { #expect(text.contains(word), "\(text)") }
  }

  @Test func branchesOfDifferentShapesAreRefused() throws {
    let error = try failure(decision(otherwise: "w"))
    #expect(error.kind == .unavailable && error.message.contains("[1, 2]") && error.message.contains("[3]"))
  }

  @Test func anInputWithAValueIsAConstant() throws {
    var options = Conversion.Options()
    options.inputValues = ["condition": [0]]
    let conversion = try folder.convert(decision(otherwise: "w"), options)
    #expect(conversion.graph.inputs.count == 1)
    #expect(!conversion.graph.text.contains("SELECT_V2") && !conversion.graph.text.contains("TANH"))
    let error = try failure(decision(otherwise: "w"))
    #expect(error.message.contains("--input-value condition=<number>"))
    options.inputValues = ["condition": [0, 1]]
    #expect(try failure(decision(otherwise: "w"), options).kind == .usage)
    options.inputValues = ["other": [0]]
    #expect(try failure(decision(otherwise: "w"), options).kind == .usage)
  }

  /// By element type of ONNX: numbers that an input of two elements takes, and numbers that it does not.
  static let values: [(type: Int32, good: [Double], bad: [Double])] = [
    (1, [0.5, -3e38], [.nan, .infinity, 1e300]), (6, [-0x1p31, 0x1p31 - 1], [0.5, 0x1p31, .nan]),
    (7, [-0x1p63, 16000], [1.25, 0x1p63, -.infinity]),
  ]

  @Test(arguments: values.indices) func valuesOfInputsMustSuitTheirTypes(index: Int) throws {
    let (type, good, bad) = Self.values[index]
    var model = ONNXModel()
    model.input("x", [2], type: type)
    model.input("number", [2], type: type)
    model.node("Add", ["x", "number"], ["y"])
    model.output("y")
    var options = Conversion.Options()
    options.inputValues = ["number": good]
    #expect(try folder.convert(model, options).graph.inputs.count == 1)
    for number in bad {
      options.inputValues = ["number": [number]]
      let error = try failure(model, options)
      #expect(error.kind == .usage && error.message.contains("number is \(number)"), "\(error.message)")
    }
  }

  static let numbers: [(type: ElementType, good: [Double], bad: [Double])] = [
    (.bool, [0, 1], [0.5, 2, -1]), (.int8, [-128, 127], [128, 0.1]), (.uint8, [0, 255], [-1, 256]),
    (.int16, [-32768], [32768]), (.uint16, [0, 65535], [-1, 65536]), (.uint32, [0x1p32 - 1], [-1, 0x1p32]),
    (.uint64, [0, 0x1p53], [-1, 0x1p64]), (.uint4, [], [1]),
  ]

  @Test(arguments: numbers.indices) func numbersThatATypeHolds(index: Int) {
    let (type, good, bad) = Self.numbers[index]
    for number in good {
      #expect(ScalarBytes.expectation(number, type) == nil)
      #expect(ScalarBytes.bytes(number, type).count == type.bitWidth / 8)
    }
    for number in bad { #expect(ScalarBytes.expectation(number, type) != nil) }
  }

  @Test func classicalMachineLearningIsRefusedByItsOperators() throws {
    var model = ONNXModel()
    model.proto.opsetImport[0].domain = "ai.onnx.ml"
    model.proto.opsetImport[0].version = 1
    model.input("x", [1, 2])
    model.node("LinearClassifier", ["x"], ["y"])
    model.proto.graph.node[0].domain = "ai.onnx.ml"
    model.output("y")
    #expect(try failure(model).message.contains("ai.onnx.ml.LinearClassifier in 'y' (only neural networks"))
  }

  /// An LSTM of one unit on two inputs, three steps; with weights of 8 bits as ONNX Runtime's dynamic quantization stores them.
  private func recurrence(isQuantized: Bool) -> ONNXModel {
    let (w, r): ([Float], [Float]) = ([1, -2, 3, 4, 5, -6, 7, 8], [2, 1, -1, 3])
    var model = ONNXModel()
    model.input("x", [3, 1, 2])
    if isQuantized {
      model.integers("w", [1, 2, 4], type: 2, [1, 3, 5, 7, -2, 4, -6, 8].map { $0 + 10 })
      model.integers("r", [1, 1, 4], type: 3, r.map { Int32($0) })
      model.weights("ws", [1, 4], [0.125, 0.125, 0.125, 0.125])
      model.integers("wz", [1, 4], type: 2, [10, 10, 10, 10])
      model.weights("rs", [1], [0.25])
      model.integers("rz", [1], type: 3, [0])
      model.node("DynamicQuantizeLSTM", ["x", "w", "r", "", "", "", "", "", "ws", "wz", "rs", "rz"], ["y"])
      model.proto.graph.node[0].domain = "com.microsoft"
    } else {
      model.weights("w", [1, 4, 2], w.map { $0 / 8 })
      model.weights("r", [1, 4, 1], r.map { $0 / 4 })
      model.node("LSTM", ["x", "w", "r"], ["y"])
    }
    model.output("y")
    return model
  }

  @Test func weightsOfAQuantizedLSTMBecomeRealNumbers() throws {
    let outputs = try [false, true].map { isQuantized in
      let conversion = try folder.convert(recurrence(isQuantized: isQuantized))
      let interpreter = try Interpreter(program: Program(model: Model(bytes: ModelBytes(copying: conversion.file))))
      try interpreter.setInput(0, to: [0.5, -1, 2, 0, 1, 1] as [Float])
      try interpreter.invoke()
      return try interpreter.output(0, as: Float.self)
    }
    #expect(outputs[0] == outputs[1] && Set(outputs[0]).count == 3)
  }

  @Test func namesWeightsThatAreNoNumbers() throws {
    var model = ONNXModel.small
    model.proto.graph.initializer[0].floatData[2] = .nan
    let error = try failure(model)
    #expect(error.kind == .badData)
    #expect(error.message.contains("layer 'w'"))
  }

  @Test func namesWeightsThatAreMissing() throws {
    var model = ONNXModel.small
    model.proto.graph.initializer.removeFirst()
    let error = try failure(model)
    #expect(error.message.contains("conv (Conv)") && error.message.contains("'w'"))
  }

  @Test func refusesOtherBytes() throws {
    for bytes in [[], [1], Array("not a model at all".utf8), Array(repeating: 0xFF, count: 300)] as [[UInt8]] {
      let path = try folder.write(bytes, to: "model.onnx")
      #expect(throws: ConversionError.self) { try Conversion(path: path) }
    }
    let missing = try #require(throws: ConversionError.self) { try Conversion(path: "\(folder.path)/none.onnx") }
    #expect(missing.kind == .noInput)
  }

  @Test func damagedBytesGiveAModelOrAnError() throws {
    var random = SplitMix(seed: 1)
    let whole = ONNXModel.small.bytes
    for _ in 0..<400 {
      var bytes = whole
      for _ in 0...Int(random.next() % 3) {
        bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
      }
      let path = try folder.write(bytes, to: "model.onnx")
      do { _ = try Conversion(path: path) } catch { #expect(error is ConversionError) }
    }
  }

  @Test func everyPrefixGivesAModelOrAnError() throws {
    let whole = ONNXModel.small.bytes
    for count in 0..<whole.count {
      let path = try folder.write(Array(whole[..<count]), to: "model.onnx")
      do { _ = try Conversion(path: path) } catch { #expect(error is ConversionError) }
    }
  }
}

extension Conversion {
  /// The bias of the only operator as text.
  fileprivate var biasText: String {
    let bias = graph.nodeIDs.first.flatMap { graph[$0]?.inputs[2] }
    let elements = bias.flatMap { graph[$0].constant?.elements(as: Float.self) } ?? []
    return "{\(elements.map { $0.description }.joined(separator: " "))}"
  }
}
