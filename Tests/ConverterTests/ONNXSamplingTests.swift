import Foundation
import ONNXFormat
import Testing

@testable import Converter

/// Operators that read at other places than their outputs lie. Expected numbers are those of ONNX Runtime.
@Suite struct ONNXSamplingTests {
  let folder: Folder

  init() throws { folder = try Folder() }

  private func expect(_ found: [Float], _ expected: [Float], _ tolerance: Float = 1e-4) {
    #expect(found.count == expected.count)
    #expect(zip(found, expected).allSatisfy { abs($0 - $1) <= tolerance }, "\(found), expected \(expected)")
  }

  private func resize(_ count: Int64, scale: Float, _ mode: String, _ coordinates: String, _ rounding: String)
    -> ONNXModel
  {
    var model = ONNXModel()
    model.input("x", [count])
    model.weights("scales", [1], [scale])
    model.node(
      "Resize", ["x", "", "scales"], ["y"],
      attributes: [
        .text("mode", mode), .text("coordinate_transformation_mode", coordinates), .text("nearest_mode", rounding),
      ])
    model.output("y")
    return model
  }

  /// 1.5 / 0.6 is 2.5 in float32 and a little less in double precision.
  @Test func nearestCellsAreThoseOfSinglePrecision() throws {
    let model = resize(7, scale: 0.6, "nearest", "half_pixel", "floor")
    expect(try folder.run(model, [0, 1, 2, 3, 4, 5, 6])[0], [0, 2, 3, 5])
  }

  /// Seven cells become 4.2, that is four: the last one lies on the last one.
  @Test func alignedCornersAreThoseOfTheResult() throws {
    let model = resize(7, scale: 0.6, "linear", "align_corners", "floor")
    expect(try folder.run(model, [0, 1, 2, 3, 4, 5, 6])[0], [0, 2, 4, 6])
  }

  private func sampling(_ places: [Float], _ mode: String, _ padding: String, isAligned: Int64) -> ONNXModel {
    var model = ONNXModel(opset: 16)
    model.input("x", [1, 1, 2, 2])
    model.weights("grid", [1, 1, Int64(places.count / 2), 2], places)
    model.node(
      "GridSample", ["x", "grid"], ["y"],
      attributes: [.text("mode", mode), .text("padding_mode", padding), .int("align_corners", isAligned)])
    model.output("y")
    return model
  }

  @Test(
    arguments: [
      ("bilinear", "zeros", 1, [1, 2.5, 0, 2]), ("bilinear", "zeros", 0, [0.25, 2.5, 0, 0.5]),
      ("nearest", "border", 1, [1, 1, 3, 2]), ("bilinear", "border", 0, [1, 2.5, 3, 2]),
      ("bilinear", "reflection", 1, [1, 2.5, 1, 2]),
    ] as [(String, String, Int64, [Float])])
  func picturesAreReadAtPlaces(mode: String, padding: String, isAligned: Int64, expected: [Float]) throws {
    // A corner, the middle, far below the left edge, the corner to the right.
    let model = sampling([-1, -1, 0, 0, -1, 3, 1, -1], mode, padding, isAligned: isAligned)
    expect(try folder.run(model, [1, 2, 3, 4])[0], expected)
  }

  /// Cells outside are looked up one by one, so that zeros reach in where bilinear sampling has none.
  @Test(
    arguments: [
      ("zeros", 0, [0.109375, 3.52539, 0, 2.019531]), ("zeros", 1, [1, 3.52539, 0, 2.811485]),
      ("border", 0, [0.71875, 2.5, 2.90625, 1.773438]), ("reflection", 0, [0.4375, 2.5, 0.4375, 1.773438]),
      ("reflection", 1, [1, 2.5, 1, 1.996094]),
    ] as [(String, Int64, [Float])])
  func picturesAreReadByCubicConvolution(padding: String, isAligned: Int64, expected: [Float]) throws {
    let model = sampling([-1, -1, 0, 0, -1, 3, 0.25, -0.5], "bicubic", padding, isAligned: isAligned)
    expect(try folder.run(model, [1, 2, 3, 4])[0], expected)
  }

  /// A matrix that turns by a quarter and moves: columns come first.
  @Test(
    arguments: [(0, [0.5, -0.5, 0.5, 0.5, -0.5, -0.5, -0.5, 0.5]), (1, [1, -1, 1, 1, -1, -1, -1, 1])]
      as [(Int64, [Float])])
  func placesOfCellsAreTurned(isAligned: Int64, expected: [Float]) throws {
    var model = ONNXModel(opset: 20)
    model.input("theta", [1, 2, 3])
    model.integers("size", [4], type: 6, [1, 3, 2, 2])
    model.node("AffineGrid", ["theta", "size"], ["y"], attributes: [.int("align_corners", isAligned)])
    model.output("y")
    let found = try folder.run(model, [0, -1, 0.25, 1, 0, 0])[0]
    expect(found, expected.enumerated().map { $1 + ($0 % 2 == 0 ? 0.25 : 0) })
  }

