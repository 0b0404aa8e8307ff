import CKernels
import Testing

/// Layers on int16 with weights of 8, 4 and 2 bits: the scalar variant equals the definition, and every other one the scalar
/// variant, byte for byte.
@Suite struct WideConvTests {
  struct Layer: Sendable, CustomTestStringConvertible {
    var isDepthwise = false
    var height = 5
    var width = 6
    var channels = 7
    var filters = 9
    var kernel = 3
    var stride = 1
    var weightBits: UInt8 = 8
    /// Whether scales are multipliers of 15 bits.
    var hasShortScales = true
    /// Factor of the biases; large ones leave the range of int32.
    var biasFactor: Int64 = 1000
    /// Only the extremes of the types occur.
    var isExtreme = false

    var testDescription: String {
      """
      \(isDepthwise ? "depthwise" : "convolution") \(height)x\(width)x\(channels) to \(filters), kernel \(kernel), stride \
      \(stride), \(weightBits) bits, short scales \(hasShortScales), biases times \(biasFactor), extreme \(isExtreme)
      """
    }

    private var outputHeight: Int { (height + stride - 1) / stride }
    private var outputWidth: Int { (width + stride - 1) / stride }
    private var padding: Int { kernel / 2 }
    private var depth: Int { isDepthwise ? 1 : channels }

    private var parameters: swl_q8_layer {
      var layer = swl_q8_fully_connected(1, Int32(channels), Int32(filters))
      (layer.in_h, layer.in_w) = (Int32(height), Int32(width))
      (layer.out_h, layer.out_w) = (Int32(outputHeight), Int32(outputWidth))
      (layer.kernel_h, layer.kernel_w) = (Int32(kernel), Int32(kernel))
      (layer.stride_h, layer.stride_w) = (Int32(stride), Int32(stride))
      (layer.pad_top, layer.pad_left) = (Int32(padding), Int32(padding))
      (layer.minimum, layer.maximum) = (-30000, 31000)
      layer.is_wide = true
      layer.has_wide_bias = true
      layer.weight_bits = weightBits
      return layer
    }

    private func random(_ count: Int, _ seed: UInt64) -> [UInt64] {
      var state = seed
      return (0..<count).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state >> 33
      }
    }

    private var inputs: [Int16] {
      random(height * width * channels, 1).map {
        isExtreme ? ($0 % 2 == 0 ? .min : .max) : Int16(truncatingIfNeeded: $0)
      }
    }

    /// Stored bytes; weight `index` of them is `weight(index)`.
    private var weightBytes: [UInt8] {
      let count = (filters * kernel * kernel * depth * Int(weightBits) + 7) / 8
      return random(count, 2).map { isExtreme ? ($0 % 2 == 0 ? 0x80 : 0x7F) : UInt8(truncatingIfNeeded: $0) }
    }

    private func weight(_ bytes: [UInt8], _ index: Int) -> Int {
      let (bits, together) = (Int(weightBits), 8 / Int(weightBits))
      let field = Int(bytes[index / together]) >> (index % together * bits) & ((1 << bits) - 1)
      return field >= 1 << (bits - 1) ? field - 1 << bits : field
    }

    private var biases: [Int64] {
      (0..<filters).map { filter in
        let value = Int64(filter * 7919 % 20011)
        return (value - 10005) * biasFactor
      }
    }

    private var scales: [Double] {
      (0..<filters).map { filter in
        let multiplier: Int = 0x4000 + filter * 977 % 0x4000
        if hasShortScales { return Double(multiplier) * 0x1p-29 }
        let scale: Double = 0.00002 + Double(filter) * 1.7e-7
        return scale / Double(channels)
      }
    }

