import Converter
import ModelFormat
import Vision

/// One sample for each picture of a folder, for models with one input.
struct PictureFolder: SampleSource {
  static let endings: Set<String> = ["jpg", "jpeg", "png", "bmp"]

  private let paths: [String]
  private let width: Int
  private let height: Int
  private let isChannelsFirst: Bool
  private let preprocessing: PicturePreprocessing

  /// - Parameter preprocessing: `nil` for RGB (gray where the input has one channel), a 255th of each sample.
  /// - Throws: `usage` for models that take no pictures, and for a preprocessing that does not fit.
  init(
    _ folder: String, _ paths: [String], _ inputs: [SampleInput], _ preprocessing: PicturePreprocessing?
  ) throws(CommandFailure) {
    let shape = inputs.first?.shape ?? []
    guard inputs.count == 1, inputs[0].type == .float32, shape.count == 4, shape[0] == 1,
      let layout = Self.layout(shape)
    else {
      let found = inputs.map { "\($0.type.name)\($0.shape.text)" }.joined(separator: ", ")
      throw CommandFailure(
        .usage, file: folder,
        "holds pictures, and the model takes \(found), expected float32[1,height,width,3] or [1,height,width,1]: give .npy arrays"
      )
    }
    var rule = preprocessing ?? PicturePreprocessing()
    if layout.channels == 1, rule.mean.count == 1, rule.deviation.count == 1 { rule.colors = .gray }
    guard rule.colors.channels == layout.channels else {
      throw CommandFailure(
        .usage, "--preprocess gives \(rule.colors.channels) channels, and the model takes \(layout.channels)")
    }
    guard rule.fit != .pad || layout.width == layout.height else {
      throw CommandFailure(.usage, "--preprocess fit=pad needs a square input, and the model takes \(shape.text)")
    }
    self.paths = paths
    self.preprocessing = rule
    (width, height, isChannelsFirst) = (layout.width, layout.height, layout.isChannelsFirst)
  }

  private static func layout(
    _ shape: [Int]
  ) -> (width: Int, height: Int, channels: Int, isChannelsFirst: Bool)? {
    guard shape.allSatisfy({ $0 >= 1 && $0 < 1 << 15 }) else { return nil }
    if [1, 3].contains(shape[3]) { return (shape[2], shape[1], shape[3], false) }
    return [1, 3].contains(shape[1]) ? (shape[3], shape[2], shape[1], true) : nil
  }

  var count: Int { paths.count }

  /// Samples of pictures are 0...255, whatever these ones hold.
  var inputRanges: [ClosedRange<Float>?] {
    var (low, high) = (Float.infinity, -Float.infinity)
    for channel in 0..<preprocessing.colors.channels {
      for sample: UInt8 in [0, 255] {
        let value = Float(preprocessing.value(ofSample: sample, channel: channel))
        (low, high) = (min(low, value), max(high, value))
      }
    }
    return [low...high]
  }

  func sample(_ index: Int) throws -> [[UInt8]] {
    let image = try PictureFile.read(paths[index])
    let values = ConstantBytes(elements: preprocessing.values(of: image, width: width, height: height))
    guard isChannelsFirst else { return [values.array] }
    let shape = [height, width, preprocessing.colors.channels]
    return [values.transposed(shape: shape, permutation: [2, 0, 1], elementBytes: 4).array]
  }
}
