internal import ModelFormat

/// How one layer computes.
package enum LayerScheme: String, Sendable, CaseIterable, Codable {
  /// float32 data and weights.
  case float32
  /// int8 data, int8 weights with one scale for each output, int32 biases.
  case int8
  /// int16 data, int8 weights, int64 biases.
  case int16x8
  /// float32 data; weights are stored as int8 and widened when they are used.
  case weightOnly = "weight-only"

  /// The type of the layer's data; `nil` for float32.
  var dataType: ElementType? {
    switch self {
    case .float32, .weightOnly: nil
    case .int8: .int8
    case .int16x8: .int16
    }
  }
}
