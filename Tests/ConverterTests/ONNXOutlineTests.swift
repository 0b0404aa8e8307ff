import Foundation
import ModelFormat
import ONNXFormat
import SwiftProtobuf
import Testing

@testable import Converter

/// Weights that are read where the file has them.
@Suite struct ONNXOutlineTests {
  let folder: Folder

  init() throws { folder = try Folder() }

  /// A matrix product; weights as raw bytes or as numbers of the message.
  private func model(isRaw: Bool, name: String = "w") -> ONNXModel {
    let elements = (0..<2048).map { Float($0 % 37) / 8 - 2 }
    var model = ONNXModel()
    model.input("x", [1, 32])
    model.weights("unused", [2], [1, 2])
    model.weights(name, [32, 64], elements)
    if isRaw {
      model.proto.graph.initializer[1].floatData = []
      model.proto.graph.initializer[1].rawData = unsafe elements.withUnsafeBytes { unsafe Data($0) }
    }
    model.node("MatMul", ["x", name], ["y"])
    model.output("y")
    return model
  }

  @Test func leavesRawBytesInTheFile() throws {
    let bytes = model(isRaw: true).bytes
    let outline = try #require(ONNXOutline(ModelBytes(copying: bytes)))
    #expect(outline.message.count < 200)
    let range = try #require(outline.weights[1])
    #expect(range.count == 8192 && outline.weights.count == 1)
    #expect(Data(bytes[range]) == model(isRaw: true).proto.graph.initializer[1].rawData)
    var expected = model(isRaw: true).proto
    expected.graph.initializer[1].rawData = Data()
    #expect(try Onnx_ModelProto(serializedBytes: outline.message) == expected)
  }

  @Test func otherFilesHaveNone() throws {
    #expect(ONNXOutline(try ModelBytes(copying: model(isRaw: false).bytes)) == nil)
    #expect(ONNXOutline(try ModelBytes(copying: ONNXModel.small.bytes)) == nil)
  }

  /// Names of all lengths, so that weights begin at each place beside a multiple of four.
  @Test(arguments: 1...4) func weightsAreTheSameWhereverTheyBegin(length: Int) throws {
    let name = String(repeating: "w", count: length)
    let (raw, plain) = (try folder.convert(model(isRaw: true, name: name)), try folder.convert(model(isRaw: false)))
    #expect(raw.graph.text == plain.graph.text)
    let input = ConstantBytes(elements: (0..<32).map { Float($0) }).array
    #expect(try GraphExecutor(raw.graph).outputs([input]) == GraphExecutor(plain.graph).outputs([input]))
    for scheme in [QuantizationScheme.float16, .dynamic] {
      var options = Conversion.Options()
      options.quantization = scheme
      let files = try [true, false].map { try folder.convert(model(isRaw: $0), options).file }
      #expect(files[0] == files[1], "\(scheme)")
    }
  }

  /// Protocol buffers: fields of one message may come in parts, and of a field that is no list the last one counts.
  @Test func partsOfAMessageAreJoined() throws {
    var (first, second) = (model(isRaw: true).proto, Onnx_ModelProto())
    second.graph.initializer = [first.graph.initializer.removeLast()]
    let parts = try [first, second].map { try $0.serializedBytes() as [UInt8] }.flatMap { $0 }
    let outline = try #require(ONNXOutline(ModelBytes(copying: parts)))
    #expect(outline.weights[1].map { Data(parts[$0]) } == model(isRaw: true).proto.graph.initializer[1].rawData)
    let path = try folder.write(parts, to: "parts.onnx")
    #expect(try Conversion(path: path).graph.text == folder.convert(model(isRaw: false)).graph.text)
  }

  @Test func everyShorterFileIsRefused() throws {
    let bytes = model(isRaw: true).bytes
    for count in Array(0..<120) + Array(8200..<bytes.count) {
      let path = try folder.write(Array(bytes[..<count]), to: "short.onnx")
      #expect(throws: ConversionError.self, "\(count)") { try Conversion(path: path) }
    }
  }

  @Test func weightsOfAnotherSizeThanTheirShapeAreRefused() throws {
    var model = model(isRaw: true)
    model.proto.graph.initializer[1].dims = [32, 63]
    let error = try #require(throws: ConversionError.self) { try folder.convert(model) }
    #expect(error.kind == .badData && error.message.contains("8192 bytes of weights"))
  }
}
