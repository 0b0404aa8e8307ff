import CKernels
import Testing

/// 8-bit convolution and matrix products: the scalar variant equals the definition, and every other one the scalar variant, byte for
/// byte.
@Suite struct Q8ConvTests {
  private func expectReference(_ layer: Q8Layer, _ isa: swl_isa) {
    forEachType(layer) { layer in
      #expect(layer.run(isa) == layer.expected(isa), "\(layer.testDescription)")
    }
  }

  @Test(arguments: Q8Layer.runnable, [1, 2, 5, 6, 7, 11, 12, 13, 23, 24, 25, 49])
  func matchesReferenceAroundTileHeights(isa: swl_isa, rows: Int) {
    for filters in [1, 20] {
      expectReference(Q8Layer(batch: rows, input: (1, 1, 19), filters: filters), isa)
    }
  }

  @Test(arguments: Q8Layer.runnable, [1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 48, 49, 63, 64, 65, 100])
  func matchesReferenceAroundPanelWidths(isa: swl_isa, filters: Int) {
    for rows in [1, 3, 13] {
      expectReference(Q8Layer(batch: rows, input: (1, 1, 8), filters: filters), isa)
    }
  }

  @Test(arguments: Q8Layer.runnable, [1, 2, 3, 4, 5, 31, 32, 33, 63, 64, 65, 127, 128, 130])
  func matchesReferenceAtEveryDepth(isa: swl_isa, depth: Int) {
    expectReference(Q8Layer(input: (2, 7, depth), filters: 18), isa)
    expectReference(Q8Layer(input: (4, 5, depth), filters: 5, kernel: (3, 3), padding: (1, 1, 1, 1)), isa)
  }

  static let geometries: [Q8Layer] = [
    Q8Layer(input: (9, 8, 3), filters: 17, kernel: (3, 3), stride: (2, 2), padding: (0, 0, 1, 1)),
    Q8Layer(input: (6, 7, 4), filters: 9, kernel: (3, 3)),
    Q8Layer(input: (7, 7, 16), filters: 33, kernel: (3, 3), padding: (1, 1, 1, 1)),
    Q8Layer(input: (5, 9, 5), filters: 6, kernel: (2, 4), stride: (1, 3), padding: (1, 3, 0, 2)),
    Q8Layer(input: (12, 10, 1), filters: 8, kernel: (10, 4), stride: (2, 2), padding: (4, 1, 5, 1)),
    Q8Layer(input: (9, 11, 8), filters: 12, kernel: (3, 3), dilation: (2, 3), padding: (2, 3, 2, 3)),
    Q8Layer(input: (8, 8, 20), filters: 10, stride: (2, 2)),
    Q8Layer(input: (6, 6, 12), filters: 24, kernel: (3, 3), padding: (1, 1, 1, 1), groups: 4),
    Q8Layer(input: (4, 4, 9), filters: 3, groups: 3),
    Q8Layer(batch: 3, input: (5, 4, 6), filters: 7, kernel: (3, 2), padding: (1, 0, 1, 1)),
    Q8Layer(input: (1, 1, 4), filters: 4, kernel: (5, 5), padding: (2, 2, 2, 2)),
    Q8Layer(input: (3, 3, 2), filters: 4, kernel: (3, 3), stride: (7, 7), padding: (6, 6, 6, 6)),
    Q8Layer(input: (40, 33, 32), filters: 16, kernel: (3, 3), padding: (1, 1, 1, 1)),
    Q8Layer(input: (5, 1, 40), filters: 32, kernel: (5, 1), stride: (3, 1)),
    Q8Layer(input: (3, 4, 6), filters: 70, kernel: (3, 4)),
    Q8Layer(input: (1, 1, 64), filters: 150, stride: (2, 2)),
    Q8Layer(batch: 2, input: (2, 3, 8), filters: 200),
  ]

  @Test(arguments: Q8Layer.runnable, geometries)
  func matchesReferenceInEveryGeometry(isa: swl_isa, layer: Q8Layer) { expectReference(layer, isa) }

  @Test(arguments: Q8Layer.runnable) func weightsLargerThanOneBlockGiveTheSameBytes(isa: swl_isa) {
    let layer = Q8Layer(batch: 30, input: (1, 1, 1500), filters: 300, scale: 0.00002)
    #expect(layer.run(isa) == layer.expected(isa))
  }

  @Test(arguments: Q8Layer.runnable) func limitsRoundingAndSaturationAreTheDefinitions(isa: swl_isa) {
    for scale: Float in [0.5, 0.25, 0.9999999, 1, 3, 1e9, 3e38, 1e-30] {
      for limits in [0...255, 117...255, 3...201, 255...255] {
        expectReference(Q8Layer(input: (3, 3, 3), filters: 20, limits: limits, scale: scale), isa)
      }
    }
  }

  @Test(arguments: Q8Layer.runnable) func extremesOfTheTypesNeverSaturateSums(isa: swl_isa) {
    for input in [0, 128, 255] {
      expectReference(
        Q8Layer(
          input: (4, 4, 64), filters: 16, kernel: (3, 3), padding: (1, 1, 1, 1), zeroPoints: (input, 128, 128),
          scale: 0.00003, isExtreme: true), isa)
    }
  }

  @Test(arguments: Q8Layer.runnable) func absentBiasIsZero(isa: swl_isa) {
    expectReference(Q8Layer(filters: 21, hasBias: false), isa)
  }

  @Test(arguments: Q8Layer.runnable) func emptyLayersHaveNoUnits(isa: swl_isa) {
    #expect(Q8Layer(batch: 0).run(isa).isEmpty)
    #expect(Q8Layer(input: (2, 2, 4), kernel: (3, 3)).run(isa).isEmpty)
  }

  @Test(arguments: Q8Layer.runnable) func impossibleScratchSizesSaturate(isa: swl_isa) {
    var layer = Q8Layer(input: (1, 1, 1 << 20), filters: 1, kernel: (2, 2), padding: (0, 0, 1, 1)).parameters
    layer.dilation_h = .max / 2
    layer.dilation_w = .max / 2
    let bytes = unsafe swl_q8_conv_scratch_bytes(isa, &layer)
    #expect(bytes == (isa == SWL_ISA_SCALAR ? 0 : -1))
  }
}
