import CKernels
import Glibc
import Testing

/// Memory whose last byte stands before a page that may not be touched.
@safe final class GuardedBytes {
  let base: UnsafeMutableRawPointer
  let count: Int
  private let mapping: UnsafeMutableRawPointer
  private let mappedCount: Int

  /// With `aligned` the start is a multiple of 64, and the guard up to 63 bytes behind the end.
  init(count: Int, aligned: Bool = false) {
    let page = 4096
    let used = aligned ? (count + 63) & ~63 : count
    let body = (used + page - 1) / page * page
    mappedCount = body + page
    let mapped = unsafe mmap(nil, mappedCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let mapped = unsafe mapped, unsafe mapped != MAP_FAILED else { fatalError("no memory for a test") }
    unsafe mprotect(mapped + body, page, PROT_NONE)
    unsafe mapping = mapped
    unsafe base = mapped + (body - used)
    self.count = count
    unsafe base.initializeMemory(as: UInt8.self, repeating: 0xA5, count: used)
  }

  convenience init(_ bytes: [UInt8]) {
    self.init(count: bytes.count)
    unsafe bytes.withUnsafeBytes {
      unsafe base.copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(base), byteCount: $0.count)
    }
  }

  deinit { unsafe munmap(mapping, mappedCount) }

  var bytes: [UInt8] { unsafe [UInt8](UnsafeRawBufferPointer(start: base, count: count)) }
}

/// One 8-bit layer with its data, run by a variant or by a plain reference.
struct Q8Layer: Sendable, CustomTestStringConvertible {
  static let runnable: [swl_isa] = (0..<UInt32(SWL_ISA_COUNT)).map { swl_isa(rawValue: $0) }.filter(swl_isa_runnable)

  var isDepthwise = false
  var batch = 1
  var input = (height: 5, width: 6, channels: 8)
  var filters = 8
  var kernel = (height: 1, width: 1)
  var stride = (height: 1, width: 1)
  var dilation = (height: 1, width: 1)
  var padding = (top: 0, left: 0, bottom: 0, right: 0)
  var groups = 1
  var isUnsigned = false
  /// Offsets from the lowest number of the type.
  var zeroPoints = (input: 131, weight: 128, output: 117)
  var limits = 0...255
  var hasBias = true
  /// The multiplier of the first channel; the others are near it.
  var scale: Float = 0.0007
  /// Only the extremes of the type occur.
  var isExtreme = false

  var outputHeight: Int {
    output(input.height + padding.top + padding.bottom, kernel.height, stride.height, dilation.height)
  }
  var outputWidth: Int {
    output(input.width + padding.left + padding.right, kernel.width, stride.width, dilation.width)
  }

  private func output(_ size: Int, _ kernel: Int, _ stride: Int, _ dilation: Int) -> Int {
    let extent = (kernel - 1) * dilation + 1
    return size < extent ? 0 : (size - extent) / stride + 1
  }

  private var lowest: Int { isUnsigned ? 0 : -128 }
  private var weightZeroPoint: Int { isUnsigned ? zeroPoints.weight : 0 }
  private var depth: Int { isDepthwise ? 1 : input.channels / groups }
  private var outputCount: Int { batch * outputHeight * outputWidth * filters }

  var parameters: swl_q8_layer {
    swl_q8_layer(
      batch: Int32(batch), in_h: Int32(input.height), in_w: Int32(input.width), in_c: Int32(input.channels),
      out_h: Int32(outputHeight), out_w: Int32(outputWidth), out_c: Int32(filters), kernel_h: Int32(kernel.height),
      kernel_w: Int32(kernel.width), stride_h: Int32(stride.height), stride_w: Int32(stride.width),
      dilation_h: Int32(dilation.height), dilation_w: Int32(dilation.width), pad_top: Int32(padding.top),
      pad_left: Int32(padding.left), groups: Int32(groups), input_zero_point: Int32(lowest + zeroPoints.input),
      weight_zero_point: Int32(weightZeroPoint), output_zero_point: Int32(lowest + zeroPoints.output),
      minimum: Int32(lowest + limits.lowerBound), maximum: Int32(lowest + limits.upperBound), is_unsigned: isUnsigned,
      is_wide: false, has_wide_bias: false, weight_bits: 8, output_row: 0, output_pixel: 0)
  }

  var testDescription: String {
    let kind = isDepthwise ? "depthwise" : "convolution"
    return """
      \(isUnsigned ? "uint8" : "int8") \(kind) \(batch)x\(input) to \(filters), kernel \(kernel), stride \(stride), \
      dilation \(dilation), padding \(padding), groups \(groups), zero points \(zeroPoints), limits \(limits)
      """
  }

  // MARK: Data

