import CKernels
import Testing

/// Convolutions on operands rounded to bfloat16, beside the sums as Intel describes TDPBF16PS.
@Suite struct Bfloat16ConvTests {
  static func shape(
    _ height: Int, _ width: Int, _ channels: Int, _ filters: Int, kernel: (Int, Int) = (3, 3),
    stride: (Int, Int) = (1, 1),
    dilation: (Int, Int) = (1, 1), padding: (Int, Int, Int, Int) = (1, 1, 1, 1), batches: Int = 1
  ) -> F32Convolution {
    F32Convolution(
      height: height, width: width, channels: channels, filters: filters, kernel: kernel, stride: stride,
      dilation: dilation, padding: padding, batches: batches, limits: -3...4, bfloat16: true)
  }

  static let shapes: [F32Convolution] = [
    shape(1, 1, 24, 8, kernel: (1, 1), padding: (0, 0, 0, 0)),
    shape(5, 7, 34, 33, kernel: (1, 1), padding: (0, 0, 0, 0), batches: 2),
    shape(70, 1, 512, 17, kernel: (1, 1), padding: (0, 0, 0, 0)),
    shape(6, 5, 24, 40, kernel: (1, 1), stride: (2, 2), padding: (0, 0, 0, 0)),
    shape(8, 8, 64, 64), shape(9, 33, 8, 16), shape(4, 16, 10, 15), shape(3, 49, 12, 48),
    shape(8, 22, 16, 9, stride: (2, 2), padding: (0, 0, 1, 1), batches: 3),
    shape(11, 12, 8, 40, dilation: (2, 3), padding: (2, 3, 2, 3)),
    shape(3, 3, 8, 10, kernel: (5, 7), padding: (2, 3, 2, 3)),
    shape(20, 1, 18, 8, kernel: (3, 1), padding: (1, 0, 1, 0)),
    // An odd number of elements in a row of the window, or in a pixel.
    shape(9, 20, 3, 24, kernel: (5, 5), stride: (2, 2), padding: (1, 1, 2, 2)), shape(4, 90, 1, 1, kernel: (5, 9)),
    shape(6, 11, 9, 5, dilation: (1, 2), padding: (1, 2, 1, 2)), shape(1, 300, 1, 2, kernel: (1, 49)),
    // Few rows, which are cut; rows that fill the scratch memory; windows as wide as they may be.
    shape(2, 200, 8, 8), shape(40, 40, 200, 8), shape(70, 9, 8, 8, kernel: (64, 2), padding: (0, 0, 0, 0)),
  ]

  static func rounded(_ value: Float) -> Float {
    if value.magnitude < .leastNormalMagnitude { return Float(sign: value.sign, exponent: 0, significand: 0) }
    guard value.isFinite else { return value }
    let bits = value.bitPattern
    return Float(bitPattern: (bits + 0x7fff + (bits >> 16 & 1)) & 0xffff_0000)
  }

  static func flushed(_ value: Float) -> Float { value.magnitude < .leastNormalMagnitude ? 0 * value : value }

  /// The even and the odd products of up to 32 neighbours by themselves, then both into the sum.
  static func reference(
    _ shape: F32Convolution, _ input: [Float], _ weights: [Float], _ bias: [Float]
  ) -> [Float] {
    let (input, weights) = (input.map(rounded), weights.map(rounded))
    let depth = shape.kernel.height * shape.kernel.width * shape.channels
    let isJoined = shape.dilation.width == 1
    let stretch = (isJoined ? shape.kernel.width : 1) * shape.channels
    var output: [Float] = []
    for row in 0..<shape.rows {
      for column in 0..<shape.outputWidth {
        var window: [Float] = []
        for ky in 0..<shape.kernel.height {
          for kx in 0..<shape.kernel.width {
            let y = row % shape.outputHeight * shape.stride.height + ky * shape.dilation.height - shape.padding.top
            let x = column * shape.stride.width + kx * shape.dilation.width - shape.padding.left
            let isInside = (0..<shape.height).contains(y) && (0..<shape.width).contains(x)
            let pixel = ((row / shape.outputHeight * shape.height + y) * shape.width + x) * shape.channels
            window += (0..<shape.channels).map { isInside ? input[pixel + $0] : 0 }
          }
        }
        for filter in 0..<shape.filters {
          var sum = bias[filter]
          for begin in stride(from: 0, to: depth, by: stretch) {
            for chunk in stride(from: begin, to: begin + stretch, by: 32) {
              var parts: [Float] = [0, 0]
              for k in chunk..<min(chunk + 32, begin + stretch) {
                let part = (k - begin) % 2
                parts[part] = flushed(parts[part].addingProduct(window[k], weights[filter * depth + k]))
              }
              sum = flushed(flushed(sum) + flushed(parts[0] + parts[1]))
            }
          }
          output.append(F32.clamp(sum, shape.limits.lowerBound, shape.limits.upperBound))
        }
      }
    }
    return output
  }

