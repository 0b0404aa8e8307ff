import ModelFormat

/// How windows slide along one axis of a picture, in convolution and pooling.
package struct WindowAxis: Equatable, Sendable, BitwiseCopyable {
  private let numbers: Numbers

  /// All are below 2³¹, and plans copy them often.
  private struct Numbers: Equatable, Sendable, BitwiseCopyable {
    let input, output, window, stride, dilation, paddingBefore: Int32
  }

  package var input: Int { Int(numbers.input) }
  package var output: Int { Int(numbers.output) }
  /// Elements of the window.
  package var window: Int { Int(numbers.window) }
  /// The distance between windows.
  package var stride: Int { Int(numbers.stride) }
  /// The distance between a window's elements.
  package var dilation: Int { Int(numbers.dilation) }
  /// Positions before the input that windows reach; what they reach behind it follows from the other values.
  package var paddingBefore: Int { Int(numbers.paddingBefore) }

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
    let output: Int
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
    numbers = Numbers(
      input: Int32(clamping: input), output: Int32(clamping: output), window: Int32(clamping: window),
      stride: Int32(clamping: stride), dilation: Int32(clamping: dilation), paddingBefore: Int32(clamping: before))
  }

  /// Sizes below it can be added and multiplied by a window without overflow.
  private static let limit = 1 << 30

  static func requirePositive(_ value: Int, _ field: StaticString) throws(PrepareError) {
    guard value > 0 else { throw PrepareError(.optionInvalid, field: field, found: .int(value), expected: .int(1)) }
  }

  /// From the first input position that a window reaches to behind the last one, padding included.
  package var reach: Int { output == 0 ? 0 : (output - 1) * stride + (window - 1) * dilation + 1 }
}
