import ModelFormat

/// The scales of fully connected weights (columns, depth) that are quantized by blocks of each row: a tensor of float16 or
/// float32 with `depth / blockSize` numbers for each column. Zero points have to be absent.
struct BlockwiseScales {
  private let bytes: ConstantView<UInt8>
  private let isWide: Bool
  private let count: Int

  init(_ node: Node, _ blockwise: Quantization.Blockwise, columns: Int, depth: Int) throws(PrepareError) {
    guard try node.input(1).rank == 2, depth > 0, depth % blockwise.blockSize == 0, blockwise.blockSize % 4 == 0 else {
      throw PrepareError(
        .quantizationInvalid, .input(1), field: "block size", found: .int(blockwise.blockSize), expected: .int(depth),
        remedy: "it must be a multiple of 4 that divides each row of the weights")
    }
    guard blockwise.zeroPointsTensor < 0 else {
      throw PrepareError(
        .quantizationInvalid, .input(1), field: "zero points of blocks", found: .int(blockwise.zeroPointsTensor),
        expected: .int(-1))
    }
    guard let scales = node.tensor(at: blockwise.scalesTensor), scales.type == .float16 || scales.type == .float32
    else {
      throw PrepareError(
        .quantizationInvalid, .input(1), field: "scales of blocks",
        found: .type(node.tensor(at: blockwise.scalesTensor)?.type ?? .int8), expected: .type(.float32))
    }
    let count = columns.multipliedSaturated(by: depth / blockwise.blockSize)
    guard scales.count == count, let bytes = node.constantBytes(scales), bytes.count >= scales.byteCount else {
      throw PrepareError(
        .quantizationInvalid, .input(1), field: "number of scales", found: .int(scales.count), expected: .int(count))
    }
    (self.bytes, self.count, isWide) = (bytes, count, scales.type == .float32)
    for index in 0..<count {
      let scale = value(index)
      guard scale.isFinite, scale > 0 else {
        throw PrepareError(.quantizationInvalid, .input(1), field: "scales of blocks", found: .float(scale))
      }
    }
  }

  var values: [Float] { (0..<count).map { value($0) } }

  private func value(_ index: Int) -> Float {
    isWide
      ? unsafe bytes.base.loadUnaligned(fromByteOffset: 4 * index, as: Float.self)
      : Self.widened(unsafe bytes.base.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self))
  }

  /// A float16 as float32; infinities and NaN become infinity.
  private static func widened(_ half: UInt16) -> Float {
    let (exponent, fraction) = (Int(half >> 10 & 31), Float(half & 1023))
    let magnitude: Float =
      exponent == 31
      ? .infinity
      : exponent == 0 ? fraction * 0x1p-24 : Float(sign: .plus, exponent: exponent - 25, significand: fraction + 1024)
    return half >> 15 == 0 ? magnitude : -magnitude
  }
}
