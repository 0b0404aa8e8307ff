import CKernels
import Testing

@Suite struct PoolKernelTests {
  static let geometries: [(filter: Int, stride: Int, pad: Int)] = [
    (1, 1, 0), (2, 2, 0), (3, 1, 1), (3, 2, 1), (5, 3, 2),
  ]

  @Test(arguments: ReduceKernelTests.variants.map(\.rawValue), [1, 3, 16, 33, 129])
  func averagesOfBytesAreExactOnEveryVariant(variant: UInt32, channels: Int) {
    for geometry in Self.geometries {
      let size = 7
      let out = (size + 2 * geometry.pad - geometry.filter) / geometry.stride + 1
      var parameters = swl_pool_params(
        in_height: size, in_width: size, channels: channels, out_height: out, out_width: out,
        filter_height: geometry.filter, filter_width: geometry.filter, stride_height: geometry.stride,
        stride_width: geometry.stride, pad_top: geometry.pad, pad_left: geometry.pad)
      let input: [Int8] = (0..<size * size * channels).map { Int8(truncatingIfNeeded: $0 &* 91 &+ 5) }
      var average = Array(repeating: Int8(77), count: out * out * channels + 1)
      var maximum = average
      unsafe swl_i8_average_pool(swl_isa(rawValue: variant), &parameters, input, &average, 0, out, -128, 127)
      unsafe swl_i8_max_pool(swl_isa(rawValue: variant), &parameters, input, &maximum, 0, out, -100, 100)
      for index in 0..<out * out * channels {
        let cells = cells(of: index, in: input, geometry, size: size, out: out, channels: channels)
        let sum = cells.reduce(0, +)
        let half = sum > 0 ? cells.count / 2 : -(cells.count / 2)
        #expect(Int(average[index]) == (sum + half) / cells.count)
        let largest = cells.max() ?? 0
        #expect(Int(maximum[index]) == min(max(largest, -100), 100))
      }
      #expect(average.last == 77 && maximum.last == 77)
    }
  }

  /// The elements of the window of output `index` that lie inside the picture.
  private func cells(
    of index: Int, in input: [Int8], _ geometry: (filter: Int, stride: Int, pad: Int), size: Int, out: Int,
    channels: Int
  ) -> [Int] {
    let channel = index % channels
    let top = index / channels / out * geometry.stride - geometry.pad
    let left = index / channels % out * geometry.stride - geometry.pad
    var cells: [Int] = []
    for row in max(top, 0)..<min(top + geometry.filter, size) {
      for column in max(left, 0)..<min(left + geometry.filter, size) {
        let position = (row * size + column) * channels + channel
        cells.append(Int(input[position]))
      }
    }
    return cells
  }

  @Test(arguments: ReduceKernelTests.variants.map(\.rawValue)) func averagesOfFloatsDoNotDependOnTheVariant(
    variant: UInt32
  ) {
    var parameters = swl_pool_params(
      in_height: 9, in_width: 9, channels: 37, out_height: 9, out_width: 9, filter_height: 3, filter_width: 3,
      stride_height: 1, stride_width: 1, pad_top: 1, pad_left: 1)
    let input: [Float] = (0..<2997).map { (index: Int) -> Float in Float((index &* 7919) % 1000) * 0.37 - 180 }
    var base = Array(repeating: Float(0), count: 9 * 9 * 37)
    var other = base
    unsafe swl_f32_average_pool(SWL_ISA_SCALAR, &parameters, input, &base, 0, 9, -.infinity, .infinity)
    unsafe swl_f32_average_pool(swl_isa(rawValue: variant), &parameters, input, &other, 0, 9, -.infinity, .infinity)
    #expect(base == other)
  }
}
