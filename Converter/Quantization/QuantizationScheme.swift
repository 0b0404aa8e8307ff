/// How numbers are stored in the converted file.
package enum QuantizationScheme: String, Sendable, CaseIterable {
  /// float32, as in the source model.
  case none
  /// Weights as float16, which runtimes widen when they load the model: half the size, float32 arithmetic.
  case float16
  /// Weights of large layers as int8, one scale for each output; data stays float32 and is quantized on the fly.
  case dynamic
  /// int8 data and weights; needs calibration.
  case int8
  /// int16 data and int8 weights; needs calibration.
  case int16x8
  /// Weights of large layers as int8, one scale for each output, widened to float32 when they are used.
  case weightOnly = "weight-only"

  /// The scheme of every layer; `nil` where none is quantized layer by layer.
  package var layerScheme: LayerScheme? {
    switch self {
    case .none, .float16, .dynamic: nil
    case .int8: .int8
    case .int16x8: .int16x8
    case .weightOnly: .weightOnly
    }
  }
}
