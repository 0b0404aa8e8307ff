internal import ModelFormat

/// Turns a float graph into one of integers, after what calibration saw.
package struct Quantizer {
  private(set) var graph: Graph
  private let types: [NodeID: ElementType]
  let assignment: GridAssignment
  private let plan: QuantizationPlan
  private let calibration: Calibration
  /// By layer with weights: what it reads in the float graph.
  private let sources: [NodeID: ValueID]
  /// Layers of which calibration saw too little or too much to round their weights together.
  private var roundedToNearest: [String] = []
  /// Values brought to another type or grid, by what they are.
  private var converted: [Conversion: ValueID] = [:]
  /// Integer forms of weights, by the float ones: layers that read the same weights share them where the scales are equal.
  private var stored: [ValueID: [ValueID]] = [:]
  /// Integer weights behind a DEQUANTIZE.
  private var widened: [SymmetricWeights.Source: ValueID] = [:]

  private struct Conversion: Hashable {
    let value: ValueID
    /// `nil` for float32.
    let grid: Grid?
  }

  /// The quantized form of `graph`.
  ///
  /// - Throws: `ConversionError` with `usage` for types of inputs and outputs that the plan's schemes do not give.
  package static func apply(
    _ plan: QuantizationPlan, _ calibration: Calibration, to graph: Graph
  ) throws -> QuantizedGraph {
    try apply(
      plan, calibration, ranges: calibration.ranges(plan.method),
      wideRanges: calibration.wideRanges(plan.method), to: graph)
  }

  /// The graph with the integers that its source model states, where it does.
  package static func restoring(_ graph: Graph) throws -> QuantizedGraph? {
    var plan = QuantizationPlan(standard: .float32)
    for id in graph.nodeIDs {
      guard let node = graph[id], let output = node.outputs.first,
        ![.quantize, .dequantize].contains(node.operation.kind)
      else { continue }
      let values = node.inputs.compactMap { $0 }.filter { !graph[$0].isConstant && graph[$0].type == .float32 }
      let grids = (graph[output].type == .float32 ? [output] : values).compactMap {
        graph[$0].statedGrid.flatMap(Grid.init)
      }
      guard let grid = grids.first else { continue }
      plan.overrides[id] = grid.type == .int16 ? .int16x8 : .int8
    }
    return plan.overrides.isEmpty ? nil : try apply(plan, Calibration(), ranges: [:], wideRanges: [:], to: graph)
  }

  private static func apply(
    _ plan: QuantizationPlan, _ calibration: Calibration, ranges observed: [ValueID: ClosedRange<Float>],
    wideRanges observedWide: [ValueID: ClosedRange<Float>], to graph: Graph
  ) throws -> QuantizedGraph {
    var ranges = observed
    var wideRanges = observedWide
    for index in graph.values.indices {
      guard let grid = graph.values[index].statedGrid.flatMap(Grid.init) else { continue }
      ranges[ValueID(index: index)] = grid.reach
      wideRanges[ValueID(index: index)] = grid.reach
    }
    AddendRanges.limit(&ranges, in: graph)
    AddendRanges.limit(&wideRanges, in: graph)
    let decisions = LayerDecisions(graph, plan, ranges: ranges)
    var quantizer = Quantizer(graph, decisions, plan, calibration, ranges, wideRanges)
    for id in graph.executionOrder { quantizer.quantize(id) }
    try quantizer.convertOutputs()
    try quantizer.convertInputs()
    quantizer.graph.nameUniquely()
    return QuantizedGraph(
      graph: quantizer.graph, kept: decisions.kept, roundedToNearest: quantizer.roundedToNearest)
  }

  private init(
    _ graph: Graph, _ decisions: LayerDecisions, _ plan: QuantizationPlan, _ calibration: Calibration,
    _ ranges: [ValueID: ClosedRange<Float>], _ wideRanges: [ValueID: ClosedRange<Float>]
  ) {
    self.graph = graph
    self.plan = plan
    self.calibration = calibration
    sources = Dictionary(
      uniqueKeysWithValues: graph.nodeIDs.compactMap { id in
        graph[id].flatMap { node in
          WeightOperands(node.operation.kind).flatMap { node.inputs[$0.data] }.map { (id, $0) }
        }
      })
    types = decisions.types
    assignment = GridAssignment(
      graph, types: decisions.types, inputType: plan.inputType, ranges: ranges, wideRanges: wideRanges)
    for (value, grid) in assignment.grids { mark(value, grid) }
  }

  private mutating func mark(_ value: ValueID, _ grid: Grid) {
    graph[value].type = grid.type
    graph[value].quantization = grid.quantization
    graph[value].statedGrid = nil
  }

  // MARK: Layers

  private mutating func quantize(_ id: NodeID) {
    guard let node = graph[id] else { return }
    guard let type = types[id], let rule = OperatorQuantization(node) else {
      for (position, input) in node.inputs.enumerated() {
        guard let input else { continue }
        if assignment.grids[input] != nil {
          graph.setInput(position, of: id, to: converted(input, to: nil))
        } else if let rounded = rounded(input, for: node) {
          graph.setInput(position, of: id, to: rounded)
        }
      }
      if plan.scheme(of: id) == .weightOnly { storeWeights(of: id, node) }
      return
    }
    let shared = rule.constantsShareGrid ? node.outputs.first.flatMap { assignment.grids[$0] } : nil
    for position in rule.data {
      guard node.inputs.indices.contains(position), let input = node.inputs[position] else { continue }
      if shared == nil, let limited = limitedAddend(input, of: node, type) {
        graph.setInput(position, of: id, to: graph.add(limited))
        continue
      }
      let grid =
        shared ?? (graph[input].isConstant ? assignment.constantGrid(input, type) : assignment.grid(of: input, type))
      if let grid { graph.setInput(position, of: id, to: converted(input, to: grid)) }
    }
    if let operands = WeightOperands(node.operation.kind) { quantizeWeights(of: id, operands, type) }
  }

  private mutating func quantizeWeights(of id: NodeID, _ operands: WeightOperands, _ type: ElementType) {
    guard let node = graph[id], let weights = node.inputs[operands.weights],
      let data = node.inputs[operands.data], let scale = graph[data].quantization?.scales.first
    else { return }
    let bias = node.inputs.indices.contains(operands.bias) ? node.inputs[operands.bias] : nil
    guard
      let stored = WeightStorage(
        graph[weights], bias.map { graph[$0] }, dimension: operands.dimension, dataScale: scale,
        dataMeans: dataMeans(of: id, node.operation.kind, operands),
        moments: plan.refinesWeights ? calibration.moments[id] : nil,
        outputScale: node.outputs.first.flatMap { assignment.grids[$0]?.scale } ?? 1,
        biasType: type == .int16 ? .int64 : .int32)
    else { return }
    graph[weights].constant?.forgetPages()
    if plan.refinesWeights, !stored.isRefined, calibration.sampleCount > 0, graph[weights].statedGrid == nil {
      roundedToNearest.append(node.source)
    }
    graph.setInput(operands.weights, of: id, to: shared(stored.weights, of: weights))
    if let bias = stored.bias { graph.setInput(operands.bias, of: id, to: graph.add(bias)) }
  }

  private mutating func shared(_ form: Value, of weights: ValueID) -> ValueID {
    let known = stored[weights, default: []].first {
      graph[$0].quantization == form.quantization && graph[$0].constant == form.constant
    }
    if let known { return known }
    let id = graph.add(form)
    stored[weights, default: []].append(id)
    return id
  }

  /// The means by channel of what a layer reads; empty where its bias is not to be corrected.
  private func dataMeans(of id: NodeID, _ kind: OperatorKind, _ operands: WeightOperands) -> [Double] {
    guard plan.correctsBias, kind != .transposeConv, let data = sources[id] else { return [] }
    return calibration.statistics[data]?.columnMeans ?? []
  }

  /// int8 weights behind a DEQUANTIZE, one for all layers that read them.
  private mutating func storeWeights(of id: NodeID, _ node: Node) {
    guard let operands = WeightOperands(node.operation.kind), let weights = node.inputs[operands.weights],
      graph[weights].count >= WeightQuantization.smallestLayer
    else { return }
    let source = SymmetricWeights.Source(value: weights, dimension: operands.dimension)
    if widened[source] == nil {
      guard let stored = SymmetricWeights.quantize(graph[weights], dimension: operands.dimension) else { return }
      let wide = graph.add(Value(name: graph[weights].name, type: .float32, shape: stored.shape))
      graph.add(
        Node(Operation(.dequantize), inputs: [graph.add(stored)], outputs: [wide], source: node.source))
      widened[source] = wide
    }
    graph.setInput(operands.weights, of: id, to: widened[source])
  }

  // MARK: Conversions

  /// A float32 value as the source model rounds it before a float32 layer reads it; `nil` where it does not.
  private mutating func rounded(_ value: ValueID, for node: Node) -> ValueID? {
    guard let stated = graph[value].statedGrid.flatMap(Grid.init), !graph[value].isConstant,
      graph[value].type == .float32, node.operation.kind != .quantize,
      graph.producer(of: value)?.node.operation.kind != .dequantize
    else { return nil }
    let key = Conversion(value: value, grid: nil)
    if let known = converted[key] { return known }
    var result = graph[value]
    result.openShape = []
    let stored = converted(value, to: stated)
    let id = graph.add(result)
    graph.add(Node(Operation(.dequantize), inputs: [stored], outputs: [id], source: node.source))
    converted[key] = id
    return id
  }

  /// `value` on `grid`, or as float32 for `nil`.
  private mutating func converted(_ value: ValueID, to grid: Grid?) -> ValueID {
    if let own = assignment.grids[value] {
      if own == grid { return value }
    } else if grid == nil {
      return value
    }
    let key = Conversion(value: value, grid: grid)
    if let known = converted[key] { return known }
    var result = graph[value]
    (result.openShape, result.statedGrid) = ([], nil)
    result.type = grid?.type ?? .float32
    result.quantization = grid?.quantization
    if let grid, let elements = graph[value].constant?.elements(as: Float.self) {
      result.constant = grid.stored(elements)
      let id = graph.add(result)
      converted[key] = id
      return id
    }
    let source = graph.producer(of: value)?.node.source ?? graph[value].name
    let id = graph.add(result)
    graph.add(Node(Operation(grid == nil ? .dequantize : .quantize), inputs: [value], outputs: [id], source: source))
    converted[key] = id
    return id
  }
}

