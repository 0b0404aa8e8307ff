internal import CFloatLayers
internal import ModelFormat

/// Sums and products of what the outputs of a layer with weights are computed from: its windows, one after the other.
///
/// A convolution and a fully connected layer have one matrix of products, a depthwise convolution one for each channel.
struct InputMoments: Sendable {
  /// Numbers that one output is the weighted sum of.
  let depth: Int
  /// 1, or the channels of a depthwise convolution.
  let channels: Int
  private(set) var count = 0
  /// (depth, depth, channels), of which the lower triangle counts.
  private var products: [Float]
  /// (depth, channels).
  private var sums: [Double]

  /// Layers with more inputs than this keep no moments: memory grows with the square.
  static let largestDepth = 1536
  /// Multiplications for one layer and sample, by which windows are left out.
  private static let largestCost = 1 << 27
  private static let largestCount = 1024

  init(depth: Int, channels: Int) {
    (self.depth, self.channels) = (depth, channels)
    products = Array(repeating: 0, count: depth * depth * channels)
    sums = Array(repeating: 0, count: depth * channels)
  }

  /// How many windows of a sample are looked at.
  static func windowLimit(depth: Int, channels: Int) -> Int {
    max(16, min(largestCount, largestCost / (depth * depth * channels)))
  }

  /// Adds `count` windows: (count, depth), or (count, depth, channels) for depthwise convolutions.
  mutating func add(_ windows: UnsafePointer<Float>, count: Int, isDepthwise: Bool) {
    self.count += count
    if isDepthwise {
      unsafe swl_add_channel_moments(windows, count, depth, channels, &products, &sums)
    } else {
      unsafe swl_add_moments(windows, count, depth, &products, &sums)
    }
  }

  /// The mean of each number of a channel's windows.
  func means(_ channel: Int) -> [Double] {
    (0..<depth).map { count == 0 ? 0 : sums[$0 * channels + channel] / Double(count) }
  }

  /// The share of the mean square that is added to each, so that what few samples had in common is no law.
  private static let damping = 0.1

  /// The factor of a channel's damped moments, as `swl_factor_moments` gives it; `nil` where nothing but zeros or something
  /// infinite was seen.
  ///
  /// - Parameter isCentered: whether means are taken off, which a bias makes up for.
  func factor(_ channel: Int, isCentered: Bool) -> [Double]? {
    guard count > 0 else { return nil }
    let means = isCentered ? means(channel) : Array(repeating: 0, count: depth)
    var result = [Double](repeating: 0, count: depth * depth)
    var trace = 0.0
    for row in 0..<depth {
      for column in 0...row {
        let product = Double(products[(row * depth + column) * channels + channel]) / Double(count)
        result[row * depth + column] = product - means[row] * means[column]
      }
      trace += result[row * depth + row]
    }
    guard trace.isFinite, trace > 0 else { return nil }
    for row in 0..<depth { result[row * depth + row] += Self.damping * trace / Double(depth) }
    return unsafe swl_factor_moments(&result, depth) == 0 ? nil : result
  }
}
