/// What decides about the bytes of packed weights: equal keys, equal bytes.
package struct PackingKey {
  enum Kind: UInt8 { case convolution, depthwise, depthMajor, floatConvolution, floatDepthwise, floatMatrix }

  let kind: Kind
  /// Indices of the buffers in the file; 0 for no bias.
  let weights, bias: Int
  /// Counts, zero points and types that the packing looks at.
  let numbers: InlineArray<10, Int>
  /// `nil` for float32.
  let scales: QuantizedScales?
  /// Which of weights and bias the file has as float16: bits 0 and 1.
  var halves = 0

  /// Whether a file may hold the packed bytes. No kernel takes a count or an offset from these, so that whatever a file
  /// holds, only the numbers in the result depend on it.
  var isStorable: Bool {
    switch kind {
    case .convolution: scales?.isFloat == true
    case .floatConvolution, .floatMatrix: scales == nil && halves == 0
    default: false
    }
  }

  static func == (a: PackingKey, b: PackingKey) -> Bool {
    guard a.kind == b.kind, a.weights == b.weights, a.bias == b.bias, a.halves == b.halves else { return false }
    for index in a.numbers.indices where a.numbers[index] != b.numbers[index] { return false }
    return a.scales == b.scales
  }
}
