import CKernels
import Testing

/// Every variant against the base one, bit for bit, with sentinels behind the output.
@Suite struct ReduceKernelTests {
  static let variants: [swl_isa] = (0..<UInt32(SWL_ISA_COUNT)).map { swl_isa(rawValue: $0) }.filter {
    swl_isa_runnable($0)
  }

  /// Reduces the middle axis of (outer, reduced, inner), or the last one of (outer, reduced).
  static func shape(_ reduced: Int, inner: Int) -> swl_reduce_shape {
    var shape = swl_reduce_shape()
    shape.kept_rank = 1
    shape.kept_count.0 = 2
    shape.kept_stride.0 = reduced * inner
    if inner == 1 {
      shape.inner = reduced
      shape.inner_is_reduced = true
    } else {
      shape.reduced_rank = 1
      shape.reduced_count.0 = reduced
      shape.reduced_stride.0 = inner
      shape.inner = inner
    }
    return shape
  }

  @Test(arguments: variants.map(\.rawValue), [1, 2, 15, 16, 17, 33, 100, 257])
  func sumsOfFloatsDoNotDependOnTheVariant(variant: UInt32, length: Int) {
    for inner in [1, 3, length] {
      var shape = Self.shape(7, inner: inner)
      if inner == 1 { shape = Self.shape(length, inner: 1) }
      let count = 2 * max(7 * inner, length)
      let input: [Float] = (0..<count).map { (index: Int) -> Float in Float((index &* 7919) % 1000) * 0.013 - 5 }
      let outputs = inner == 1 ? 2 : 2 * inner
      var results: [[Float]] = []
      for isa in [SWL_ISA_SCALAR, swl_isa(rawValue: variant)] {
        var output = Array(repeating: Float(-1234), count: outputs + 1)
        unsafe swl_f32_reduce_sum(isa, &shape, input, &output, 0, 2, 3)
        #expect(output[outputs] == -1234)
        results.append(output)
      }
      #expect(results[0] == results[1])
      var expected = 0.0
      for index in 0..<(inner == 1 ? length : 7) { expected += Double(input[index * inner]) }
      #expect(abs(Double(results[0][0]) - expected / 3) < 1e-3)
    }
  }

  @Test(arguments: variants.map(\.rawValue), [1, 15, 16, 17, 40, 300])
  func sumsAndExtremesOfBytes(variant: UInt32, length: Int) {
    var shape = Self.shape(length, inner: 1)
    let input = (0..<2 * length).map { Int8(truncatingIfNeeded: $0 &* 37 &+ 11) }
    var scaling = swl_reduce_scaling()
    scaling.multiplier = swl_multiplier(multiplier: 1 << 30, shift: -3)
    var output: [Int8] = [0, 0]
    unsafe swl_i8_reduce_sum(swl_isa(rawValue: variant), &shape, input, &output, 0, 2, &scaling)
    for row in 0..<2 {
      let sum = input[row * length..<(row + 1) * length].reduce(Int32(0)) { $0 + Int32($1) }
      #expect(Int32(output[row]) == min(max(swl_multiply_double_rounding(sum, scaling.multiplier), -128), 127))
    }
    scaling = swl_reduce_scaling(offset: 40, ratio: 0.37, multiplier: scaling.multiplier, zero_point: -5)
    unsafe swl_i8_reduce_sum(swl_isa(rawValue: variant), &shape, input, &output, 0, 2, &scaling)
    for row in 0..<2 {
      let sum = input[row * length..<(row + 1) * length].reduce(-40) { $0 + Int($1) }
      let expected = (Float(sum) * 0.37).rounded(.toNearestOrEven) - 5
      #expect(Float(output[row]) == min(max(expected, -128), 127))
    }
    unsafe swl_reduce(swl_isa(rawValue: variant), SWL_REDUCE_MAX, SWL_REDUCE_I8, &shape, input, &output, 0, 2)
    #expect(output[0] == input[..<length].max())
    unsafe swl_reduce(swl_isa(rawValue: variant), SWL_REDUCE_MIN, SWL_REDUCE_I8, &shape, input, &output, 0, 2)
    #expect(output[1] == input[length...].min())
  }
}
