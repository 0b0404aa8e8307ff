import CKernels
import Testing

@Suite struct F32DepthwiseTests {
  static let shapes: [F32Convolution] = [
    F32Convolution(channels: 1, filters: 1),
    F32Convolution(channels: 8, filters: 8, batches: 2),
    F32Convolution(height: 5, width: 33, channels: 24, filters: 24),
    F32Convolution(height: 6, width: 8, channels: 17, filters: 17, stride: (2, 2), padding: (0, 0, 1, 1)),
    F32Convolution(height: 9, width: 21, channels: 42, filters: 42, kernel: (5, 5), padding: (2, 2, 2, 2)),
    F32Convolution(height: 2, width: 3, channels: 33, filters: 33, kernel: (5, 7), padding: (2, 3, 2, 3)),
    F32Convolution(height: 12, width: 12, channels: 7, filters: 7, dilation: (3, 2), padding: (3, 2, 3, 2)),
    F32Convolution(height: 4, width: 4, channels: 31, filters: 31, kernel: (1, 1), padding: (0, 0, 0, 0)),
    F32Convolution(height: 8, width: 11, channels: 3, filters: 6),
    F32Convolution(
      height: 8, width: 11, channels: 1, filters: 18, kernel: (4, 3), stride: (2, 1), padding: (1, 1, 2, 1)),
    F32Convolution(height: 5, width: 6, channels: 2, filters: 66, dilation: (2, 1), padding: (2, 1, 2, 1)),
  ]

  @Test(arguments: F32.runnable, shapes) func matchesReference(isa: swl_isa, shape: F32Convolution) {
    let area = shape.kernel.height * shape.kernel.width
    let input = F32.numbers(shape.inputCount, seed: 6)
    let weights = F32.numbers(shape.filters * area, seed: 7)
    let bias = F32.numbers(shape.filters, seed: 8)
    let byColumns = shape.filters == shape.channels
    let expected = shape.reference(input, bias: bias, groups: shape.channels, byColumns: byColumns) { filter, y, x, _ in
      weights[(y * shape.kernel.width + x) * shape.filters + filter]
    }
    for parts in [1, 4] {
      let found = shape.run(.depthwise, isa, input: input, weights: weights, bias: bias, parts: parts)
      #expect(F32.largestDifference(found ?? [], expected) <= F32.tolerance(isa, terms: area), "\(parts) parts")
    }
  }
}
