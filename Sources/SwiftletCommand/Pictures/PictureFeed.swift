import ModelFormat
import Swiftlet
import Vision

/// Fills a model's input from pictures with a stated preprocessing.
struct PictureFeed {
  let tensor: TensorDescription
  let width: Int
  let height: Int
  let preprocessing: PicturePreprocessing
  private let isChannelsFirst: Bool
  /// The bytes of each sample value, by channel.
  private let table: [[[UInt8]]]

  /// `nil` for an input that takes no picture: expected [1,height,width,channels], [1,channels,height,width] or
  /// [1,height,width], of float32, int8 or uint8, with 1 or 3 channels.
  ///
  /// - Parameter preprocessing: `nil` for what `swiftlet run` does: gray where there is one channel, 8-bit inputs take
  ///   the samples as they are (int8: less 128), float inputs a 255th of them.
  init?(_ tensor: TensorDescription, preprocessing: PicturePreprocessing?) {
    let shape = tensor.shape.dimensions
    guard [.uint8, .int8, .float32].contains(tensor.type), shape.count == 3 || shape.count == 4, shape[0] == 1,
      shape.allSatisfy({ $0 >= 1 && $0 < 1 << 15 })
    else { return nil }
    let last = shape.count == 3 ? 1 : shape[3]
    isChannelsFirst = last != 1 && last != 3
    let channels = isChannelsFirst ? shape[1] : last
    guard channels == 1 || channels == 3 else { return nil }
    (height, width) = isChannelsFirst ? (shape[2], shape[3]) : (shape[1], shape[2])
    var rule = preprocessing ?? PicturePreprocessing()
    if channels == 1, rule.mean.count == 1, rule.deviation.count == 1 { rule.colors = .gray }
    guard rule.colors.channels == channels, rule.fit != .pad || width == height else { return nil }
    self.tensor = tensor
    self.preprocessing = rule
    table = (0..<channels).map { channel in
      (UInt8.min...UInt8.max).map { (sample: UInt8) -> [UInt8] in
        let isPlain = preprocessing == nil && tensor.type != .float32
        return isPlain
          ? [tensor.type == .int8 ? sample ^ 0x80 : sample]
          : Self.bytes(rule.value(ofSample: sample, channel: channel), for: tensor)
      }
    }
  }

  private static func bytes(_ real: Double, for tensor: TensorDescription) -> [UInt8] {
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

  /// The bytes of the input for `image`.
  func bytes(of image: Image) -> [UInt8] {
    let samples = preprocessing.samples(of: image, width: width, height: height)
    let channels = table.count
    var bytes: [UInt8] = []
    bytes.reserveCapacity(samples.count * table[0][0].count)
    if isChannelsFirst {
      for channel in 0..<channels {
        for index in stride(from: channel, to: samples.count, by: channels) {
          bytes += table[channel][Int(samples[index])]
        }
      }
    } else {
      for (index, sample) in samples.enumerated() { bytes += table[index % channels][Int(sample)] }
    }
    return bytes
  }

  /// A box of the input, 0...1 on both axes, in pixels of `image`.
  func box(_ box: Box, in image: Image) -> Box {
    preprocessing.pictureCoordinates(
      of: box, width: image.width, height: image.height, inputRatio: Float(width) / Float(height))
  }
}