// MARK: Edges of the graph

extension Quantizer {
  private mutating func convertOutputs() throws {
    for position in graph.outputs.indices {
      let value = graph.outputs[position]
      let own = assignment.grids[value]
      guard own != nil || (graph[value].type == .float32 && plan.outputType != .float32) else { continue }
      let narrow = own?.type == .int16 && (plan.outputType == .int8 || plan.outputType == .uint8)
      let grid = narrow ? nil : own
      guard let grid = grid ?? assignment.edgeGrid(of: value, plan.outputType == .int16 ? .int16 : .int8) else {
        throw ConversionError(
          .usage, layer: graph[value].name, "no range was observed at this output",
          remedy: "use --output-type float32")
      }
      let name = graph[value].name
      let result: ValueID
      switch plan.outputType {
      case .float32: result = converted(value, to: nil)
      case .uint8 where grid.type == .int8: result = unsigned(converted(value, to: grid), grid)
      case grid.type: result = converted(value, to: grid)
      default:
        throw ConversionError(
          .usage, layer: name,
          "this output is \(grid.type.name) inside, and --output-type \(plan.outputType.name) is not",
          remedy: "use --output-type float32 or \(grid.type.name)")
      }
      guard result != value else { continue }
      graph.outputs[position] = result
      graph[result].openShape = graph[value].openShape
      graph[result].name = name
      graph[value].name = "\(name)/stored"
    }
  }

