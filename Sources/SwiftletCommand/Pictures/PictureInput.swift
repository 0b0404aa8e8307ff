import ModelFormat
import Swiftlet
import Vision

/// How the pixels of a picture become the values of an input.
struct PixelNormalization: Equatable {
  /// `real = (pixel - mean) / deviation`, pixels being 0...255.
  let mean: Double
  let deviation: Double
}

/// An input of a model that takes a picture: [1,height,width,3], [1,height,width,1] or [1,height,width].
struct PictureInput {
  let tensor: TensorDescription
  let width: Int
  let height: Int
  let isGray: Bool
  /// `nil` gives 8-bit inputs the pixels as they are (int8: less 128) and floats a 255th of them.
  let normalization: PixelNormalization?

  /// `nil` for an input of another shape or type.
  init?(_ tensor: TensorDescription, normalization: PixelNormalization?) {
    let shape = tensor.shape
    guard [.uint8, .int8, .float32].contains(tensor.type), shape.rank == 3 || shape.rank == 4, shape[0] == 1,
      shape[1] >= 1, shape[2] >= 1, shape[1] < 1 << 15, shape[2] < 1 << 15,
      shape.rank == 3 || shape[3] == 1 || shape[3] == 3
    else { return nil }
    self.tensor = tensor
    (height, width) = (shape[1], shape[2])
    isGray = shape.rank == 3 || shape[3] == 1
    self.normalization = normalization
  }

  /// The bytes of the input for `image`, resized as a whole with Pillow's bilinear filter unless it has the right size.
  func bytes(of image: Image) -> [UInt8] {
    let pixels =
      isGray
      ? image.gray().resized(width: width, height: height).pixels
      : image.resized(width: width, height: height).pixels
    return bytes(ofPixels: pixels)
  }

  /// The bytes of the input for pixels in its size and number of channels.
  func bytes(ofPixels pixels: [UInt8]) -> [UInt8] {
    if normalization == nil, tensor.type == .uint8 { return pixels }
    let table = (0...255).map { self.bytes(ofPixel: UInt8($0)) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(pixels.count * table[0].count)
    for pixel in pixels { bytes += table[Int(pixel)] }
    return bytes
  }

  private func bytes(ofPixel pixel: UInt8) -> [UInt8] {
    if normalization == nil, tensor.type == .int8 { return [pixel ^ 0x80] }
    let rule = normalization ?? PixelNormalization(mean: 0, deviation: 255)
    let real = (Double(pixel) - rule.mean) / rule.deviation
    guard tensor.type != .float32 else {
      let bits = Float(real).bitPattern
      return (0..<4).map { UInt8(truncatingIfNeeded: bits >> (8 * $0)) }
    }
    let scale = Double(tensor.quantization?.scales.first ?? 1)
    let zeroPoint = Double(tensor.quantization?.zeroPoints.first ?? 0)
    let stored = (real / scale + zeroPoint).rounded()
    return tensor.type == .uint8
      ? [UInt8(max(0, min(255, stored)))] : [UInt8(bitPattern: Int8(max(-128, min(127, stored))))]
  }
}
