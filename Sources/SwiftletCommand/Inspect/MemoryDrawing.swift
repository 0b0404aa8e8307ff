import Swiftlet

/// The memory plan as SVG: a rectangle for each block, operators from left to right, addresses from bottom to top.
struct MemoryDrawing {
  private let inspection: ModelInspection
  private let program: Program
  private let columns: Int
  private let columnWidth: Double
  private let scale: Double

  private static let plot = (left: 76.0, top: 14.0, height: 300.0)

  /// `nil` for a model without a plan.
  init?(_ inspection: ModelInspection) {
    guard let program = inspection.program else { return nil }
    self.inspection = inspection
    self.program = program
    columns = inspection.operators.count + 2  // the inputs before, the outputs behind
    columnWidth = min(40, max(7, 1000 / Double(columns)))
    scale = MemoryDrawing.plot.height / Double(max(1, program.prepared.plan.peak))
  }

  var svg: String {
    let plot = MemoryDrawing.plot
    let width = plot.left + Double(columns) * columnWidth + 20
    let height = plot.top + plot.height + 40
    let plan = program.prepared.plan
    var parts = (0...4).map { tick(plan.peak / 4 * $0) }
    parts += plan.blocks.enumerated().map { block($1, number: $0) }
    parts.append(line(plan.lowerBound, "bound", "lower bound \(ByteCount.text(plan.lowerBound))"))
    parts += stride(from: 0, to: inspection.operators.count, by: max(1, inspection.operators.count / 20)).map {
      """
      <text class="axis middle" x="\(Markup.number(x(of: $0) + columnWidth / 2))" \
      y="\(Markup.number(plot.top + plot.height + 16))">\($0)</text>
      """
    }
    parts.append(
      """
      <text class="axis middle" x="\(Markup.number(plot.left + Double(columns) * columnWidth / 2))" \
      y="\(Markup.number(height - 6))">operator</text>
      """)
    return """
      <svg id="memory" xmlns="http://www.w3.org/2000/svg" width="\(Markup.number(width))" \
      height="\(Markup.number(height))" viewBox="0 0 \(Markup.number(width)) \(Markup.number(height))" role="img" \
      aria-label="Memory plan over time">
      \(parts.joined(separator: "\n"))
      </svg>
      """
  }

  private func x(of node: Int) -> Double { MemoryDrawing.plot.left + Double(node + 1) * columnWidth }
  private func y(of byte: Int) -> Double {
    MemoryDrawing.plot.top + MemoryDrawing.plot.height - Double(byte) * scale
  }

  private func block(_ block: MemoryPlan.Block, number: Int) -> String {
    let last = min(block.last, inspection.operators.count)
    let names = block.tensors.map { "'\(inspection.tensors[$0].name)' \(inspection.tensors[$0].typeText)" }
    let what = names.isEmpty ? "scratch memory" : names.joined(separator: "\n")
    let when = "operators \(max(0, block.first)) to \(max(0, min(block.last, inspection.operators.count - 1)))"
    let title = "\(what)\n\(ByteCount.text(block.byteCount)) at \(block.offset), \(when)"
    let style = names.isEmpty ? "class=\"scratch\"" : "class=\"block\" style=\"--hue:\(number * 137 % 360)\""
    return """
      <rect \(style) x="\(Markup.number(x(of: block.first)))" y="\(Markup.number(y(of: block.offset + block.byteCount)))" \
      width="\(Markup.number(Double(last - block.first + 1) * columnWidth))" \
      height="\(Markup.number(max(0.5, Double(block.byteCount) * scale)))"><title>\(Markup.escaped(title))</title></rect>
      """
  }

  private func tick(_ bytes: Int) -> String {
    let y = Markup.number(y(of: bytes))
    let left = MemoryDrawing.plot.left
    return """
      <path class="grid" d="M\(Markup.number(left)) \(y)H\(Markup.number(left + Double(columns) * columnWidth))"/>\
      <text class="axis end" x="\(Markup.number(left - 8))" y="\(y)" dy="4">\(ByteCount.text(bytes))</text>
      """
  }

  private func line(_ bytes: Int, _ kind: String, _ title: String) -> String {
    let left = MemoryDrawing.plot.left
    return """
      <path class="\(kind)" d="M\(Markup.number(left)) \(Markup.number(y(of: bytes)))\
      H\(Markup.number(left + Double(columns) * columnWidth))"><title>\(title)</title></path>
      """
  }
}
