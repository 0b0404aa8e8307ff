import Foundation
import ModelFormat
import TestSupport
import Testing

@testable import Swiftlet

/// RFFT2D and the parts of complex numbers.
@Suite struct SpectrumTests {
  private func floats(_ node: OneNode, _ values: [Double]...) throws -> [Float] {
    let interpreter = try Interpreter(program: node.program())
    for (index, numbers) in values.enumerated() {
      try interpreter.setBytes(index, numbers.flatMap { node.inputs[index].type.bytes(of: $0) })
    }
    try interpreter.invoke()
    return unsafe interpreter.withOutputBytes(0) { bytes in
      (0..<bytes.count / 4).map { unsafe bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
    }
  }

  /// The definition: a sum over all numbers for each frequency.
  private func spectrum(_ x: [Double], _ given: (Int, Int), _ size: (Int, Int)) -> [Double] {
    (0..<size.0).flatMap { k in
      (0...size.1 / 2).flatMap { l in
        var (re, im) = (0.0, 0.0)
        for m in 0..<min(given.0, size.0) {
          for n in 0..<min(given.1, size.1) {
            let angle = -2 * Double.pi * (Double(k * m) / Double(size.0) + Double(l * n) / Double(size.1))
            re += x[m * given.1 + n] * cos(angle)
            im += x[m * given.1 + n] * sin(angle)
          }
        }
        return [re, im]
      }
    }
  }

  @Test(
    arguments: [
      ((1, 16), (1, 16)), ((1, 5), (1, 8)), ((1, 9), (1, 4)), ((4, 8), (4, 8)), ((3, 2), (8, 2)), ((5, 3), (2, 1)),
      ((1, 1), (1, 1)), ((2, 1), (1, 2)),
    ]) func followsTheDefinition(given: (Int, Int), size: (Int, Int)) throws
  {
    let node = OneNode(
      131, [.input(.float32, [2, given.0, given.1]), .ints(size.0, size.1)], [.complex64])
    #expect(try node.shapes() == [[2, size.0, size.1 / 2 + 1]])
    let count = given.0 * given.1
    let values = (0..<2 * count).map { Double($0 * $0 % 23) / 4 - 2 }
    let found = try floats(node, values)
    let expected = [Array(values[..<count]), Array(values[count...])].flatMap { spectrum($0, given, size) }
    #expect(zip(found, expected).allSatisfy { abs(Double($0) - $1) < 1e-4 } && found.count == expected.count)
  }

  @Test(arguments: [[0, 8], [1, 6], [1, -8], [1, 1 << 21], [8], [1, 2, 4]]) func refusesOtherLengths(lengths: [Int]) {
    let node = OneNode(
      131, [.input(.float32, [1, 8]), .constant(.int32, [lengths.count], lengths.map { Double($0) })], [.complex64])
    #expect(throws: PrepareError.self) { try node.program() }
  }

  @Test func aVectorHasNoRows() {
    let node = OneNode(131, [.input(.float32, [8]), .ints(1, 8)], [.complex64])
    #expect(node.refusal()?.code == .shapeMismatch)
  }

  @Test(
    arguments: [(134, [8, -6]), (133, [-4, 3]), (135, [8.944271909999159, 6.708203932499369])] as [(Int, [Double])])
  func takesComplexNumbersApart(code: Int, expected: [Double]) throws {
    // The second part is minus half of the first.
    let found = try floats(OneNode(code, [.input(.complex64, [2])], [.float32]), [8, -6])
    #expect(found == expected.map { Float($0) })
  }

  @Test func aCastDropsTheImaginaryPart() throws {
    #expect(try floats(OneNode(53, [.input(.complex64, [2])], [.float32]), [8, -6]) == [8, -6])
    #expect(OneNode(53, [.input(.complex64, [2])], [.int32]).refusal()?.code == .typeUnsupported)
  }

  @Test func magnitudesOfLargeNumbersAreNotInfinite() throws {
    let found = try floats(OneNode(135, [.input(.complex64, [1])], [.float32]), [2e38])
    #expect(found[0].isFinite && found[0] > 2e38)
  }
}