  /// The value as uint8: the same numbers, 128 added to each.
  private mutating func unsigned(_ value: ValueID, _ grid: Grid) -> ValueID {
    var result = graph[value]
    result.type = .uint8
    result.quantization = Quantization(scales: [grid.scale], zeroPoints: [grid.zeroPoint + 128])
    let id = graph.add(result)
    graph.add(Node(Operation(.quantize), inputs: [value], outputs: [id], source: result.name))
    return id
  }

  private mutating func convertInputs() throws {
    for position in graph.inputs.indices {
      let value = graph.inputs[position]
      guard let grid = assignment.grids[value], plan.inputType != grid.type else { continue }
      var outer = graph[value]
      switch plan.inputType {
      case .float32: (outer.type, outer.quantization) = (.float32, nil)
      case .uint8 where grid.type == .int8:
        outer.type = .uint8
        outer.quantization = Quantization(scales: [grid.scale], zeroPoints: [grid.zeroPoint + 128])
      default:
        throw ConversionError(
          .usage, layer: outer.name,
          "this input is \(grid.type.name) inside, and --input-type \(plan.inputType.name) is not",
          remedy: "use --input-type float32 or \(grid.type.name)")
      }
      let id = graph.add(outer)
      graph.inputs[position] = id
      graph[value].name = "\(outer.name)/stored"
      graph[value].openShape = []
      graph.add(Node(Operation(.quantize), inputs: [id], outputs: [value], source: outer.name))
    }
  }
}
