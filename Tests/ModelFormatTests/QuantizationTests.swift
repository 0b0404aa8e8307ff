import ModelFormat
import Testing
import TestSupport

@Suite struct QuantizationTests {
  private static let weights = FormatError.Subject.tensor(1, subgraph: 0)

  private func model(_ type: ElementType, _ shape: [Int], _ quantization: QuantizationSpec) -> ModelBuilder {
    var model = ModelBuilder()
    model.tensor("x", type, shape, quantization: quantization)
    return model
  }

  @Test(arguments: [0, -0.5, .nan, .infinity, -.infinity] as [Float]) func refusesScales(scale: Float) {
    var model = Fixtures.fullyConnected()
    model.subgraphs[0].tensors[1].quantization?.scales[1] = scale
    expectRefusal(model, .quantization, Self.weights, "quantization.scale")
  }

  @Test(
    arguments: [
      (.int8, -129), (.int8, 128), (.uint8, -1), (.uint8, 256), (.int16, 32768), (.int4, 8), (.int4, -9), (.uint4, 16),
      (.int2, 2), (.int32, 1 << 31), (.int64, -(1 << 40)),
    ] as [(ElementType, Int64)]) func refusesZeroPointsOutsideTheType(type: ElementType, zeroPoint: Int64)
  {
    expectRefusal(
      model(type, [8], .perTensor(0.5, zeroPoint)), .quantization, .tensor(0, subgraph: 0), "quantization.zero_point")
  }

  @Test func refusesScalesThatAreNeitherOneNorTheDimension() {
    var model = Fixtures.fullyConnected()
    model.subgraphs[0].tensors[1].quantization = .perChannel([1, 1, 1], dimension: 0)
    expectRefusal(model, .quantization, Self.weights, "quantization.scale")
  }

  @Test(arguments: [2, 3, -1, Int(Int32.max)]) func refusesDimensionsBeyondTheRank(dimension: Int) {
    var model = Fixtures.fullyConnected()
    model.subgraphs[0].tensors[1].quantization?.dimension = dimension
    expectRefusal(model, .quantization, Self.weights, "quantization.quantized_dimension")
  }

  @Test func readsTheBiasOfAnEarlyDepthwiseConvolution() throws {
    var model = Fixtures.fullyConnected()
    model.subgraphs[0].tensors[2].quantization?.dimension = 3
    #expect(try read(model).subgraphs[0].tensors[2].quantization?.dimension == 0)
  }

  @Test func refusesZeroPointsOfAnotherCount() {
    var model = Fixtures.fullyConnected()
    model.subgraphs[0].tensors[1].quantization?.zeroPoints = [0, 0, 0]
    expectRefusal(model, .quantization, Self.weights, "quantization.zero_point")
  }

  @Test func fillsInZeroPoints() throws {
    var model = Fixtures.fullyConnected()
    model.subgraphs[0].tensors[1].quantization?.zeroPoints = []
    #expect(try read(model).subgraphs[0].tensors[1].quantization?.zeroPoints == [0, 0])
    model.subgraphs[0].tensors[1].quantization?.zeroPoints = [3]
    #expect(try read(model).subgraphs[0].tensors[1].quantization?.zeroPoints == [3, 3])
  }

  @Test func ignoresParametersWithoutMeaning() throws {
    let empty = QuantizationSpec(scales: [], zeroPoints: [], dimension: 7)
    for (type, quantization) in [
      (.int8, empty), (.float32, .perTensor(0.5, 3)), (.bool, .perTensor(0, 0)), (.int32, .perTensor(0, 0)),
    ] as [(ElementType, QuantizationSpec)] {
      #expect(try read(model(type, [2], quantization)).subgraphs[0].tensors[0].quantization == nil)
    }
  }

  @Test func readsBlockwiseParameters() throws {
    var model = Fixtures.fullyConnected()
    addBlockwise(&model, [0: .int32(2), 1: .int32(-1), 2: .int32(3)])
    let quantization = try #require(try read(model).subgraphs[0].tensors[1].quantization)
    #expect(quantization.scales.isEmpty)
    #expect(quantization.blockwise == .init(scalesTensor: 2, zeroPointsTensor: -1, blockSize: 3))
  }

  @Test(
    arguments: [
      ("scales", .invalidIndex, [0: .int32(4), 2: .int32(3)]),
      ("scales", .invalidIndex, [0: .int32(-1), 2: .int32(3)]),
      ("zero_points", .invalidIndex, [1: .int32(4), 2: .int32(3)]),
      ("zero_points", .invalidIndex, [1: .int32(-2), 2: .int32(3)]),
      ("block_size", .invalidValue, [2: .int32(0)]),
      ("block_size", .invalidValue, [2: .int32(-32)]),
    ] as [(String, FormatError.Code, [Int: FieldValue])])
  func refusesBlockwiseParameters(field: String, code: FormatError.Code, details: [Int: FieldValue]) {
    var model = Fixtures.fullyConnected()
    addBlockwise(&model, details)
    expectRefusal(model, code, Self.weights, "quantization.details." + field)
  }

  @Test func refusesUnknownDetails() {
    var model = Fixtures.fullyConnected()
    addBlockwise(&model, [:])
    model.override(Self.weights, in: [4], field: 4, .uint8(3))
    expectRefusal(model, .quantization, Self.weights, "quantization.details_type")
  }

  private func addBlockwise(_ model: inout ModelBuilder, _ details: [Int: FieldValue]) {
    model.override(Self.weights, in: [4], field: 4, .uint8(2))
    model.override(Self.weights, in: [4], field: 5, .table(TableSpec(details)))
  }
}
