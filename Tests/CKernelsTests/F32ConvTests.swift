import CKernels
import Testing

@Suite struct F32ConvTests {
  static let shapes: [F32Convolution] = [
    F32Convolution(),
    F32Convolution(height: 1, width: 1, kernel: (1, 1), padding: (0, 0, 0, 0)),
    F32Convolution(height: 5, width: 5, channels: 8, filters: 33, kernel: (1, 1), padding: (0, 0, 0, 0), batches: 2),
    F32Convolution(height: 6, width: 5, filters: 24, kernel: (1, 1), stride: (2, 2), padding: (0, 0, 0, 0)),
    F32Convolution(height: 9, width: 31, channels: 4, filters: 17, kernel: (3, 5), padding: (1, 2, 1, 2)),
    F32Convolution(
      height: 8, width: 40, channels: 1, filters: 1, kernel: (1, 12), stride: (1, 2), padding: (0, 0, 0, 0)),
    F32Convolution(height: 8, width: 22, channels: 2, filters: 9, stride: (2, 2), padding: (0, 0, 1, 1), batches: 2),
    F32Convolution(height: 11, width: 12, channels: 2, filters: 40, dilation: (2, 3), padding: (2, 3, 2, 3)),
    F32Convolution(height: 6, width: 20, channels: 6, filters: 8, groups: 2),
    F32Convolution(height: 6, width: 7, channels: 4, filters: 12, dilation: (1, 2), padding: (1, 2, 1, 2), groups: 4),
    F32Convolution(height: 3, width: 3, channels: 2, filters: 3, kernel: (5, 7), padding: (2, 3, 2, 3)),
    F32Convolution(height: 2, width: 30, channels: 1, filters: 2, kernel: (4, 10), padding: (4, 9, 5, 9)),
    F32Convolution(height: 20, width: 1, channels: 5, filters: 6, kernel: (3, 1), padding: (1, 0, 1, 0)),
    // Few filters, side by side in vectors of pixels.
    F32Convolution(height: 9, width: 150, channels: 5, filters: 1, kernel: (3, 5), padding: (1, 2, 1, 2)),
    F32Convolution(
      height: 30, width: 37, channels: 70, filters: 2, kernel: (3, 3), stride: (2, 1), padding: (1, 1, 1, 1)),
    F32Convolution(
      height: 7, width: 70, channels: 4, filters: 3, kernel: (2, 4), stride: (1, 3), dilation: (1, 2),
      padding: (0, 5, 1, 2), batches: 2),
    F32Convolution(
      height: 4, width: 90, channels: 6, filters: 4, kernel: (5, 3), stride: (7, 4), padding: (3, 2, 3, 1)),
    F32Convolution(height: 2, width: 40, channels: 1, filters: 4, stride: (1, 5)),
    // Few rows, which are cut.
    F32Convolution(
      height: 1, width: 1100, channels: 1, filters: 1, kernel: (1, 50), stride: (1, 2), padding: (0, 3, 0, 9)),
    F32Convolution(height: 3, width: 200, channels: 3, filters: 20, batches: 2),
  ]

  static func weight(_ shape: F32Convolution, _ weights: [Float]) -> (Int, Int, Int, Int) -> Float {
    let depth = shape.channels / shape.groups
    return { filter, y, x, channel in
      weights[((filter * shape.kernel.height + y) * shape.kernel.width + x) * depth + channel]
    }
  }

  static func weightCount(_ shape: F32Convolution) -> Int {
    shape.filters * shape.kernel.height * shape.kernel.width * shape.channels / shape.groups
  }

  @Test(arguments: F32.runnable, shapes) func matchesReference(isa: swl_isa, shape: F32Convolution) {
    let input = F32.numbers(shape.inputCount, seed: 1)
    let weights = F32.numbers(Self.weightCount(shape), seed: 2)
    let bias = F32.numbers(shape.filters, seed: 3)
    let expected = shape.reference(input, bias: bias, groups: shape.groups, weight: Self.weight(shape, weights))
    let terms = Self.weightCount(shape) / shape.filters
    for parts in [1, 3] {
      let found = shape.run(.ordinary, isa, input: input, weights: weights, bias: bias, parts: parts)
      let output = found ?? []
      #expect(F32.largestDifference(output, expected) <= F32.tolerance(isa, terms: terms), "\(parts) parts")
    }
  }

  @Test(arguments: F32.runnable) func startsFromZeroWithoutBias(isa: swl_isa) {
    let shape = F32Convolution(channels: 2, filters: 11)
    let input = F32.numbers(shape.inputCount, seed: 4)
    let weights = F32.numbers(Self.weightCount(shape), seed: 5)
    let zeros = [Float](repeating: 0, count: shape.filters)
    let expected = shape.reference(input, bias: zeros, groups: 1, weight: Self.weight(shape, weights))
    let found = shape.run(.ordinary, isa, input: input, weights: weights, bias: nil)
    #expect(F32.largestDifference(found ?? [], expected) <= F32.tolerance(isa, terms: 18))
  }

  @Test(arguments: F32.runnable) func passesNaNThroughTheClamp(isa: swl_isa) {
    let shape = F32Convolution(height: 1, width: 5, channels: 1, filters: 3, kernel: (1, 1), padding: (0, 0, 0, 0))
    let input: [Float] = [0, .nan, 10, -10, -0.0]
    let found = shape.run(.ordinary, isa, input: input, weights: [1, 1, 1], bias: [-0.0, -0.0, -0.0])
    let output = found ?? []
    #expect(output.count == 15)
    #expect(output[3..<6].allSatisfy { $0.isNaN })
    #expect(output[6..<9].allSatisfy { $0 == 1.5 })
    #expect(output[9..<12].allSatisfy { $0 == -1 })
  }
}
