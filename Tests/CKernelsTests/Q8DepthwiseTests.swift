import CKernels
import Testing

/// 8-bit depthwise convolution: the scalar variant equals the definition, and every other one the scalar variant, byte for
/// byte.
@Suite struct Q8DepthwiseTests {
  private func expectReference(_ layer: Q8Layer, _ isa: swl_isa) {
    var layer = layer
    layer.isDepthwise = true
    forEachType(layer) { layer in
      #expect(layer.run(isa) == layer.expected(isa), "\(layer.testDescription)")
    }
  }

  @Test(arguments: Q8Layer.runnable, [1, 3, 7, 8, 15, 16, 17, 24, 31, 32, 33, 47, 48, 63, 64, 65, 80, 112, 144])
  func matchesReferenceAtEveryChannelCount(isa: swl_isa, channels: Int) {
    for stride in [1, 2] {
      expectReference(
        Q8Layer(
          input: (4, 5, channels), filters: channels, kernel: (3, 3), stride: (stride, stride), padding: (1, 1, 1, 1),
          scale: 0.005), isa)
    }
  }

  static let kernels = [(1, 1), (1, 3), (3, 1), (2, 2), (3, 3), (4, 3), (5, 3), (5, 5), (7, 7), (9, 2)]

  @Test(arguments: Q8Layer.runnable, kernels)
  func matchesReferenceForEveryKernel(isa: swl_isa, kernel: (Int, Int)) {
    for stride in [1, 2, 3] {
      expectReference(
        Q8Layer(
          input: (10, 9, 20), filters: 20, kernel: (kernel.0, kernel.1), stride: (stride, stride),
          padding: (kernel.0 / 2, kernel.1 / 2, kernel.0 / 2, kernel.1 / 2), scale: 0.002), isa)
    }
  }

  static let geometries: [Q8Layer] = [
    Q8Layer(input: (7, 50, 16), filters: 16, kernel: (3, 3), scale: 0.005),
    Q8Layer(input: (3, 40, 6), filters: 6, kernel: (5, 5), padding: (2, 2, 2, 2), scale: 0.003),
    Q8Layer(input: (9, 9, 8), filters: 8, kernel: (3, 3), dilation: (2, 2), padding: (2, 2, 2, 2), scale: 0.005),
    Q8Layer(input: (6, 8, 5), filters: 5, kernel: (3, 3), stride: (1, 2), padding: (2, 0, 1, 3), scale: 0.005),
    Q8Layer(batch: 2, input: (4, 4, 18), filters: 18, kernel: (3, 3), padding: (1, 1, 1, 1), scale: 0.005),
    Q8Layer(input: (1, 1, 3), filters: 3, kernel: (3, 3), padding: (1, 1, 1, 1), scale: 0.005),
    Q8Layer(input: (3, 3, 4), filters: 4, kernel: (3, 3), stride: (9, 9), padding: (8, 8, 8, 8), scale: 0.005),
    Q8Layer(input: (5, 6, 7), filters: 14, kernel: (3, 3), padding: (1, 1, 1, 1), scale: 0.005),
    Q8Layer(input: (5, 6, 3), filters: 24, kernel: (2, 3), stride: (2, 2), padding: (0, 1, 1, 1), scale: 0.005),
    Q8Layer(input: (11, 9, 1), filters: 8, kernel: (10, 8), stride: (2, 2), padding: (4, 3, 5, 4), scale: 0.001),
    Q8Layer(input: (6, 6, 1), filters: 1, kernel: (3, 3), padding: (1, 1, 1, 1), scale: 0.005),
  ]

  @Test(arguments: Q8Layer.runnable, geometries)
  func matchesReferenceInEveryGeometry(isa: swl_isa, layer: Q8Layer) { expectReference(layer, isa) }

  @Test(arguments: Q8Layer.runnable) func limitsRoundingAndSaturationAreTheDefinitions(isa: swl_isa) {
    for scale: Float in [0.5, 0.25, 1, 3, 1e9, 3e38] {
      for limits in [0...255, 117...255, 3...201] {
        expectReference(
          Q8Layer(
            input: (3, 4, 21), filters: 21, kernel: (3, 3), padding: (1, 1, 1, 1), limits: limits, scale: scale), isa)
      }
    }
  }

  @Test(arguments: Q8Layer.runnable) func extremesOfTheTypesNeverSaturateSums(isa: swl_isa) {
    for input in [0, 128, 255] {
      expectReference(
        Q8Layer(
          input: (5, 5, 32), filters: 32, kernel: (3, 3), padding: (1, 1, 1, 1), zeroPoints: (input, 128, 128),
          scale: 0.002, isExtreme: true), isa)
    }
  }
}
