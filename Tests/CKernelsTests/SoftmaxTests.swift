import CKernels
import Testing

@Suite struct SoftmaxKernelTests {
  @Test(arguments: ReduceKernelTests.variants.map(\.rawValue), [1, 2, 15, 16, 17, 64, 1001])
  func floatsDoNotDependOnTheVariant(variant: UInt32, depth: Int) {
    let input: [Float] = (0..<2 * depth).map { (index: Int) -> Float in Float((index &* 7919) % 1000) * 0.04 - 20 }
    var base = Array(repeating: Float(-7), count: 2 * depth + 1)
    var other = base
    unsafe swl_f32_softmax(SWL_ISA_SCALAR, input, &base, 2, depth, 1)
    unsafe swl_f32_softmax(swl_isa(rawValue: variant), input, &other, 2, depth, 1)
    #expect(base == other)
    #expect(base[2 * depth] == -7)
    let sum = base[..<depth].reduce(0.0) { $0 + Double($1) }
    #expect(abs(sum - 1) < 1e-5)
  }

  @Test func bytesStandForProbabilities() {
    var table = swl_softmax_table()
    // Scale 1/16: 2^26 / 16 = 2^22.
    unsafe swl_softmax_prepare(&table, swl_multiplier(multiplier: 1 << 30, shift: 23), 255)
    var output = Array(repeating: Int8(0), count: 3)
    unsafe swl_i8_softmax(&table, [16, 0, 0], &output, 1, 3)
    // e / (e + 2) = 0.5761, 1 / (e + 2) = 0.2119; times 256, minus 128.
    #expect(output == [19, -74, -74])
  }
}
