import Converter
import ModelFormat

/// A quantization report with the names and scores that stand beside it.
struct ReportDocument {
  let report: QuantizationReport
  /// The source model's file name.
  let model: String
  let output: String
  let fileBytes: Int
  let scores: Judgement.Scores?
  /// Layers that were put back to higher precision.
  let restored: [RecipeSearch.Restored]

  var json: JSON {
    var object: JSON = [
      "model": .string(model), "output": .string(output), "bytes": .integer(fileBytes),
      "constant_bytes_before": .integer(report.constantBytes.before),
      "constant_bytes_after": .integer(report.constantBytes.after),
      "calibration_samples": .integer(report.calibrationSamples), "calibration": .string(report.method),
      "samples": .integer(report.samples),
      "outputs": .array(
        report.outputs.map { output in
          .object([JSON.Member(key: "name", value: .string(output.name))] + Self.members(output.fidelity))
        }),
    ]
    if let scores {
      object.append(
        "score",
        ["name": .string(scores.name), "float": .number(scores.float), "quantized": .number(scores.quantized)])
    }
    if !restored.isEmpty {
      object.append(
        "restored", .array(restored.map { ["layer": .string($0.name), "scheme": .string($0.scheme.rawValue)] }))
    }
    object.append("layers", .array(report.worstFirst.map { Self.json(of: $0) }))
    return object
  }

  private static func members(_ fidelity: Fidelity) -> [JSON.Member] {
    [
      JSON.Member(key: "snr_db", value: fidelity.count > 0 ? .rounded(fidelity.decibels, places: 3) : .null),
      JSON.Member(key: "max_difference", value: .number(Double(fidelity.maxDifference))),
      JSON.Member(key: "cosine", value: .rounded(fidelity.cosine, places: 9)),
    ]
  }

  /// `own_snr_db` is of the layer alone, `null` for layers that stay float32; `snr_db` of all up to it.
  private static func json(of layer: QuantizationReport.Layer) -> JSON {
    var object: JSON = [
      "name": .string(layer.name), "source": .string(layer.source), "operator": .string(layer.operation),
      "type": .string("\(layer.type.name)"), "shape": .array(layer.shape.map { .integer($0) }),
      "own_snr_db": layer.own.count > 0 ? .rounded(layer.own.decibels, places: 3) : .null,
      "own_max_difference": layer.own.count > 0 ? .number(Double(layer.own.maxDifference)) : .null,
    ]
    for member in members(layer.total) { object.append(member.key, member.value) }
    object.append("grid", layer.grid.map { [.number(Double($0.lowerBound)), .number(Double($0.upperBound))] } ?? .null)
    object.append("activations", layer.activations.map { json(of: $0) } ?? .null)
    if let weights = layer.weights {
      object.append(
        "weights",
        [
          "type": .string("\(weights.type.name)"), "count": .integer(weights.count), "bytes": .integer(weights.bytes),
          "bytes_before": .integer(weights.originalBytes), "scale_spread": .number(Double(weights.scaleSpread)),
          "values": json(of: weights.values),
        ])
    }
    object.append("kept_in_float_because", layer.keptBecause.map { .string($0) } ?? .null)
    return object
  }

  private static func json(of distribution: QuantizationReport.Distribution) -> JSON {
    [
      "low": .number(Double(distribution.low)), "high": .number(Double(distribution.high)),
      "counts": .array(distribution.counts.map { .integer($0) }),
    ]
  }
}
