import ModelFormat

/// The operators of a model and the tensors between them as SVG.
struct GraphDrawing {
  private let inspection: ModelInspection
  /// Inputs first, then operators, then outputs: edges lead from smaller to larger numbers.
  private let edges: [Edge]
  private let layout: GraphLayout

  private struct Edge {
    let from: Int
    let to: Int
    let tensor: Int
  }

  init(_ inspection: ModelInspection) {
    self.inspection = inspection
    edges = GraphDrawing.edges(of: inspection)
    let (inputs, operators) = (inspection.subgraph.inputs.count, inspection.operators.count)
    let count = inputs + operators + inspection.subgraph.outputs.count
    layout = GraphLayout(
      nodeCount: count, edges: edges.map { (from: $0.from, to: $0.to) }, isAnchored: (0..<count).map { $0 < inputs })
  }

  private static func edges(of inspection: ModelInspection) -> [Edge] {
    let (inputs, outputs) = (inspection.subgraph.inputs, inspection.subgraph.outputs)
    var writers: [Int: Int] = [:]
    for (index, tensor) in inputs.enumerated() { writers[tensor] = index }
    var edges: [Edge] = []
    for operation in inspection.operators {
      let node = inputs.count + operation.index
      for tensor in Set(operation.inputs).sorted() {
        if let writer = writers[tensor], writer < node { edges.append(Edge(from: writer, to: node, tensor: tensor)) }
      }
      for tensor in operation.outputs where tensor >= 0 { writers[tensor] = node }
    }
    for (index, tensor) in outputs.enumerated() {
      guard let writer = writers[tensor] else { continue }
      edges.append(Edge(from: writer, to: inputs.count + inspection.operators.count + index, tensor: tensor))
    }
    return edges
  }

  var svg: String {
    let (inputs, outputs) = (inspection.subgraph.inputs, inspection.subgraph.outputs)
    var parts = zip(edges, layout.routes).map { path($0, $1) }
    parts += inputs.indices.map { end("input", inspection.tensors[inputs[$0]], at: layout.centers[$0]) }
    parts += inspection.operators.map { node($0, at: layout.centers[inputs.count + $0.index]) }
    let first = inputs.count + inspection.operators.count
    parts += outputs.indices.map { end("output", inspection.tensors[outputs[$0]], at: layout.centers[first + $0]) }
    let (width, height) = (Markup.number(layout.size.width), Markup.number(layout.size.height))
    return """
      <svg id="graph" xmlns="http://www.w3.org/2000/svg" width="\(width)" height="\(height)" \
      viewBox="0 0 \(width) \(height)" role="img" aria-label="Graph of the operators">
      <defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">\
      <path d="M0 0.5 8 4 0 7.5z"/></marker></defs>
      \(parts.joined(separator: "\n"))
      </svg>
      """
  }

  /// A smooth line through the points of a route; it leaves and arrives vertically.
  private func path(_ edge: Edge, _ route: [GraphLayout.Point]) -> String {
    var data = "M\(Markup.number(route[0].x)) \(Markup.number(route[0].y))"
    for (start, end) in zip(route, route.dropFirst()) {
      let middle = Markup.number((start.y + end.y) / 2)
      data += " C\(Markup.number(start.x)) \(middle) \(Markup.number(end.x)) \(middle)"
      data += " \(Markup.number(end.x)) \(Markup.number(end.y))"
    }
    let tensor = inspection.tensors[edge.tensor]
    return """
      <path class="edge" d="\(data)" marker-end="url(#arrow)"><title>\(Markup.escaped(describe(tensor)))</title></path>
      """
  }

  private func describe(_ tensor: InspectedTensor) -> String {
    let quantization = tensor.quantizationText
    return
      "tensor \(tensor.index) '\(tensor.name)'\n\(tensor.typeText)\(quantization.isEmpty ? "" : "\n\(quantization)")"
  }

  private func end(_ role: String, _ tensor: InspectedTensor, at center: GraphLayout.Point) -> String {
    box(
      "end", id: "", center, round: 23, lines: (Format.shortened(tensor.name, to: 22), tensor.typeText),
      title: "\(role): \(describe(tensor))")
  }

  private func node(_ operation: InspectedOperator, at center: GraphLayout.Point) -> String {
    let output = inspection.mainOutput(of: operation)
    var title = "node \(operation.index): \(operation.name) version \(operation.code.version)"
    for tensor in operation.inputs where tensor >= 0 { title += "\nin: \(describe(inspection.tensors[tensor]))" }
    for tensor in operation.outputs where tensor >= 0 { title += "\nout: \(describe(inspection.tensors[tensor]))" }
    if operation.multiplyAccumulates > 0 { title += "\n\(operation.multiplyAccumulates) multiply-accumulates" }
    if operation.isStep == false { title += "\nfolded: needs no step of its own" }
    if operation.isChained { title += "\nin a chain that runs some rows at a time" }
    if let problem = operation.problem { title += "\nwould not run: \(problem)" }
    let state = operation.problem != nil ? " refused" : operation.isStep == false ? " folded" : ""
    let share = inspection.share(operation)
    let bar = share > 0 ? workBar(share, center) : ""
    return box(
      "operator \(OperatorFamily(operation.name).rawValue)\(state)", id: " id=\"node\(operation.index)\"", center,
      round: 6,
      lines: (Format.shortened(operation.name, to: 22), output?.typeText ?? ""), title: title, extra: bar)
  }

  /// The share of all multiply-accumulates, along the lower edge of the box.
  private func workBar(_ share: Double, _ center: GraphLayout.Point) -> String {
    let size = GraphLayout.nodeSize
    let width = Markup.number(max(1, (size.width - 12) * share))
    return """
      <rect class="work" x="\(Markup.number(center.x - size.width / 2 + 6))" \
      y="\(Markup.number(center.y + size.height / 2 - 5))" width="\(width)" height="3"/>
      """
  }

  private func box(
    _ kind: String, id: String, _ center: GraphLayout.Point, round: Int, lines: (String, String), title: String,
    extra: String = ""
  ) -> String {
    let size = GraphLayout.nodeSize
    let x = Markup.number(center.x)
    return """
      <g class="\(kind)"\(id)><title>\(Markup.escaped(title))</title>\
      <rect x="\(Markup.number(center.x - size.width / 2))" y="\(Markup.number(center.y - size.height / 2))" \
      width="\(Markup.number(size.width))" height="\(Markup.number(size.height))" rx="\(round)"/>\(extra)\
      <text x="\(x)" y="\(Markup.number(center.y - 3))">\(Markup.escaped(lines.0))</text>\
      <text class="shape" x="\(x)" y="\(Markup.number(center.y + 13))">\
      \(Markup.escaped(Format.shortened(lines.1, to: 28)))</text></g>
      """
  }
}
