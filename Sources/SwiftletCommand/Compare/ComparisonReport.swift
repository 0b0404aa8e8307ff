import Converter
import ModelFormat

/// What a comparison of two models found.
struct ComparisonReport {
  let first: String
  let second: String
  let comparison: ModelComparison

  /// - Parameter rows: the most layers to list.
  func text(rows: Int) -> String {
    let counts = comparison.layerCounts
    let layers = comparison.worstFirst
    var lines = [
      "\(second) beside \(first): \(comparison.samples) sample\(comparison.samples == 1 ? "" : "s"), "
        + "\(layers.count) layers of one name (\(counts.first) only in the first, \(counts.second) only in the second)"
    ]
    lines.append("outputs")
    lines.append(Self.table(comparison.outputs))
    if !layers.isEmpty {
      lines.append(layers.count > rows ? "layers, the worst \(rows)" : "layers, the worst first")
      lines.append(Self.table(Array(layers.prefix(rows))))
    }
    return lines.joined(separator: "\n")
  }

  private static func table(_ layers: [ModelComparison.Layer]) -> String {
    let rows = layers.map { layer in
      [
        "  \(Format.shortened(layer.name, to: 48))", layer.operation, decibels(layer.fidelity),
        number(Double(layer.fidelity.maxDifference)), Format.fixed(layer.fidelity.cosine, places: 6),
        "\(layer.type.name)\(layer.shape.text)",
      ]
    }
    return Format.table(
      ["  name", "operator", "dB", "max diff", "cosine", "type"], rows, numeric: [2, 3, 4])
  }

  static func decibels(_ fidelity: Fidelity) -> String {
    if fidelity.decibels == .infinity { return "exact" }
    return fidelity.decibels == -.infinity ? "-inf" : Format.fixed(fidelity.decibels, places: 1)
  }

  /// Three significant digits; powers of ten for numbers below a thousandth and from a million.
  static func number(_ value: Double) -> String {
    guard value != 0, value.isFinite else { return value == 0 ? "0" : "\(value)" }
    var (magnitude, exponent) = (abs(value), 0)
    while magnitude < 1 { (magnitude, exponent) = (magnitude * 10, exponent - 1) }
    while magnitude >= 10 { (magnitude, exponent) = (magnitude / 10, exponent + 1) }
    guard (-3..<6).contains(exponent) else {
      return "\(value < 0 ? "-" : "")\(Format.fixed(magnitude, places: 2))e\(exponent)"
    }
    return Format.fixed(value, places: max(0, 2 - exponent))
  }

  var json: JSON {
    let counts = comparison.layerCounts
    return [
      "first": .string(first), "second": .string(second), "samples": .integer(comparison.samples),
      "outputs": .array(comparison.outputs.map { Self.json(of: $0) }),
      "layers": .array(comparison.worstFirst.map { Self.json(of: $0) }),
      "layers_only_in_first": .integer(counts.first), "layers_only_in_second": .integer(counts.second),
    ]
  }

  /// `snr_db` is `null` where nothing differs.
  static func json(of layer: ModelComparison.Layer) -> JSON {
    let fidelity = layer.fidelity
    return [
      "name": .string(layer.name), "operator": .string(layer.operation), "type": .string("\(layer.type.name)"),
      "shape": .array(layer.shape.map { .integer($0) }), "snr_db": .rounded(fidelity.decibels, places: 3),
      "max_difference": .number(Double(fidelity.maxDifference)), "cosine": .rounded(fidelity.cosine, places: 9),
      "rms_difference": .number(fidelity.rootMeanSquare), "is_exact": .bool(fidelity.maxDifference == 0),
      "minimum": .number(Double(fidelity.range.lowerBound)), "maximum": .number(Double(fidelity.range.upperBound)),
    ]
  }
}
