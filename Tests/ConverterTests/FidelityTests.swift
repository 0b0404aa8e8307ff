import ModelFormat
import Testing

@testable import Converter

@Suite struct FidelityTests {
  @Test func addsUpOverTensors() {
    var fidelity = Fidelity()
    fidelity.add(reference: [1, 2], found: [1, 2.5])
    fidelity.add(reference: [-2], found: [-2])
    #expect(fidelity.count == 3 && fidelity.maxDifference == 0.5 && fidelity.range == -2...2)
    #expect(abs(fidelity.decibels - 15.563025) < 1e-5, "10 log10(9 / 0.25)")
    #expect(abs(fidelity.rootMeanSquare - (0.25 / 3).squareRoot()) < 1e-9)
  }

  @Test func equalNumbersAreExact() {
    var fidelity = Fidelity()
    fidelity.add(reference: [0, 0, .nan, .infinity], found: [0, 0, .nan, .infinity])
    #expect(fidelity.decibels == .infinity && fidelity.cosine == 1 && fidelity.maxDifference == 0)
  }

  @Test func numbersThatAreNoneAreTheWorst() {
    var fidelity = Fidelity()
    fidelity.add(reference: [1, 2], found: [1, .nan])
    #expect(fidelity.decibels == -.infinity && fidelity.maxDifference == .infinity)
  }

  @Test(arguments: [ElementType.int8, .uint8, .int16, .int32, .float16, .float32])
  func realNumbersGoThereAndBack(type: ElementType) throws {
    let quantization = type == .float32 || type == .float16 ? nil : Quantization(scales: [0.5], zeroPoints: [3])
    let values: [Float] = [-1.5, 0, 0.5, 30]
    let bytes = try #require(RealValues.bytes(values, type, quantization))
    #expect(RealValues.floats(bytes, type, quantization) == values)
  }

  @Test func whatDoesNotFitIsClamped() throws {
    let quantization = Quantization(scales: [1], zeroPoints: [0])
    let bytes = try #require(RealValues.bytes([-1e9, 1e9, .nan], .int8, quantization))
    #expect(bytes.map { Int8(bitPattern: $0) } == [-128, 127, 0])
  }

  @Test func layoutsAreTurned() {
    let values: [Float] = [1, 2, 3, 4, 5, 6]  // (1, 3, 2): three channels of two columns
    #expect(Layouts.reordered(values, from: [1, 3, 2], to: [1, 2, 3]) == [1, 3, 5, 2, 4, 6])
    #expect(Layouts.reordered([1, 3, 5, 2, 4, 6], from: [1, 2, 3], to: [1, 3, 2]) == values)
    #expect(Layouts.reordered(values, from: [6], to: [1, 6]) == values)
    #expect(Layouts.reordered(values, from: [2, 3], to: [3, 2]) == nil)
  }
}
