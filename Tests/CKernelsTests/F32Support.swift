import CKernels
import Testing

/// What the float32 suites share: inputs, an independent reference and the comparison.
enum F32 {
  /// Every instruction set that this machine can run.
  static let runnable: [swl_isa] = (0..<UInt32(SWL_ISA_COUNT)).map { swl_isa(rawValue: $0) }.filter(swl_isa_runnable)

  /// Numbers between -1 and 1 without a pattern that sums could hide behind.
  static func numbers(_ count: Int, seed: UInt32) -> [Float] {
    var state = seed &* 2_654_435_761 &+ 12345
    return (0..<count).map { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      return Float(Int32(bitPattern: state)) / 2_147_483_648
    }
  }

  /// The largest float32 error that a variant may have against the fused sum of `terms` products of such numbers. Only
  /// SSE4.1 rounds its products; all others return the same bits.
  static func tolerance(_ isa: swl_isa, terms: Int) -> Float {
    isa == SWL_ISA_SSE41 ? Float(terms + 1) * Float(terms + 1) * 0x1p-24 : 0
  }

  static func largestDifference(_ a: [Float], _ b: [Float]) -> Float {
    guard a.count == b.count else { return .infinity }
    return zip(a, b).reduce(0) { $1.0.isNaN || $1.1.isNaN ? .infinity : max($0, abs($1.0 - $1.1)) }
  }

  static func clamp(_ value: Float, _ minimum: Float, _ maximum: Float) -> Float {
    value < minimum ? minimum : value > maximum ? maximum : value
  }
}

/// A convolution with its parameters in Swift's names; also a depthwise one.
struct F32Convolution: Sendable, CustomTestStringConvertible {
  var height = 7
  var width = 9
  var channels = 3
  var filters = 5
  var kernel = (height: 3, width: 3)
  var stride = (height: 1, width: 1)
  var dilation = (height: 1, width: 1)
  /// Rows and columns of zeros around the input.
  var padding = (top: 1, left: 1, bottom: 1, right: 1)
  var groups = 1
  var batches = 1
  var limits: ClosedRange<Float> = -1...1.5
  var bfloat16 = false

  var outputHeight: Int {
    Self.outputs(height + padding.top + padding.bottom, kernel.height, stride.height, dilation.height)
  }
  var outputWidth: Int {
    Self.outputs(width + padding.left + padding.right, kernel.width, stride.width, dilation.width)
  }
  var rows: Int { batches * outputHeight }
  var inputCount: Int { batches * height * width * channels }
  var outputCount: Int { rows * outputWidth * filters }

  static func outputs(_ size: Int, _ kernel: Int, _ stride: Int, _ dilation: Int) -> Int {
    (size - (kernel - 1) * dilation - 1) / stride + 1
  }

  var testDescription: String {
    """
    \(batches)x\(height)x\(width)x\(channels) to \(filters), kernel \(kernel), stride \(stride), dilation \(dilation), \
    padding \(padding), groups \(groups)
    """
  }

  var parameters: swl_f32_conv_params {
    swl_f32_conv_params(
      batches: batches, in_height: height, in_width: width, in_channels: channels, out_height: outputHeight,
      out_width: outputWidth, out_channels: filters, kernel_height: kernel.height, kernel_width: kernel.width,
      stride_height: stride.height, stride_width: stride.width, dilation_height: dilation.height,
      dilation_width: dilation.width, pad_top: padding.top, pad_left: padding.left, groups: groups,
      minimum: limits.lowerBound, maximum: limits.upperBound, weight_bits: 8, weight_block: 0, output_row: 0,
      output_pixel: 0, bfloat16: bfloat16)
  }

