import CKernels
import Testing

/// The reference of hybrid convolution: quantization and products from the formulas in `swl_hybrid.h`.
struct HybridReference {
  let shape: F32Convolution
  let isPerPixel: Bool

  init(_ shape: F32Convolution) {
    self.shape = shape
    isPerPixel = shape.kernel == (1, 1) && shape.stride == (1, 1)
  }

  /// Quantized numbers less their zero point, and the scale of each group.
  private func quantize(_ input: [Float]) -> (values: [Int32], scales: [Float]) {
    let size = isPerPixel ? shape.channels : shape.height * shape.width * shape.channels
    var values: [Int32] = []
    var scales: [Float] = []
    for start in stride(from: 0, to: input.count, by: size) {
      let group = input[start..<start + size].map { $0 }
      let low = group.reduce(Float(0)) { $1 < $0 ? $1 : $0 }
      let high = group.reduce(Float(0)) { $1 > $0 ? $1 : $0 }
      let scale = low == high ? 1 : 255 / (high - low)
      let isNearMinimum = (-128 + low * scale) + (127 + high * scale) > 0
      let exact = isNearMinimum ? -128 - low * scale : 127 - high * scale
      let zero = min(max(exact, -128), 127).rounded(.toNearestOrEven)
      for number in group {
        let rounded = number.isNaN ? -128 - zero : (number * scale).rounded(.toNearestOrEven)
        values.append(Int32(min(max(rounded, -128 - zero), 127 - zero)))
      }
      scales.append(1 / scale)
    }
    return (values, scales)
  }

  func output(_ input: [Float], weights: [Int8], scales: [Float], bias: [Float]) -> [Float] {
    let (values, groupScales) = quantize(input)
    var output: [Float] = []
    for row in 0..<shape.rows {
      for column in 0..<shape.outputWidth {
        let pixel = row * shape.outputWidth + column
        let scale = groupScales[isPerPixel ? pixel : row / shape.outputHeight]
        for filter in 0..<shape.filters {
          let sum = sum(values, weights, row, column, filter)
          let result = bias[filter].addingProduct(Float(sum) * scale, scales[filter])
          output.append(F32.clamp(result, shape.limits.lowerBound, shape.limits.upperBound))
        }
      }
    }
    return output
  }

  private func sum(_ values: [Int32], _ weights: [Int8], _ row: Int, _ column: Int, _ filter: Int) -> Int32 {
    var sum: Int32 = 0
    for ky in 0..<shape.kernel.height {
      for kx in 0..<shape.kernel.width {
        let y = row % shape.outputHeight * shape.stride.height + ky * shape.dilation.height - shape.padding.top
        let x = column * shape.stride.width + kx * shape.dilation.width - shape.padding.left
        guard (0..<shape.height).contains(y), (0..<shape.width).contains(x) else { continue }
        let pixel = ((row / shape.outputHeight * shape.height + y) * shape.width + x) * shape.channels
        let tap = ((filter * shape.kernel.height + ky) * shape.kernel.width + kx) * shape.channels
        for channel in 0..<shape.channels { sum += values[pixel + channel] * Int32(weights[tap + channel]) }
      }
    }
    return sum
  }
}

extension F32Convolution {
  /// As `run` of float32, in `parts` parts of the rows and, where they exceed a panel, two parts of the columns.
  func runHybrid(
    _ isa: swl_isa, input: [Float], weights: [Int8], scales: [Float], bias: [Float]?, parts: Int = 1
  ) -> [Float]? {
    let sentinel: UInt64 = 0x1234_5678_9abc_def0
    var parameters = parameters
    let sizes = unsafe [
      swl_hybrid_packed_bytes(isa, &parameters), swl_hybrid_quantized_bytes(isa, &parameters),
      swl_hybrid_scratch_bytes(isa, &parameters),
    ]
    var packed = Self.guarded(sizes[0], sentinel)
    var quantized = Self.guarded(sizes[1], sentinel)
    unsafe withOddAddress(weights) { weights in
      unsafe swl_hybrid_pack(isa, &parameters, weights, scales, bias, &packed)
    }
    let groups = unsafe swl_hybrid_quantization_groups(&parameters)
    for part in 0..<parts {
      unsafe swl_hybrid_quantize(
        isa, &parameters, input + [.nan], &quantized, groups * part / parts, groups * (part + 1) / parts)
    }
    var output = [Float](repeating: 777, count: outputCount + 1)
    let step = swl_hybrid_column_step(isa)
    let cut = parts > 1 && filters > step ? step : filters
    for part in 0..<parts {
      var scratch = Self.guarded(sizes[2], sentinel)
      let (begin, end) = (rows * part / parts, rows * (part + 1) / parts)
      for columns in [0..<cut, cut..<filters] where !columns.isEmpty {
        unsafe swl_hybrid_conv(
          isa, &parameters, packed, quantized, &output, &scratch, begin, end, columns.lowerBound, columns.upperBound)
      }
      guard scratch.last == sentinel else { return nil }
    }
    guard packed.last == sentinel, quantized.last == sentinel, output.removeLast() == 777 else { return nil }
    return output
  }

