internal import CFloatLayers

/// Rounds weights so that what one of them is off by is made up for by those after it, as far as what the layer reads lets
/// them stand for each other: the sum that an output is stays near, though each weight may move by more than half a step.
///
/// Sources: Frantar et al., GPTQ: Accurate Post-Training Quantization for Generative Pre-trained Transformers (2022); the
/// form without an inverse is LDLQ of Chee et al., QuIP (2023), section 3.
struct WeightRounding {
  /// By output, then as the weights are stored.
  private(set) var stored: [Int8]
  /// By output, the mean of what exact weights add to it beyond stored ones.
  private(set) var meanErrors: [Double]

  /// - Parameters:
  ///   - elements: (outputs, inputs), or (inputs, outputs) for depthwise convolutions.
  ///   - isCentered: whether a bias makes up for mean errors.
  ///
  /// Channels of a depthwise convolution of which nothing but zeros or something infinite was seen have the nearest weights;
  /// `nil` when that is so of all.
  init?(
    _ elements: [Float], scales: [Float], isDepthwise: Bool, _ moments: InputMoments, isCentered: Bool
  ) {
    let outputs = scales.count
    let depth = moments.depth
    let factors = (0..<moments.channels).map { moments.factor($0, isCentered: isCentered) }
    guard depth * outputs == elements.count, outputs % moments.channels == 0, factors.contains(where: { $0 != nil })
    else { return nil }
    let perChannel = isDepthwise ? outputs / moments.channels : outputs
    var stored = [Int8](repeating: 0, count: elements.count)
    var meanErrors = [Double](repeating: 0, count: outputs)
    var errors = [Double](repeating: 0, count: depth)
    for channel in 0..<moments.channels {
      let factor = factors[channel] ?? Self.identity(depth)
      let means = moments.means(channel).map { $0.isFinite ? $0 : 0 }
      for output in channel * perChannel..<(channel + 1) * perChannel {
        let (first, stride) = isDepthwise ? (output, outputs) : (output * depth, 1)
        unsafe elements.withUnsafeBufferPointer { elements in
          unsafe stored.withUnsafeMutableBufferPointer { stored in
            guard let source = elements.baseAddress, let target = stored.baseAddress else { return }
            unsafe swl_round_with_feedback(
              source + first, stride, depth, scales[output], factor, &errors, target + first)
          }
        }
        meanErrors[output] = zip(errors, means).reduce(0) { $0 + $1.0 * $1.1 }
      }
    }
    (self.stored, self.meanErrors) = (stored, meanErrors)
  }
  /// What no weight makes up for another with.
  private static func identity(_ depth: Int) -> [Double] {
    (0..<depth * depth).map { $0 % (depth + 1) == 0 ? 1 : 0 }
  }
}
