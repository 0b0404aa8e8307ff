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
    unsafe swl_i8_softmax(SWL_ISA_SCALAR, &table, [16, 0, 0], &output, 1, 3)
    // e / (e + 2) = 0.5761, 1 / (e + 2) = 0.2119; times 256, minus 128.
    #expect(output == [19, -74, -74])
  }

  @Test(arguments: ReduceKernelTests.variants.map(\.rawValue), [1, 15, 16, 129, 256, 257, 6000])
  func bytesDoNotDependOnTheVariant(variant: UInt32, depth: Int) {
    var table = swl_softmax_table()
    unsafe swl_softmax_prepare(&table, swl_multiplier(multiplier: 1 << 30, shift: 19), 255)
    let input = (0..<2 * depth).map { Int8(truncatingIfNeeded: $0 * 37 + $0 / 11) }
    var output = [Int8](repeating: 0, count: 2 * depth)
    unsafe swl_i8_softmax(swl_isa(rawValue: variant), &table, input, &output, 2, depth)
    let shifted = input.map { UInt8(bitPattern: $0) ^ 0x80 }
    var unsigned = [UInt8](repeating: 0, count: 2 * depth)
    unsafe swl_u8_softmax(swl_isa(rawValue: variant), &table, shifted, &unsigned, 2, depth)
    #expect(unsigned.map { Int8(bitPattern: $0 ^ 0x80) } == output)
    for row in 0..<2 {
      let elements = Array(input[row * depth..<(row + 1) * depth])
      let largest = Int(elements.max() ?? 0)
      let exponentials = elements.map { exponential(table, largest - Int($0)) }
      var sum: Int64 = 0
      for one in exponentials { sum += (Int64(one) + 2048) >> 12 }
      for index in 0..<depth {
        let exact = min(Double(exponentials[index]) / Double(sum) / 16 - 128, 127)
        #expect(abs(Double(output[row * depth + index]) - exact) <= 0.51)
      }
    }
  }

  private func exponential(_ table: swl_softmax_table, _ distance: Int) -> Int32 {
    unsafe withUnsafeBytes(of: table) { unsafe $0.load(fromByteOffset: 4 * distance, as: Int32.self) }
  }
}
