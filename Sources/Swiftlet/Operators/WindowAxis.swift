import ModelFormat

/// How windows slide along one axis of a picture, in convolution and pooling.
package struct WindowAxis: Equatable, Sendable, BitwiseCopyable {
  package let input, output: Int
  /// Elements of the window, and the distances between windows and between a window's elements.
  package let window, stride, dilation: Int
  /// Positions before the input that windows reach; what they reach behind it follows from the other values.
  package let paddingBefore: Int

  /// The schema's `Padding`.
  package enum Padding: Int, Sendable {
    /// `output = ceil(input / stride)`; the padding is split in halves, the larger one behind.
    case same = 0
    /// Windows lie inside the input.
    case valid = 1

    package init(option: Int) throws(PrepareError) {
      guard let padding = Padding(rawValue: option) else {
        throw PrepareError(.optionInvalid, field: "padding", found: .int(option), expected: .text("SAME or VALID"))
      }
      self = padding
    }
  }

  /// `folded` counts the elements that a PAD operator, now part of this one, added before and after the input.
  ///
  /// - Throws: `PrepareError` when window, stride or dilation is not positive, sizes overflow, or no window fits.
  package init(
    input: Int, window: Int, stride: Int, dilation: Int = 1, padding: Padding,
    folded: (before: Int, after: Int) = (0, 0)
  ) throws(PrepareError) {
    try WindowAxis.requirePositive(window, "window size")
    try WindowAxis.requirePositive(stride, "stride")
    try WindowAxis.requirePositive(dilation, "dilation")
    let extent = (window - 1).multipliedSaturated(by: dilation).addingSaturated(1)
    let size = input.addingSaturated(folded.before).addingSaturated(folded.after)
    guard extent < WindowAxis.limit, size < WindowAxis.limit, stride < WindowAxis.limit else {
      throw PrepareError(.shapeUnsupported, field: "window extent", found: .int(extent))
    }
    var before = folded.before
    switch padding {
    case .same:
      output = (size + stride - 1) / stride
      before += max(0, (output - 1) * stride + extent - size) / 2
    case .valid:
      guard size >= extent || input == 0 else {
        throw PrepareError(
          .shapeMismatch, .input(0), field: "size along a window's axis", found: .int(size), expected: .int(extent),
          remedy: "the window is larger than the input")
      }
      output = size < extent ? 0 : (size - extent) / stride + 1
    }
    (self.input, self.window, self.stride, self.dilation) = (input, window, stride, dilation)
    paddingBefore = before
  }

  /// Sizes below it can be added and multiplied by a window without overflow.
  private static let limit = 1 << 30

  private static func requirePositive(_ value: Int, _ field: StaticString) throws(PrepareError) {
    guard value > 0 else { throw PrepareError(.optionInvalid, field: field, found: .int(value), expected: .int(1)) }
  }

  /// From the first input position that a window reaches to behind the last one, padding included.
  package var reach: Int { output == 0 ? 0 : (output - 1) * stride + (window - 1) * dilation + 1 }
}
