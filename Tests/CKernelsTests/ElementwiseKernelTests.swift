import CKernels
import Testing

/// Every instruction set against the scalar one, for lengths around the widths of its vectors, on the output's own
/// memory too, with a sentinel behind the end.
@Suite struct ElementwiseKernelTests {
  static let runnable: [swl_isa] = (0..<UInt32(SWL_ISA_COUNT)).map { swl_isa(rawValue: $0) }.filter(swl_isa_runnable)
  static let lengths = [0, 1, 3, 7, 8, 9, 15, 16, 17, 31, 33, 63, 64, 65, 100, 130, 1000]
  static let sentinel: UInt8 = 0xA5

  @Test(arguments: runnable, lengths) func looksUpEveryByte(isa: swl_isa, length: Int) {
    let table = (0..<256).map { UInt8(truncatingIfNeeded: $0 * 73 + 11) }
    let input = (0..<length).map { UInt8(truncatingIfNeeded: $0 * 101 + 7) }
    var output = [UInt8](repeating: Self.sentinel, count: length + 1)
    unsafe swl_lookup_u8(isa, table, input, &output, length)
    #expect(Array(output[..<length]) == input.map { table[Int($0)] })
    #expect(output[length] == Self.sentinel)
    var inPlace = input + [Self.sentinel]
    unsafe inPlace.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      unsafe swl_lookup_u8(isa, table, base, base, length)
    }
    #expect(inPlace == output)
  }

  @Test(arguments: runnable) func looksUpAllBytesInOrder(isa: swl_isa) {
    let table = (0..<256).map { UInt8(255 - $0) }
    var output = [UInt8](repeating: 0, count: 256)
    unsafe swl_lookup_u8(isa, table, (0..<256).map { UInt8($0) }, &output, 256)
    #expect(output == table)
  }

  private func flat(_ count: Int) -> swl_broadcast {
    unsafe [count, count].withUnsafeBufferPointer { unsafe swl_broadcast_make(1, 2, $0.baseAddress) }
  }

  private func bytes(_ count: Int, seed: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761 &+ seed) >> 7) }
  }

  @Test(arguments: runnable, lengths) func quantizedSumsAndProductsMatchScalar(isa: swl_isa, length: Int) {
    var shape = flat(length)
    var sum = swl_q8_sum_params(
      a: 1_500_000, b: length % 2 == 1 ? -1_073_741 : 1_073_741, bias: 1 << 20, shift: 21, output_offset: 7,
      minimum: -128, maximum: 120)
    var product = swl_q8_product_params(
      a_offset: 3, b_offset: -100, output_offset: 7, ratio: 0.0139, minimum: -135, maximum: 113)
    let (a, b) = (bytes(length, seed: 1), bytes(length, seed: 999))
    for type in [SWL_I8, SWL_U8] {
      let lowest: Int32 = type == SWL_I8 ? -128 : 0
      sum.minimum = lowest
      product.minimum = Float(lowest - product.output_offset)
      func run(_ isa: swl_isa) -> [[UInt8]] {
        var outputs = [[UInt8]](repeating: [UInt8](repeating: Self.sentinel, count: length + 1), count: 2)
        unsafe swl_q8_sum(isa, type, &shape, &sum, a, b, &outputs[0], 0, length)
        unsafe swl_q8_product(isa, type, &shape, &product, a, b, &outputs[1], 0, length)
        return outputs
      }
      let found = run(isa)
      #expect(found == run(SWL_ISA_SCALAR))
      #expect(found.allSatisfy { $0[length] == Self.sentinel })
    }
  }

  @Test(arguments: runnable, lengths) func floatFunctionsMatchScalarInEveryBit(isa: swl_isa, length: Int) {
    let input = (0..<length).map { Float($0 * 37 % 201) / 10 - 10 }
    for raw in 0...SWL_UNARY_SIGN.rawValue {
      let function = swl_unary(op: swl_unary_op(rawValue: raw), p: -0.5, q: 2)
      func run(_ isa: swl_isa) -> [UInt32] {
        var output = input + [12345]
        unsafe output.withUnsafeMutableBufferPointer { buffer in
          guard let base = buffer.baseAddress else { return }
          unsafe swl_f32_unary(isa, function, base, base, length)
        }
        return output.map { $0.isNaN ? 0x7FC0_0000 : $0.bitPattern }
      }
      #expect(run(isa) == run(SWL_ISA_SCALAR), "function \(raw)")
      #expect(run(isa).last == Float(12345).bitPattern)
    }
  }

  @Test(arguments: runnable, lengths) func conversionsMatchScalar(isa: swl_isa, length: Int) {
    let input = (0..<length).map { Float($0 * 37 % 2001) / 8 - 120 }
    let wide = (0..<length).map { Int16(truncatingIfNeeded: $0 &* 40503) }
    var rescale = swl_requantize_params(
      multiplier: swl_multiplier(multiplier: 1_600_000_000, shift: -5), input_zero_point: 9, output_zero_point: -3,
      minimum: -128, maximum: 127)
    let parameters = swl_quantize_params(scale: 0.75, zero_point: 5, minimum: -128, maximum: 127)
    func run(_ isa: swl_isa) -> [[UInt8]] {
      var outputs = [[UInt8]](repeating: [UInt8](repeating: Self.sentinel, count: length + 1), count: 2)
      unsafe swl_quantize_f32(isa, 1, parameters, input, &outputs[0], length)
      unsafe swl_requantize(isa, 2, 1, &rescale, wide, &outputs[1], length)
      return outputs
    }
    let found = run(isa)
    #expect(found == run(SWL_ISA_SCALAR))
    #expect(found.allSatisfy { $0[length] == Self.sentinel })
  }
}
