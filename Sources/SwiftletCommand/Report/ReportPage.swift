import Converter
import ModelFormat

/// A quantization report as one HTML file that needs nothing else.
struct ReportPage {
  private let document: ReportDocument
  private let layers: [QuantizationReport.Layer]

  /// Layers shown with large plots.
  private static let cards = 6

  init(_ document: ReportDocument) {
    self.document = document
    layers = document.report.worstFirst
  }

  var html: String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>\(Markup.escaped(document.output)): quantization</title>
    <style>
    \(ReportStyle.text)
    </style>
    </head>
    <body>
    <header><h1>\(Markup.escaped(document.output))</h1><p>\(Markup.escaped(subtitle))</p></header>
    <main>
    \(figures)
    \(restored)
    <section><h2>Outputs</h2>\(outputs)</section>
    <section><h2>Signal-to-noise ratio</h2><p><span class="key own">layer alone, fed with exact numbers</span> \
    <span class="key total">all layers up to it</span> Higher is better; 6 dB are one bit.</p>
    <div class="wide">\(ReportDrawing.ratios(document.report.layers))</div></section>
    <section><h2>The layers that add the most noise</h2>\
    <p>Counts on a logarithmic scale; the shaded part is what the layer's integers can hold.</p>
    <div class="cards">\(worst)</div></section>
    <section><h2>All layers, the worst first</h2><p>Click a heading to sort by it.</p>
    <div class="wide">\(table)</div></section>
    \(kept)
    </main>
    <script>
    \(ReportStyle.script)
    </script>
    </body>
    </html>