  static func expectBytes(
    _ shape: F32Convolution, _ isa: swl_isa, _ input: [Float], _ weights: [Float], _ bias: [Float]
  ) {
    let expected = reference(shape, input, weights, bias)
    for parts in [1, 3] {
      let output = shape.run(.ordinary, isa, input: input, weights: weights, bias: bias, parts: parts) ?? []
      #expect(output.count == expected.count)
      let wrong = zip(output, expected).count { $0.bitPattern != $1.bitPattern && !($0.isNaN && $1.isNaN) }
      #expect(wrong == 0, "\(parts) parts")
    }
  }

  @Test(arguments: F32.runnable, shapes) func matchesTheDefinition(isa: swl_isa, shape: F32Convolution) {
    let input = F32.numbers(shape.inputCount, seed: 1)
    let weights = F32.numbers(F32ConvTests.weightCount(shape), seed: 2)
    Self.expectBytes(shape, isa, input, weights, F32.numbers(shape.filters, seed: 3))
  }

  /// Rounding moves an operand by 2^-9 of itself at most.
  @Test(arguments: shapes) func staysNearFloat32(shape: F32Convolution) {
    let input = F32.numbers(shape.inputCount, seed: 4)
    let weights = F32.numbers(F32ConvTests.weightCount(shape), seed: 5)
    let bias = F32.numbers(shape.filters, seed: 6)
    var exact = shape
    exact.bfloat16 = false
    let (isa, terms) = (swl_isa_detect(), weights.count / shape.filters)
    let found = shape.run(.ordinary, isa, input: input, weights: weights, bias: bias) ?? []
    let expected = exact.run(.ordinary, isa, input: input, weights: weights, bias: bias) ?? []
    let difference = F32.largestDifference(found, expected)
    #expect(difference <= Float(terms) * 0x1.01p-8)
    #expect(difference > 0, "nothing was rounded")
  }

  /// Products below the least normal number count as zero; infinities and what is no number stay in their pixels.
  @Test(arguments: F32.runnable) func treatsExtremesAlike(isa: swl_isa) {
    let shape = Self.shape(3, 20, 16, 24, padding: (1, 1, 1, 1))
    var tiny = shape
    tiny.limits = -.infinity...(.infinity)
    let input = F32.numbers(shape.inputCount, seed: 7), weights = F32.numbers(F32ConvTests.weightCount(shape), seed: 8)
    let zeros = [Float](repeating: -0.0, count: shape.filters)
    Self.expectBytes(tiny, isa, input.map { $0 * 0x1p-64 }, weights.map { $0 * 0x1p-64 }, zeros)
    Self.expectBytes(tiny, isa, input.map { $0 * 0x1p-128 }, weights, zeros.map { _ in 0x1p-130 })
    Self.expectBytes(tiny, isa, input.map { $0 * 0x1p70 }, weights.map { $0 * 0x1p60 }, zeros)
    var odd = input
    (odd[7], odd[16 * 25 + 3], odd[16 * 50]) = (.nan, .infinity, -.infinity)
    Self.expectBytes(shape, isa, odd, weights, zeros)
  }

  /// Each of these keeps float32: groups, little to sum, single pixels of an odd number, windows that reach far.
  @Test func otherLayersKeepFloat32() {
    var grouped = Self.shape(5, 6, 32, 32)
    grouped.groups = 2
    let kept = [
      grouped, Self.shape(5, 6, 4, 16, dilation: (1, 2)), Self.shape(5, 6, 2, 16),
      Self.shape(5, 6, 22, 16, kernel: (1, 1), padding: (0, 0, 0, 0)),
      Self.shape(5, 6, 33, 16, kernel: (1, 1), padding: (0, 0, 0, 0)),
      Self.shape(1, 140, 24, 8, kernel: (1, 2), dilation: (1, 64), padding: (0, 0, 0, 0)),
    ]
    for shape in kept {
      let input = F32.numbers(shape.inputCount, seed: 9)
      let weights = F32.numbers(F32ConvTests.weightCount(shape), seed: 10)
      var exact = shape
      exact.bfloat16 = false
      let isa = swl_isa_detect()
      let found = shape.run(.ordinary, isa, input: input, weights: weights, bias: nil)
      #expect(found != nil && found == exact.run(.ordinary, isa, input: input, weights: weights, bias: nil))
    }
  }
}