  private func values(_ count: Int, seed: UInt64) -> [UInt8] {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1
    return (0..<count).map { _ in
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      let byte = UInt8(truncatingIfNeeded: state >> 24)
      guard isExtreme else { return byte }
      return isUnsigned ? (byte < 128 ? 0 : 255) : (byte < 128 ? 0x80 : 0x7F)
    }
  }

  private var inputValues: [UInt8] { values(batch * input.height * input.width * input.channels, seed: 1) }
  private var weightValues: [UInt8] { values(filters * kernel.height * kernel.width * depth, seed: 2) }
  private var biasValues: [Int32] { (0..<filters).map { Int32($0 * 7919 % 20011 - 10005) } }
  private var scales: [Float] { (0..<filters).map { scale * (1 + Float($0 % 13) / 16) } }

  // MARK: Running

  /// Packs and runs on `isa`, the units in three ranges and the last ones first.
  func run(_ isa: swl_isa) -> [UInt8] {
    var layer = parameters
    let (packedCount, scratchCount, units) =
      isDepthwise
      ? unsafe (
        swl_q8_depthwise_packed_bytes(isa, &layer), swl_q8_depthwise_scratch_bytes(isa, &layer),
        swl_q8_depthwise_units(isa, &layer)
      )
      : unsafe (
        swl_q8_conv_packed_bytes(isa, &layer), swl_q8_conv_scratch_bytes(isa, &layer), swl_q8_conv_units(isa, &layer)
      )
    let packed = GuardedBytes(count: packedCount, aligned: true)
    let scratch = GuardedBytes(count: scratchCount, aligned: true)
    let (input, weights) = (GuardedBytes(inputValues), GuardedBytes(weightValues))
    let output = GuardedBytes(count: outputCount)
    let bias = GuardedBytes(unsafe biasValues.withUnsafeBytes { unsafe [UInt8]($0) })
    let pack = unsafe isDepthwise ? swl_q8_depthwise_pack : swl_q8_conv_pack
    let run = unsafe isDepthwise ? swl_q8_depthwise_run : swl_q8_conv_run
    unsafe scales.withUnsafeBufferPointer { scales in
      unsafe pack(isa, &layer, weights.base, hasBias ? bias.base : nil, scales.baseAddress, packed.base)
    }
    for range in [(units * 2 / 3, units), (0, units / 3), (units / 3, units * 2 / 3)] {
      unsafe run(isa, &layer, packed.base, input.base, output.base, scratch.base, range.0, range.1)
    }
    return output.bytes
  }

  /// What `isa` has to return: for the scalar variant the definition, for all others the scalar variant's bytes.
  func expected(_ isa: swl_isa) -> [UInt8] { isa == SWL_ISA_SCALAR ? reference() : run(SWL_ISA_SCALAR) }

  /// The definition, written without any of the kernels' means.
  func reference() -> [UInt8] {
    let (inputs, weights, bias, scales) = (inputValues, weightValues, biasValues, self.scales)
    func number(_ byte: UInt8) -> Int { isUnsigned ? Int(byte) : Int(Int8(bitPattern: byte)) }
    let groupFilters = filters / (isDepthwise ? input.channels : groups)
    var result: [UInt8] = []
    for row in 0..<(batch * outputHeight) {
      for column in 0..<outputWidth {
        for filter in 0..<filters {
          var sum = hasBias ? Int(bias[filter]) : 0
          for ky in 0..<kernel.height {
            for kx in 0..<kernel.width {
              let y = row % outputHeight * stride.height + ky * dilation.height - padding.top
              let x = column * stride.width + kx * dilation.width - padding.left
              guard (0..<input.height).contains(y), (0..<input.width).contains(x) else { continue }
              let pixel = ((row / outputHeight * input.height + y) * input.width + x) * input.channels
              for channel in 0..<depth {
                let tap = ky * kernel.width + kx
                let weight =
                  isDepthwise ? tap * filters + filter : (filter * kernel.height * kernel.width + tap) * depth + channel
                let a = number(inputs[pixel + filter / groupFilters * depth + channel]) - (lowest + zeroPoints.input)
                sum += a * (number(weights[weight]) - weightZeroPoint)
              }
            }
          }
          let product = Float(Int32(truncatingIfNeeded: sum)) * scales[filter]
          let rounded = product.rounded(.toNearestOrEven) + Float(lowest + zeroPoints.output)
          let limited = max(Float(lowest + limits.lowerBound), min(Float(lowest + limits.upperBound), rounded))
          result.append(UInt8(truncatingIfNeeded: Int(limited)))
        }
      }
    }
    return result
  }
}

/// Runs a test for int8 and for uint8 with weights around the middle, at the ends and beyond the reach of int8.
func forEachType(_ layer: Q8Layer, _ body: (Q8Layer) -> Void) {
  var layer = layer
  body(layer)
  layer.isUnsigned = true
  for weightZeroPoint in [128, 121, 0, 255] {
    layer.zeroPoints.weight = weightZeroPoint
    body(layer)
  }
}
