import CKernels
import Testing

@Suite struct ResizeKernelTests {
  /// Two rows and columns between which every output cell lies.
  private static func taps(_ count: Int) -> [swl_resize_tap] {
    (0..<count).map {
      swl_resize_tap(lower: 0, upper: 1, fraction: Int32($0 * 1024 / count), real: Float($0) / Float(count))
    }
  }

  @Test(arguments: ReduceKernelTests.variants.map(\.rawValue), [1, 3, 16, 21, 40])
  func everyVariantGivesTheSamePicture(variant: UInt32, channels: Int) {
    var parameters = swl_resize_params(
      in_height: 2, in_width: 2, channels: channels, out_height: 5, out_width: 7)
    let (rows, columns) = (Self.taps(5), Self.taps(7))
    let bytes = (0..<4 * channels).map { UInt8(truncatingIfNeeded: $0 &* 77) }
    let signed = bytes.map { Int8(bitPattern: $0) }
    let floats = bytes.map { Float($0) * 0.31 }
    var results: [([UInt8], [Int8], [Float])] = []
    for isa in [SWL_ISA_SCALAR, swl_isa(rawValue: variant)] {
      var result = (
        Array(repeating: UInt8(9), count: 35 * channels + 1), Array(repeating: Int8(9), count: 35 * channels + 1),
        Array(repeating: Float(9), count: 35 * channels + 1)
      )
      unsafe swl_u8_resize_bilinear(isa, &parameters, rows, columns, bytes, &result.0, 0, 5)
      unsafe swl_i8_resize_bilinear(isa, &parameters, rows, columns, signed, &result.1, 0, 5)
      unsafe swl_f32_resize_bilinear(isa, &parameters, rows, columns, floats, &result.2, 0, 5)
      results.append(result)
    }
    #expect(results[0].0 == results[1].0 && results[0].1 == results[1].1 && results[0].2 == results[1].2)
    #expect(results[0].0.last == 9 && results[0].1.last == 9 && results[0].2.last == 9)
    #expect(Array(results[0].0[..<channels]) == Array(bytes[..<channels]))
  }
}