  private func folding(_ picture: [Int32], ints: [String: [Int64]]) -> ONNXModel {
    var model = ONNXModel(opset: 18)
    model.input("x", [1, 4, 2])
    model.integers("picture", [2], type: 6, picture)
    model.integers("block", [2], type: 6, [2, 2])
    model.node("Col2Im", ["x", "picture", "block"], ["y"], name: "fold", ints: ints)
    model.output("y")
    return model
  }

  /// Blocks that overlap, and a row that no block reaches; blocks with gaps, of which padding takes a column.
  @Test func blocksAddUpToAPicture() throws {
    let strided = folding([3, 3], ints: ["strides": [2, 1]])
    expect(try folder.run(strided, [1, 2, 3, 4, 5, 6, 7, 8])[0], [1, 5, 4, 5, 13, 8, 0, 0, 0])
    let dilated = folding([2, 3], ints: ["dilations": [1, 2], "pads": [0, 1, 0, 0]])
    expect(try folder.run(dilated, [1, 2, 3, 4, 5, 6, 7, 8])[0], [2, 3, 4, 6, 7, 8])
  }

  @Test(arguments: [[4, 4], [1 << 25, 2], [0, 3], [1, 2]] as [[Int32]])
  func blocksThatDoNotFitAreRefused(picture: [Int32]) throws {
    let error = try #require(throws: ConversionError.self) {
      try folder.convert(folding(picture, ints: ["strides": [2, 1]]))
    }
    #expect(error.kind == .badData)
    #expect(error.message.contains("'fold (Col2Im)'"))
  }

  @Test func placesOfAConstantAreKnown() throws {
    var model = ONNXModel(opset: 13)
    model.input("x", [4])
    model.weights("mask", [4], [0, 1, 0, 0.5])
    model.node("NonZero", ["mask"], ["places"])
    model.integers("axes", [1], type: 6, [0])
    model.node("Squeeze", ["places", "axes"], ["line"])
    model.node("Gather", ["x", "line"], ["y"])
    model.integers("kept", [4], type: 9, [1, 0, 0, 1])
    model.node("Compress", ["x", "kept"], ["z"], attributes: [.int("axis", 0)])
    model.output(["y", "z"])
    #expect(try folder.run(model, [5, 6, 7, 8]) == [[6, 8], [5, 8]])
  }

  @Test func placesOfDataAreRefused() throws {
    var model = ONNXModel(opset: 13)
    model.input("x", [4])
    model.node("NonZero", ["x"], ["y"], name: "places")
    model.output("y")
    let error = try #require(throws: ConversionError.self) { try folder.convert(model) }
    #expect(error.message.contains("'places (NonZero)': its output size depends on data"))
  }

  @Test func framesOfASignalHaveSpectra() throws {
    var model = ONNXModel()
    model.input("x", [1, 6, 1])
    model.integers("step", [], type: 6, [2])
    model.weights("window", [4], [1, 1, 1, 1])
    model.node("STFT", ["x", "step", "window"], ["y"], attributes: [.int("onesided", 1)])
    model.output("y")
    // Two frames, three bins each: 1 2 3 4 and 3 4 5 6.
    expect(try folder.run(model, [1, 2, 3, 4, 5, 6])[0], [10, 0, -2, 2, -2, 0, 18, 0, -2, 2, -2, 0])
  }

  @Test func aTransformAndItsInverseGiveTheSignal() throws {
    var model = ONNXModel()
    model.input("x", [1, 3, 2])
    model.node("DFT", ["x"], ["spectrum"], attributes: [.int("axis", 1)])
    model.node("DFT", ["spectrum"], ["y"], attributes: [.int("axis", 1), .int("inverse", 1)])
    model.output(["spectrum", "y"])
    let found = try folder.run(model, [1, 0, 2, 1, 3, -1])
    let half = Float(3).squareRoot() / 2
    // X1 = sum of x exp(-2 pi i n / 3).
    expect(Array(found[0][..<4]), [6, 0, 2 * half - 1.5, half])
    expect(found[1], [1, 0, 2, 1, 3, -1])
  }

  /// All ones, two groups of one channel each: sums of eight cells, and each cell eight times.
  @Test(arguments: ["Conv", "ConvTranspose"]) func convolvesAlongThreeDimensions(type: String) throws {
    var model = ONNXModel()
    model.input("x", [1, 2, 2, 2, 2])
    model.weights("w", [2, 1, 2, 2, 2], Array(repeating: 1, count: 8) + Array(repeating: 2, count: 8))
    model.weights("b", [2], [0, 1])
    let strides: [Int64] = type == "Conv" ? [1, 1, 1] : [2, 2, 2]
    model.node(type, ["x", "w", "b"], ["y"], ints: ["strides": strides], attributes: [.int("group", 2)])
    model.output("y")
    let found = try folder.run(model, (0..<16).map { Float($0) })[0]
    if type == "Conv" {
      expect(found, [28, 2 * 92 + 1])
    } else {
      #expect(found.count == 128)
      // Slice 3, row 0, column 2 of the result lies in cell (1, 0, 1) of the data.
      expect([found[3 * 16 + 2], found[64 + 3 * 16 + 2]], [5, 2 * 13 + 1])
    }
  }
}