  /// Sums over the taps inside the input in the documented order: by rows, or by columns. `weight` gives the weight of a filter at kernel row,
  /// kernel column and channel of its group.
  func reference(
    _ input: [Float], bias: [Float], groups: Int, byColumns: Bool = false,
    weight: (_ filter: Int, _ y: Int, _ x: Int, _ channel: Int) -> Float
  ) -> [Float] {
    let groupIn = channels / groups
    let groupOut = filters / groups
    var output: [Float] = []
    for row in 0..<rows {
      for column in 0..<outputWidth {
        for filter in 0..<filters {
          var sum = bias[filter]
          for outer in 0..<(byColumns ? kernel.width : kernel.height) {
            for inner in 0..<(byColumns ? kernel.height : kernel.width) {
              let (ky, kx) = byColumns ? (inner, outer) : (outer, inner)
              let y = row % outputHeight * stride.height + ky * dilation.height - padding.top
              let x = column * stride.width + kx * dilation.width - padding.left
              guard (0..<height).contains(y), (0..<width).contains(x) else { continue }
              let pixel = ((row / outputHeight * height + y) * width + x) * channels + filter / groupOut * groupIn
              for channel in 0..<groupIn { sum.addProduct(input[pixel + channel], weight(filter, ky, kx, channel)) }
            }
          }
          output.append(F32.clamp(sum, limits.lowerBound, limits.upperBound))
        }
      }
    }
    return output
  }
}

/// Calls `body` with a copy of `values` that stands at an odd address, as weights in a mapped file may.
func withOddAddress<Element: BitwiseCopyable>(_ values: [Element], _ body: (UnsafeRawPointer) -> Void) {
  let size = values.count * MemoryLayout<Element>.stride
  let block = UnsafeMutableRawPointer.allocate(byteCount: size + 1, alignment: 64)
  defer { unsafe block.deallocate() }
  unsafe values.withUnsafeBytes { bytes in
    for unsafe(index, byte) in unsafe bytes.enumerated() {
      unsafe block.storeBytes(of: byte, toByteOffset: index + 1, as: UInt8.self)
    }
  }
  unsafe body(UnsafeRawPointer(block + 1))
}

extension F32Convolution {
  enum Family { case ordinary, depthwise }

  /// Packs and runs in the given parts of the output rows. Packed weights, scratch and output end in sentinels, the
  /// input in NaN; `nil` when a sentinel was overwritten.
  func run(
    _ family: Family, _ isa: swl_isa, input: [Float], weights: [Float], bias: [Float]?, parts: Int = 1
  ) -> [Float]? {
    let sentinel: Float = 12345.625
    var parameters = parameters
    let (packedBytes, scratchBytes) =
      switch family {
      case .ordinary:
        unsafe (swl_f32_conv_packed_bytes(isa, &parameters), swl_f32_conv_scratch_bytes(isa, &parameters))
      case .depthwise:
        unsafe (swl_f32_depthwise_packed_bytes(isa, &parameters), swl_f32_depthwise_scratch_bytes(isa, &parameters))
      }
    var packed = [Float](repeating: sentinel, count: packedBytes / 4 + 1)
    unsafe withOddAddress(weights) { weights in
      switch family {
      case .ordinary: unsafe swl_f32_conv_pack(isa, &parameters, weights, bias, &packed)
      case .depthwise: unsafe swl_f32_depthwise_pack(isa, &parameters, weights, bias, &packed)
      }
    }
    let guarded = input + [.nan]
    var output = [Float](repeating: sentinel, count: outputCount + 1)
    for part in 0..<parts {
      var scratch = [Float](repeating: sentinel, count: scratchBytes / 4 + 1)
      let units = unsafe family == .ordinary ? swl_f32_conv_units(&parameters) : rows
      let (begin, end) = (units * part / parts, units * (part + 1) / parts)
      switch family {
      case .ordinary: unsafe swl_f32_conv(isa, &parameters, packed, guarded, &output, &scratch, begin, end)
      case .depthwise: unsafe swl_f32_depthwise(isa, &parameters, packed, guarded, &output, &scratch, begin, end)
      }
      guard scratch.last == sentinel else { return nil }
    }
    return packed.last == sentinel && output.removeLast() == sentinel ? output : nil
  }
}