  /// The same of a single row, quantized and computed at once; `nil` when the kernel does not take the layer.
  func runHybridRow(_ isa: swl_isa, input: [Float], weights: [Int8], scales: [Float], bias: [Float]) -> [Float]? {
    let sentinel: UInt64 = 0x1234_5678_9abc_def0
    var parameters = parameters
    var packed = Self.guarded(unsafe swl_hybrid_packed_bytes(isa, &parameters), sentinel)
    var quantized = Self.guarded(unsafe swl_hybrid_quantized_bytes(isa, &parameters), sentinel)
    unsafe weights.withUnsafeBytes { weights in
      unsafe swl_hybrid_pack(
        isa, &parameters, weights.baseAddress, scales, bias.isEmpty ? nil : bias, &packed)
    }
    var output = [Float](repeating: 777, count: outputCount + 1)
    guard unsafe swl_hybrid_run_row(isa, &parameters, packed, input + [.nan], &quantized, &output) else { return nil }
    guard quantized.last == sentinel, output.removeLast() == 777 else { return nil }
    return output
  }

  private static func guarded(_ byteCount: Int, _ sentinel: UInt64) -> [UInt64] {
    [UInt64](repeating: sentinel, count: (byteCount + 7) / 8 + 1)
  }
}

@Suite struct HybridConvTests {
  static let shapes: [F32Convolution] = [
    F32Convolution(height: 1, width: 1, channels: 1, filters: 1, kernel: (1, 1), padding: (0, 0, 0, 0)),
    F32Convolution(height: 1, width: 1, channels: 103, filters: 70, kernel: (1, 1), padding: (0, 0, 0, 0)),
    F32Convolution(height: 4, width: 5, channels: 24, filters: 33, kernel: (1, 1), padding: (0, 0, 0, 0), batches: 2),
    F32Convolution(height: 6, width: 5, channels: 7, filters: 9, kernel: (1, 1), stride: (2, 2), padding: (0, 0, 0, 0)),
    F32Convolution(height: 7, width: 9, channels: 3, filters: 17, batches: 2),
    F32Convolution(
      height: 9, width: 11, channels: 1, filters: 24, kernel: (5, 4), stride: (2, 2), padding: (2, 1, 2, 2)),
    F32Convolution(height: 12, width: 10, channels: 5, filters: 6, dilation: (2, 3), padding: (2, 3, 2, 3)),
    F32Convolution(height: 3, width: 2, channels: 2, filters: 4, kernel: (5, 7), padding: (2, 3, 2, 3)),
  ]

  /// The output passes through a fused multiply-add; SSE4.1 rounds twice.
  static func tolerance(_ isa: swl_isa) -> Float { isa == SWL_ISA_SSE41 ? 0x1p-22 : 0 }

  @Test(arguments: F32.runnable, shapes) func matchesReference(isa: swl_isa, shape: F32Convolution) {
    let input = F32.numbers(shape.inputCount, seed: 20).map { $0 * 1.5 + 0.25 }
    let depth = shape.kernel.height * shape.kernel.width * shape.channels
    let weights = F32.numbers(shape.filters * depth, seed: 21).map { Int8(($0 * 127).rounded()) }
    let scales = F32.numbers(shape.filters, seed: 22).map { ($0 + 1.5) / 2000 }
    let bias = F32.numbers(shape.filters, seed: 23)
    let expected = HybridReference(shape).output(input, weights: weights, scales: scales, bias: bias)
    for parts in [1, 3] {
      let found = shape.runHybrid(isa, input: input, weights: weights, scales: scales, bias: bias, parts: parts)
      #expect(F32.largestDifference(found ?? [], expected) <= Self.tolerance(isa), "\(parts) parts")
    }
  }

