import ModelFormat
import TestSupport
import Testing

@testable import Swiftlet

/// RESIZE_BILINEAR whose only reader is ARG_MAX or ARG_MIN along the channels: the end of a segmentation.
private struct SegmentationEnd {
  let type: ElementType
  var input = [2, 5, 4, 21]
  var size = [13, 7]
  var axis = 3
  var code = 56
  var isWide = true
  var givesResized = false

  func model() throws -> Model {
    var model = ModelBuilder()
    let quantization: QuantizationSpec? = type == .float32 ? nil : .perTensor(0.5, 0)
    let start = model.tensor("input", type, input, quantization: quantization)
    let size = model.constant("size", .int32, [2], size.map { Int32($0) })
    let resized = model.tensor("resized", type, [], quantization: quantization)
    model.operation(23, version: 3, inputs: [start, size], outputs: [resized], options: OptionsSpec(15, [:]))
    let axis = model.constant("axis", .int32, [], [Int32(axis)])
    let found = model.tensor("found", isWide ? .int64 : .int32, [])
    model.operation(
      code, inputs: [resized, axis], outputs: [found],
      options: OptionsSpec(code == 56 ? 40 : 57, [0: .int8(isWide ? 4 : 2)]))
    model.setInputs([start], outputs: givesResized ? [found, resized] : [found])
    return try Model(bytes: ModelBytes(copying: model.build()))
  }
}

extension RowChainTests {
  @Test(arguments: [ElementType.int8, .uint8, .int16, .float32], [56, 79])
  func searchesOfAResizeGiveTheBytesOfTheWhole(type: ElementType, code: Int) throws {
    for isWide in [true, false] {
      let model = try SegmentationEnd(type: type, code: code, isWide: isWide).model()
      for isa in ISA.runnable {
        var options = PrepareOptions()
        options.isa = isa
        options.chainsRows = false
        let whole = try outputs(model, options)
        #expect(Set(whole.outputs[0]).count > 2)
        options.chainsRows = true
        for (bandRows, threads) in [(1, 1), (2, 3), (3, 1), (50, 2)] {
          options.bandRows = bandRows
          options.threads = threads
          options.alwaysShares = true
          let banded = try outputs(model, options)
          #expect(banded.chained == 2)
          #expect(banded.outputs == whole.outputs, "\(isa.name), \(bandRows) rows, \(threads) threads")
        }
      }
    }
  }

  /// 1.3 MB of resized scores become some rows.
  @Test(arguments: ISA.runnable) func aSegmentationNeverHoldsAllScores(isa: ISA) throws {
    let model = try SegmentationEnd(type: .uint8, input: [1, 33, 33, 21], size: [257, 257]).model()
    var options = PrepareOptions()
    options.isa = isa
    let chained = try Program(model: model, options: options)
    options.chainsRows = false
    let whole = try Program(model: model, options: options)
    #expect(chained.stepChains == [[0, 1]])
    #expect(chained.arenaBytes < whole.arenaBytes / 2, "\(chained.arenaBytes) of \(whole.arenaBytes)")
  }

  @Test func otherAxesAndGivenScoresStayWhole() throws {
    var options = PrepareOptions()
    options.bandRows = 1
    for end in [SegmentationEnd(type: .uint8, axis: 1), SegmentationEnd(type: .uint8, givesResized: true)] {
      #expect(try Program(model: end.model(), options: options).stepChains == [[0], [1]])
    }
  }
}
