import ModelFormat
import Swiftlet

/// An inspection as one HTML file that needs nothing else.
struct InspectionPage {
  let inspection: ModelInspection

  var html: String {
    let name = Markup.escaped(FileSystem.name(inspection.file.path))
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(name)</title>
      <style>
      \(PageStyle.text)
      </style>
      </head>
      <body>
      <header><h1>\(name)</h1>\(description)</header>
      <main>
      \(figures)
      \(problems)
      \(interface)
      <section><h2>Graph</h2>\(legend)
      <div class="tools"><button id="in" title="Zoom in">+</button><button id="out" title="Zoom out">&minus;</button>\
      <button id="fit">Fit width</button><button id="full">100 %</button>\
      <span>Click a node to find it in the table; hold Ctrl and turn the wheel to zoom.</span></div>
      <div class="frame" id="view">\(GraphDrawing(inspection).svg)</div></section>
      \(memory)
      <section><h2>Operators</h2>\(operatorTable)</section>
      <section><details><summary><h2>Tensors</h2></summary>\(tensorTable)</details></section>
      </main>
      <script>
      \(PageScript.text)
      </script>
      </body>
      </html>

      """
  }

  private var description: String {
    let text = inspection.file.model.description
    return text.isEmpty ? "" : "<p>\(Markup.escaped(text))</p>"
  }

  private var figures: String {
    var figures = [
      ("file", ByteCount.text(inspection.file.model.bytes.count)), ("operators", "\(inspection.operators.count)"),
      ("tensors", "\(inspection.tensors.count)"),
      ("MACs", InspectionPage.count(inspection.totalMultiplyAccumulates)),
      ("constants", ByteCount.text(inspection.constantBytes)),
    ]
    if let program = inspection.program {
      figures.append(("arena", ByteCount.text(program.arenaBytes)))
      figures.append(("lower bound", ByteCount.text(program.arenaLowerBoundBytes)))
      figures.append(("packed weights", ByteCount.text(program.packedBytes)))
      if program.variableBytes > 0 { figures.append(("variables", ByteCount.text(program.variableBytes))) }
    }
    let items = figures.map { "<div><dt>\($0.0)</dt><dd>\($0.1)</dd></div>" }
    return "<dl class=\"figures\">\(items.joined())</dl>"
  }

  /// "1.23 M"
  private static func count(_ value: Int) -> String {
    let units = [("G", 1e9), ("M", 1e6), ("k", 1e3)]
    guard let unit = units.first(where: { Double(value) >= $0.1 }) else { return "\(value)" }
    return "\(Format.fixed(Double(value) / unit.1, places: 2)) \(unit.0)"
  }

  private var problems: String {
    guard !inspection.problems.isEmpty else { return "" }
    let items = inspection.problems.map { "<li>\(Markup.escaped($0.message))</li>" }
    return "<section class=\"problems\"><h2>Would not run</h2><ul>\(items.joined())</ul></section>"
  }

  private var interface: String {
    func rows(_ role: String, _ tensors: [Int]) -> [(attributes: String, cells: [String])] {
      tensors.map { index in
        let tensor = inspection.tensors[index]
        return ("", [role, tensor.name, tensor.typeText, tensor.quantizationText].map { Markup.escaped($0) })
      }
    }
    let all = rows("input", inspection.subgraph.inputs) + rows("output", inspection.subgraph.outputs)
    return "<section><h2>Inputs and outputs</h2>"
      + Markup.table("interface", ["", "name", "type", "quantization"], all, numeric: []) + "</section>"
  }

  private var legend: String {
    let present = Set(inspection.operators.map { OperatorFamily($0.name) })
    let items = OperatorFamily.allCases.filter { present.contains($0) }.map {
      "<span class=\"key \($0.rawValue)\">\($0.title)</span>"
    }
    return "<p class=\"legend\">\(items.joined())</p>"
  }

  private var memory: String {
    guard let drawing = MemoryDrawing(inspection), let program = inspection.program, program.arenaBytes > 0 else {
      return ""
    }
    return """
      <section><h2>Memory plan</h2><p>Each rectangle is a tensor, or several that share memory: how long it lives from \
      left to right, where it lies from bottom to top. The dashed line is the lower bound.</p>
      <div class="frame">\(drawing.svg)</div></section>
      """
  }

  private var operatorTable: String {
    let rows = inspection.operators.map { operation -> (attributes: String, cells: [String]) in
      let output = inspection.mainOutput(of: operation)
      let work = operation.multiplyAccumulates
      let percent = Format.fixed(inspection.share(operation) * 100, places: 1)
      let state =
        operation.problem != nil
        ? "would not run" : operation.isStep == false ? "folded" : operation.isChained ? "in rows" : ""
      return (
        " id=\"row\(operation.index)\"",
        [
          "\(operation.index)", Markup.escaped(operation.name), Markup.escaped(output?.typeText ?? ""),
          work > 0 ? InspectionPage.count(work) : "",
          work > 0 ? "<span class=\"bar\" style=\"--share:\(percent)%\">\(percent) %</span>" : "", state,
          "<span class=\"name\">\(Markup.escaped(output?.name ?? ""))</span>",
        ]
      )
    }
    return Markup.table(
      "operators", ["#", "operator", "output", "MACs", "share", "", "name"], rows, numeric: [0, 3])
  }

  private var tensorTable: String {
    let rows = inspection.tensors.map { tensor -> (attributes: String, cells: [String]) in
      let cells = [
        "\(tensor.index)", tensor.kind.rawValue, tensor.typeText, ByteCount.text(tensor.byteCount),
        tensor.quantizationText,
      ]
      return ("", cells.map { Markup.escaped($0) } + ["<span class=\"name\">\(Markup.escaped(tensor.name))</span>"])
    }
    return Markup.table(
      "tensors", ["#", "kind", "type", "memory", "quantization", "name"], rows, numeric: [0, 3])
  }
}
