/// How numbers are stored in the converted file.
package enum QuantizationScheme: String, Sendable, CaseIterable {
  /// float32, as in the source model.
  case none
  /// Weights as float16, which runtimes widen when they load the model: half the size, float32 arithmetic.
  case float16
  /// Weights of large layers as int8, one scale for each output; data stays float32 and is quantized on the fly.
  case dynamic
}
