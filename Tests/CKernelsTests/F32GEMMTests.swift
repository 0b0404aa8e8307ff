import CKernels
import Testing

@Suite struct F32GEMMTests {
  static let sizes: [(rows: Int, depth: Int, columns: Int)] = [
    (1, 1, 1), (1, 7, 8), (1, 64, 100), (2, 3, 9), (5, 16, 16), (6, 5, 17), (7, 9, 24), (8, 8, 25), (9, 31, 31),
    (12, 4, 32), (13, 1, 33), (17, 20, 63), (3, 0, 4), (300, 130, 40),
  ]

  @Test(arguments: F32.runnable, sizes)
  func matchesReference(isa: swl_isa, size: (rows: Int, depth: Int, columns: Int)) {
    let input = F32.numbers(size.rows * size.depth, seed: 9)
    let weights = F32.numbers(size.columns * size.depth, seed: 10)
    let bias = F32.numbers(size.columns, seed: 11)
    for depthMajor in [false, true] {
      var expected: [Float] = []
      for row in 0..<size.rows {
        for column in 0..<size.columns {
          var sum = bias[column]
          for k in 0..<size.depth {
            let weight = weights[depthMajor ? k * size.columns + column : column * size.depth + k]
            sum.addProduct(input[row * size.depth + k], weight)
          }
          expected.append(F32.clamp(sum, -2, 3))
        }
      }
      for parts in [1, 2] {
        let found = Self.run(
          isa, size, input: input, weights: weights, bias: bias, depthMajor: depthMajor, parts: parts)
        #expect(F32.largestDifference(found, expected) <= F32.tolerance(isa, terms: size.depth), "\(parts) parts")
      }
    }
  }

  /// Splits the rows into `parts`, and the columns too where they exceed a panel.
  static func run(
    _ isa: swl_isa, _ size: (rows: Int, depth: Int, columns: Int), input: [Float], weights: [Float], bias: [Float],
    depthMajor: Bool, parts: Int
  ) -> [Float] {
    let sentinel: Float = 777.5
    var parameters = swl_f32_gemm_params(
      depth: size.depth, columns: size.columns, weights_depth_major: depthMajor, minimum: -2, maximum: 3)
    let packedCount = unsafe swl_f32_gemm_packed_bytes(isa, &parameters) / 4
    var packed = [Float](repeating: sentinel, count: packedCount + 1)
    var output = [Float](repeating: sentinel, count: size.rows * size.columns + 1)
    unsafe swl_f32_gemm_pack(isa, &parameters, weights, bias, &packed)
    let step = swl_f32_gemm_column_step(isa)
    let cut = parts > 1 && size.columns > step ? step : size.columns
    for part in 0..<parts {
      let (begin, end) = (size.rows * part / parts, size.rows * (part + 1) / parts)
      unsafe swl_f32_gemm(isa, &parameters, packed, input + [.nan], &output, begin, end, 0, cut)
      if cut < size.columns {
        unsafe swl_f32_gemm(isa, &parameters, packed, input + [.nan], &output, begin, end, cut, size.columns)
      }
    }
    return packed[packedCount] == sentinel && output.removeLast() == sentinel ? output : []
  }
}