  @Test(arguments: F32.runnable, [1, 3, 4, 30, 64, 103, 640])
  func oneRowAtOnceGivesTheSameBits(isa: swl_isa, depth: Int) {
    for filters in [1, 8, 12, 33, 64, 128, 150, 300] {
      let shape = F32Convolution(
        height: 1, width: 1, channels: depth, filters: filters, kernel: (1, 1), padding: (0, 0, 0, 0))
      let input = F32.numbers(depth, seed: 30)
      let weights = F32.numbers(filters * depth, seed: 31).map { Int8(($0 * 127).rounded()) }
      let scales = F32.numbers(filters, seed: 32).map { ($0 + 1.5) / 2000 }
      let bias = F32.numbers(filters, seed: 33)
      let expected = shape.runHybrid(isa, input: input, weights: weights, scales: scales, bias: bias)
      let found = shape.runHybridRow(isa, input: input, weights: weights, scales: scales, bias: bias)
      #expect(found == expected && found != nil, "\(filters) filters")
    }
  }

  @Test func onlyASingleRowIsComputedAtOnce() {
    let shapes = [
      F32Convolution(height: 2, width: 1, channels: 4, filters: 4, kernel: (1, 1), padding: (0, 0, 0, 0)),
      F32Convolution(height: 1, width: 1, channels: 4, filters: 4, kernel: (3, 3), padding: (1, 1, 1, 1)),
    ]
    for shape in shapes {
      let weights = [Int8](repeating: 1, count: 4 * 4 * shape.kernel.height * shape.kernel.width)
      let input = [Float](repeating: 1, count: shape.inputCount)
      #expect(
        shape.runHybridRow(SWL_ISA_SCALAR, input: input, weights: weights, scales: [1, 1, 1, 1], bias: []) == nil)
    }
  }

  @Test(arguments: F32.runnable) func keepsExtremeSumsExact(isa: swl_isa) {
    // The largest products that 8 bits allow: a kernel that saturates in 16 bits gets these wrong.
    let shape = F32Convolution(
      height: 1, width: 1, channels: 64, filters: 8, kernel: (1, 1), padding: (0, 0, 0, 0), limits: -1e9...1e9)
    let input = [Float](repeating: 255, count: 63) + [0]
    let weights = (0..<8 * 64).map { Int8($0 / 64 % 2 == 0 ? 127 : -127) }
    let ones = [Float](repeating: 1, count: 8)
    let found = shape.runHybrid(isa, input: input, weights: weights, scales: ones, bias: nil)
    #expect(found == (0..<8).map { Float($0 % 2 == 0 ? 127 : -127) * 255 * 63 })
  }

  @Test(arguments: F32.runnable) func survivesNumbersThatAreNotFinite(isa: swl_isa) {
    let shape = F32Convolution(height: 1, width: 4, channels: 5, filters: 3, kernel: (1, 1), padding: (0, 0, 0, 0))
    let input: [Float] = [
      .nan, 1, -1, 0.5, 0, 0, 0, 0, 0, 0, .infinity, 1, 2, 3, 4, .leastNonzeroMagnitude, -.leastNonzeroMagnitude, 0, 0,
      0,
    ]
    let weights = (0..<15).map { Int8($0 * 9 - 60) }
    let found = shape.runHybrid(
      isa, input: input, weights: weights, scales: [0.01, 0.02, 0.03], bias: [0.5, 0.25, -0.5])
    var pixel = shape
    pixel.width = 1
    let expected = HybridReference(pixel).output(
      Array(input.prefix(5)), weights: weights, scales: [0.01, 0.02, 0.03], bias: [0.5, 0.25, -0.5])
    #expect(F32.largestDifference(Array((found ?? []).prefix(3)), expected) <= Self.tolerance(isa))
    #expect((found ?? []).dropFirst(3).prefix(3) == [0.5, 0.25, -0.5])
  }
}
