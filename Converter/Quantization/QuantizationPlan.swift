package import ModelFormat

/// What a quantized model shall be: a scheme for each layer, and the types at its edges.
package struct QuantizationPlan: Sendable {
  /// Of layers that `overrides` does not name.
  package var standard: LayerScheme
  package var overrides: [NodeID: LayerScheme] = [:]
  /// float32, int8 or uint8; with int16x8 also int16.
  package var inputType = ElementType.float32
  package var outputType = ElementType.float32
  package var method = CalibrationMethod.standard
  /// Whether biases make up for the mean error of rounded weights.
  package var correctsBias = true
  /// Whether the weights of a layer are rounded together, after what calibration saw before it (`WeightRounding`).
  package var refinesWeights = false

  package init(standard: LayerScheme) { self.standard = standard }

  /// Whether any layer's data is to be quantized.
  package func needsCalibration(_ graph: Graph) -> Bool {
    graph.nodeIDs.contains { scheme(of: $0).dataType != nil }
  }

  package func scheme(of node: NodeID) -> LayerScheme { overrides[node] ?? standard }
}

/// A layer that stays float32 although the plan wants it quantized, and why.
package struct KeptInFloat: Sendable, Equatable {
  package let node: NodeID
  /// The layer's name in the source model.
  package let source: String
  /// "CUMSUM"
  package let operatorName: String
  package let reason: String
}

/// What `Quantizer` made.
package struct QuantizedGraph: Sendable {
  /// Values and nodes of the float graph keep their numbers: value `v` holds the same tensor in both, as integers where
  /// its type is one. Weights, biases and conversions are new.
  package let graph: Graph
  package let kept: [KeptInFloat]
  /// Integer layers whose weights are the nearest to those of the float model, although the plan wants better: calibration
  /// saw only zeros before them or nothing finite, or they have too many inputs or are transposed convolutions.
  package let roundedToNearest: [String]

  package init(graph: Graph, kept: [KeptInFloat], roundedToNearest: [String]) {
    (self.graph, self.kept, self.roundedToNearest) = (graph, kept, roundedToNearest)
  }
}
