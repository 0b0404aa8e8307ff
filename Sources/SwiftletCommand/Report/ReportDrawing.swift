import Converter

/// The plots of a quantization report, as SVG.
enum ReportDrawing {
  /// Decibels above this are as good as exact.
  private static let ceiling = 90.0

  /// Signal-to-noise ratios in execution order: a dot for each layer alone, a line for all up to it.
  static func ratios(_ layers: [QuantizationReport.Layer]) -> String {
    let (width, height, left, top) = (1180.0, 300.0, 46.0, 12.0)
    let (plotWidth, plotHeight) = (width - left - 12, height - top - 34)
    let finite = layers.flatMap { [$0.own, $0.total] }.filter { $0.count > 0 && $0.decibels.isFinite }.map(\.decibels)
    let low = min(0, ((finite.min() ?? 0) / 10).rounded(.down) * 10)
    let high = max(low + 20, min(ceiling, ((finite.max() ?? 60) / 10).rounded(.up) * 10))
    let x = { (index: Int) in left + plotWidth * (Double(index) + 0.5) / Double(max(1, layers.count)) }
    let y = { (value: Double) in top + plotHeight * (high - min(max(value, low), high)) / (high - low) }
    var parts: [String] = []
    for value in stride(from: low, through: high, by: high - low > 60 ? 20 : 10) {
      parts.append(
        """
        <path class="grid" d="M\(text(left)) \(text(y(value)))H\(text(left + plotWidth))"/>\
        <text class="axis end" x="\(text(left - 8))" y="\(text(y(value)))" dy="4">\(Int(value))</text>
        """)
    }
    parts.append("<text class=\"axis end\" x=\"\(text(left - 8))\" y=\"\(text(height - 4))\">dB</text>")
    parts.append(
      "<text class=\"axis\" x=\"\(text(left + plotWidth / 2))\" y=\"\(text(height - 4))\">layers in execution order</text>"
    )
    let line = layers.enumerated().filter { $0.element.total.count > 0 }.map {
      "\(text(x($0.offset))) \(text(y($0.element.total.decibels)))"
    }
    if !line.isEmpty { parts.append("<path class=\"total\" d=\"M\(line.joined(separator: "L"))\"/>") }
    for (index, layer) in layers.enumerated() where layer.own.count > 0 {
      let title = """
        \(layer.name) (\(layer.operation))
        alone \(ComparisonReport.decibels(layer.own)) dB, up to here \(ComparisonReport.decibels(layer.total)) dB
        """
      parts.append(
        """
        <a href="#layer\(layer.node.index)"><circle class="own" cx="\(text(x(index)))" \
        cy="\(text(y(layer.own.decibels)))" r="4"><title>\(Markup.escaped(title))</title></circle></a>
        """)
    }
    return svg(width, height, "Signal-to-noise ratio of each layer", parts)
  }

  /// A distribution as bars on a logarithmic scale, the part that the grid holds behind it.
  static func histogram(
    _ distribution: QuantizationReport.Distribution, grid: ClosedRange<Float>? = nil, width: Double, height: Double,
    hasAxis: Bool, label: String
  ) -> String {
    let axis = hasAxis ? 16.0 : 0
    let bottom = height - axis
    let low = min(distribution.low, grid?.lowerBound ?? distribution.low)
    let high = max(distribution.high, grid?.upperBound ?? distribution.high)
    let span = high > low ? Double(high - low) : 1
    let x = { (value: Float) in (Double(value) - Double(low)) / span * width }
    var parts: [String] = []
    if let grid {
      parts.append(
        """
        <rect class="held" x="\(text(x(grid.lowerBound)))" y="0" \
        width="\(text(max(1, x(grid.upperBound) - x(grid.lowerBound))))" height="\(text(bottom))"/>
        """)
    }
    let most = logarithm(distribution.counts.max() ?? 0)
    let step = Double(distribution.high - distribution.low) / Double(max(1, distribution.counts.count))
    let barWidth = max(0.8, step / span * width - 0.3)
    let bars = distribution.counts.enumerated().filter { $0.element > 0 }.map { index, count -> String in
      let tall = most > 0 ? max(1, logarithm(count) / most * (bottom - 2)) : 1
      let start = (Double(distribution.low) + step * Double(index) - Double(low)) / span * width
      return "M\(text(start)) \(text(bottom))v\(text(-tall))h\(text(barWidth))v\(text(tall))z"
    }
    parts.append("<path class=\"bars\" d=\"\(bars.joined())\"/>")
    if hasAxis {
      parts.append("<path class=\"grid\" d=\"M0 \(text(bottom))H\(text(width))\"/>")
      parts.append("<text class=\"axis start\" x=\"0\" y=\"\(text(height - 3))\">\(number(low))</text>")
      parts.append("<text class=\"axis end\" x=\"\(text(width))\" y=\"\(text(height - 3))\">\(number(high))</text>")
    }
    return svg(width, height, label, parts)
  }

  private static func logarithm(_ count: Int) -> Double {
    // The base does not matter: bits of the count, with the part of the last one.
    guard count > 0 else { return 0 }
    let bits = Int.bitWidth - count.leadingZeroBitCount - 1
    return Double(bits) + Double(count) / Double(1 << bits) - 1 + 1
  }

  static func number(_ value: Float) -> String { ComparisonReport.number(Double(value)) }

  private static func text(_ value: Double) -> String { Markup.number(value) }

  private static func svg(_ width: Double, _ height: Double, _ label: String, _ parts: [String]) -> String {
    """
    <svg viewBox="0 0 \(text(width)) \(text(height))" width="\(text(width))" height="\(text(height))" role="img" \
    aria-label="\(Markup.escaped(label))">\(parts.joined(separator: "\n"))</svg>
    """
  }
}