    func run(_ isa: swl_isa) -> [UInt8] {
      var layer = parameters
      let packedBytes = unsafe isDepthwise ? swl_q8_depthwise_packed_bytes : swl_q8_conv_packed_bytes
      let scratchBytes = unsafe isDepthwise ? swl_q8_depthwise_scratch_bytes : swl_q8_conv_scratch_bytes
      let unitCount = unsafe isDepthwise ? swl_q8_depthwise_units : swl_q8_conv_units
      let pack = unsafe isDepthwise ? swl_q8_depthwise_pack : swl_q8_conv_pack
      let run = unsafe isDepthwise ? swl_q8_depthwise_run : swl_q8_conv_run
      let packed = GuardedBytes(count: unsafe packedBytes(isa, &layer), aligned: true)
      let scratch = GuardedBytes(count: unsafe scratchBytes(isa, &layer), aligned: true)
      let input = GuardedBytes(unsafe inputs.withUnsafeBytes { unsafe [UInt8]($0) })
      let weights = GuardedBytes(weightBytes)
      let output = GuardedBytes(count: outputHeight * outputWidth * filters * 2)
      unsafe pack(isa, &layer, weights.base, biases, scales, packed.base)
      let units = unsafe unitCount(isa, &layer)
      unsafe run(isa, &layer, packed.base, input.base, output.base, scratch.base, units / 2, units)
      unsafe run(isa, &layer, packed.base, input.base, output.base, scratch.base, 0, units / 2)
      return output.bytes
    }

    /// The definition.
    func reference() -> [UInt8] {
      let (inputs, bytes, biases, scales) = (inputs, weightBytes, biases, scales)
      var result: [UInt8] = []
      for y in 0..<outputHeight {
        for x in 0..<outputWidth {
          for filter in 0..<filters {
            var sum = Int(biases[filter])
            for tap in 0..<kernel * kernel {
              let (row, column) = (y * stride + tap / kernel - padding, x * stride + tap % kernel - padding)
              guard (0..<height).contains(row), (0..<width).contains(column) else { continue }
              for channel in 0..<depth {
                let ordinary: Int = (filter * kernel * kernel + tap) * depth + channel
                let place: Int = isDepthwise ? tap * filters + filter : ordinary
                let source: Int = isDepthwise ? filter / (filters / channels) : channel
                let input = Int(inputs[(row * width + column) * channels + source])
                sum += input * weight(bytes, place)
              }
            }
            let value = (Double(sum) * scales[filter] + 0.5).rounded(.down)
            let word = UInt16(bitPattern: Int16(max(-30000, min(31000, value))))
            result += [UInt8(word & 255), UInt8(word >> 8)]
          }
        }
      }
      return result
    }
  }

  private func check(_ layer: Layer, _ isa: swl_isa) {
    #expect(layer.run(isa) == (isa == SWL_ISA_SCALAR ? layer.reference() : layer.run(SWL_ISA_SCALAR)), "\(layer)")
  }

  @Test(arguments: Q8Layer.runnable, [1, 3, 8, 9, 16, 17, 33, 70]) func convolvesAtEveryWidth(
    isa: swl_isa, filters: Int
  ) {
    for bits: UInt8 in [8, 4, 2] {
      for kernel in [1, 3] {
        check(Layer(filters: filters, kernel: kernel, stride: kernel / 2 + 1, weightBits: bits), isa)
      }
    }
  }

  @Test(arguments: Q8Layer.runnable, [1, 2, 5, 16, 17, 40, 67, 130]) func convolvesByChannel(
    isa: swl_isa, channels: Int
  ) {
    for bits: UInt8 in [8, 4, 2] {
      for (multiplier, stride, kernel) in [(1, 1, 3), (1, 2, 3), (2, 1, 3), (1, 1, 5)] {
        let layer = Layer(
          isDepthwise: true, channels: channels, filters: channels * multiplier, kernel: kernel, stride: stride,
          weightBits: bits)
        check(layer, isa)
      }
    }
  }

  @Test(arguments: Q8Layer.runnable, [false, true]) func sumsBeyond32BitsAreExact(isa: swl_isa, hasShortScales: Bool) {
    for depth in [100, 511, 512, 513, 1030, 2000] {
      let layer = Layer(
        height: 3, width: 2, channels: depth, filters: 18, kernel: 1, hasShortScales: hasShortScales, isExtreme: true)
      check(layer, isa)
    }
    check(Layer(height: 9, width: 3, channels: 200, filters: 5, hasShortScales: false, isExtreme: true), isa)
  }

  @Test(arguments: Q8Layer.runnable, [false, true]) func biasesBeyond32BitsAreExact(isa: swl_isa, isDepthwise: Bool) {
    for factor: Int64 in [1, 200_000, 1_000_000, 1_000_000_000] {
      for hasShortScales in [false, true] {
        check(
          Layer(
            isDepthwise: isDepthwise, channels: 9, filters: 9, hasShortScales: hasShortScales, biasFactor: factor), isa)
      }
    }
  }
}