    """
  }

  private var subtitle: String {
    let report = document.report
    return
      "\(document.model), calibrated with \(report.calibrationSamples) samples (\(report.method)), errors measured on "
      + "\(report.samples)"
  }

  // MARK: Overview

  private var figures: String {
    let report = document.report
    let saved = Double(report.constantBytes.before) / Double(max(1, report.constantBytes.after))
    var items = [
      (
        "weights and constants",
        "\(ByteCount.text(report.constantBytes.before)) → \(ByteCount.text(report.constantBytes.after))",
        "\(Format.fixed(saved, places: 1)) times smaller"
      ), ("file", ByteCount.text(document.fileBytes), ""),
    ]
    if let scores = document.scores {
      let drop = (scores.float - scores.quantized) * 100
      items.append(
        (
          scores.name, "\(Format.fixed(scores.float, places: 4)) → \(Format.fixed(scores.quantized, places: 4))",
          "\(Format.fixed(drop, places: 2)) points lost"
        ))
    }
    let worst = report.outputs.filter { $0.fidelity.count > 0 }.map(\.fidelity).min { $0.decibels < $1.decibels }
    if let worst { items.append(("output beside float", "\(ComparisonReport.decibels(worst)) dB", "")) }
    let types = Dictionary(grouping: layers) { $0.type.rawValue }.values.compactMap(\.first?.type)
      .sorted { $0.rawValue > $1.rawValue }
    let counts = types.map { type in "\(layers.count { $0.type == type }) \(type.name)" }
    items.append(("layers", counts.joined(separator: ", "), ""))
    let cells = items.map { item in
      "<div><dt>\(item.0)</dt><dd>\(Markup.escaped(item.1))</dd><span>\(Markup.escaped(item.2))</span></div>"
    }
    return "<dl class=\"figures\">\(cells.joined())</dl>"
  }

  private var restored: String {
    guard !document.restored.isEmpty else { return "" }
    let items = document.restored.map { "<li>\(Markup.escaped($0.name)): \($0.scheme.rawValue)</li>" }
    return "<section><h2>Put back to higher precision</h2><p>What --max-drop asked for needed these layers.</p>"
      + "<ul>\(items.joined())</ul></section>"
  }

  private var outputs: String {
    let rows = document.report.outputs.map { output in
      (
        attributes: "",
        cells: [
          Markup.escaped(output.name), ComparisonReport.decibels(output.fidelity),
          ReportDrawing.number(output.fidelity.maxDifference), Format.fixed(output.fidelity.cosine, places: 6),
          "\(ReportDrawing.number(output.fidelity.range.lowerBound)) to "
            + ReportDrawing.number(output.fidelity.range.upperBound),
        ]
      )
    }
    return Markup.table("outputs", ["output", "dB", "max difference", "cosine", "range"], rows, numeric: [1, 2, 3])
  }

  // MARK: Layers

  private var worst: String {
    layers.filter { $0.own.count > 0 }.prefix(Self.cards).map { card($0) }.joined(separator: "\n")
  }

  private func card(_ layer: QuantizationReport.Layer) -> String {
    var plots = ""
    if let activations = layer.activations {
      plots += figure("output", activations, layer.grid)
    }
    if let weights = layer.weights {
      plots += figure(
        "weights, scales of its outputs up to \(ReportDrawing.number(weights.scaleSpread)) times as large",
        weights.values, nil)
    }
    return """
      <article><h3 title="\(Markup.escaped(layer.name))">\(Markup.escaped(Format.shortened(layer.name, to: 44)))</h3>
      <p>\(layer.operation) \(layer.type.name)\(layer.shape.text)</p>
      <p><b>\(ComparisonReport.decibels(layer.own)) dB</b> alone, \(ComparisonReport.decibels(layer.total)) dB up to here, \
      off by at most \(ReportDrawing.number(layer.own.maxDifference))</p>\(plots)</article>
      """
  }

  private func figure(
    _ title: String, _ distribution: QuantizationReport.Distribution, _ grid: ClosedRange<Float>?
  ) -> String {
    "<figure><figcaption>\(title)</figcaption>"
      + ReportDrawing.histogram(
        distribution, grid: grid, width: 330, height: 96, hasAxis: true, label: "Distribution of the \(title)")
      + "</figure>"
  }

  private var table: String {
    let rows = layers.enumerated().map { rank, layer in
      (attributes: " id=\"layer\(layer.node.index)\"", cells: cells(layer, rank: rank + 1))
    }
    return Markup.table(
      "layers",
      [
        "#", "layer", "operator", "type", "alone, dB", "up to here, dB", "max difference", "output", "weights", "bytes",
      ], rows, numeric: [0, 4, 5, 6, 9])
  }

  private func cells(_ layer: QuantizationReport.Layer, rank: Int) -> [String] {
    let label = "Distribution of \(layer.name)"
    let activations = layer.activations.map {
      ReportDrawing.histogram($0, grid: layer.grid, width: 110, height: 24, hasAxis: false, label: label)
    }
    let weights = layer.weights.map {
      ReportDrawing.histogram($0.values, width: 110, height: 24, hasAxis: false, label: label)
    }
    let bytes = layer.weights.map { value("\($0.bytes)", ByteCount.text($0.bytes)) } ?? ""
    let isFloat = layer.own.count == 0
    return [
      "\(rank)", "<span class=\"name\" title=\"\(Markup.escaped(layer.source))\">\(Markup.escaped(layer.name))</span>",
      layer.operation, isFloat ? "<span class=\"float\">\(layer.type.name)</span>" : "\(layer.type.name)",
      isFloat ? value("1e9", "") : ratio(layer.own), ratio(layer.total),
      value("\(layer.total.maxDifference)", ReportDrawing.number(layer.total.maxDifference)), activations ?? "",
      weights ?? "", bytes,
    ]
  }

  private func ratio(_ fidelity: Fidelity) -> String {
    let decibels = fidelity.decibels
    let order = decibels.isFinite ? "\(decibels)" : (decibels > 0 ? "1e8" : "-1e9")
    return value(order, ComparisonReport.decibels(fidelity))
  }

  /// A cell that sorts by a number.
  private func value(_ order: String, _ text: String) -> String { "<span data-value=\"\(order)\">\(text)</span>" }

  private var kept: String {
    let kept = document.report.layers.filter { $0.keptBecause != nil }
    guard !kept.isEmpty else { return "" }
    let rows = kept.map { layer in
      (
        attributes: "",
        cells: [
          "<span class=\"name\">\(Markup.escaped(layer.name))</span>", layer.operation,
          Markup.escaped(layer.keptBecause ?? ""),
        ]
      )
    }
    return "<section><h2>What stays float32, and why</h2>"
      + Markup.table("kept", ["layer", "operator", "reason"], rows, numeric: []) + "</section>"
  }
}
