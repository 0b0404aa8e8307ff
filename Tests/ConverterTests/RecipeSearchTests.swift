import ModelFormat
import Testing

@testable import Converter

/// A chain of 1x1 convolutions of which one is broken on purpose: each of its outputs has one huge weight on an input that is
/// nearly always zero. The weight decides the scale and leaves nothing for the others.
@Suite struct RecipeSearchTests {
  private static let channels = 8

  private func chain(broken: Int?, layers: Int = 5) throws -> Graph {
    let builder = GraphBuilder()
    let count = Self.channels
    var last = builder.graph.add(Value(name: "x", type: .float32, shape: [1, 4, 4, count]))
    builder.graph.addInput(last)
    for layer in 0..<layers {
      builder.source = "conv\(layer) (Conv)"
      builder.name = "conv\(layer)"
      var weights = (0..<count * count).map { Float(($0 * 37 + layer * 11) % 19 - 9) / 20 }
      // The last channel stays near zero, so that a huge weight on it changes next to nothing.
      for output in 0..<count { weights[output * count + count - 1] = layer == broken ? 400 : 0 }
      for input in 0..<count { weights[(count - 1) * count + input] = input == count - 1 ? 1e-4 : 0 }
      last = try builder.emit(
        .conv2D(strides: Extent(1, 1), dilations: Extent(1, 1), padding: .valid),
        [
          last, builder.constant(weights, shape: [count, 1, 1, count]),
          builder.constant((0..<count).map { $0 == count - 1 ? 0 : 0.05 }),
        ])
      builder.graph[last].name = "conv\(layer)"
    }
    builder.graph.addOutput(last)
    builder.graph.nameUniquely()
    return builder.graph
  }

  private func samples(_ graph: Graph, count: Int = 6) -> SampleList {
    SampleList(
      (0..<count).map { sample in
        let elements = (0..<graph[graph.inputs[0]].count).map { index -> Float in
          if index % Self.channels == Self.channels - 1 { return 0 }
          return Float((index * 13 + sample * 29) % 41 - 20) / 20
        }
        return [ConstantBytes(elements: elements).array]
      })
  }

  private func quantize(_ graph: Graph) throws -> (QuantizationPlan, Calibration, QuantizedGraph) {
    var plan = QuantizationPlan(standard: .int8)
    plan.method = .minMax
    let calibration = try Calibration.measure(graph, samples(graph))
    return (plan, calibration, try Quantizer.apply(plan, calibration, to: graph))
  }

  @Test(arguments: [1, 2, 3]) func theBrokenLayerIsNamedFirst(broken: Int) throws {
    let graph = try chain(broken: broken)
    let (_, calibration, quantized) = try quantize(graph)
    let errors = try QuantizationErrors.measure(graph, quantized.graph, samples(graph), limit: 4)
    let report = QuantizationReport(
      float: graph, quantized: quantized, calibration: calibration, errors: errors, method: "minmax")
    #expect(report.samples == 4 && report.calibrationSamples == 6)
    #expect(report.layers.map(\.name) == (0..<5).map { "conv\($0)" })
    let worst = report.worstFirst
    #expect(worst[0].name == "conv\(broken)")
    #expect(worst[0].own.decibels < worst[1].own.decibels - 10)
    #expect(worst[0].weights?.bytes == 64 && worst[0].weights?.originalBytes == 256)
    #expect(worst[0].weights?.values.high == 400)
    let before = try #require(report.layers.first { $0.name == "conv\(broken - 1)" })
    #expect(before.total.decibels > 30, "layers before the broken one are sound")
  }

  @Test func aSoundNetworkStaysAsItIs() throws {
    let graph = try chain(broken: nil)
    let (plan, calibration, _) = try quantize(graph)
    let agreement = try Agreement(graph, samples(graph))
    let result = try RecipeSearch.run(graph, plan, calibration, samples: samples(graph), target: 0.99) {
      try agreement.score($0.graph)
    }
    #expect(result.isReached && result.restored.isEmpty && result.trials == 1 && result.rules.isEmpty)
  }

  @Test(arguments: [1, 3]) func theBrokenLayerIsPutBackAlone(broken: Int) throws {
    let graph = try chain(broken: broken)
    let (plan, calibration, quantized) = try quantize(graph)
    let agreement = try Agreement(graph, samples(graph))
    #expect(try agreement.score(quantized.graph) < 0.99)
    let result = try RecipeSearch.run(graph, plan, calibration, samples: samples(graph), target: 0.99) {
      try agreement.score($0.graph)
    }
    #expect(result.isReached)
    #expect(result.restored.map(\.name) == ["conv\(broken)"])
    #expect(result.restored[0].scheme == .float32, "int16 data keeps the int8 weights that are the trouble")
    #expect(result.scores.after >= 0.99 && result.scores.before < 0.99)

    let recipe = QuantizationRecipe(rules: result.rules)
    let again = QuantizationPlan(standard: .int8, recipe: recipe, for: graph)
    #expect(again.overrides == result.plan.overrides, "the recipe gives the same network")
  }

  @Test func noMoreLayersThanItTakesLeaveInt16ForFloat() throws {
    let graph = try chain(broken: nil)
    let (plan, calibration, _) = try quantize(graph)
    let result = try RecipeSearch.run(graph, plan, calibration, samples: samples(graph), target: 1) { candidate in
      let types = candidate.graph.nodeIDs.compactMap { candidate.graph[$0] }
        .filter { $0.operation.kind == .conv2D }.map { candidate.graph[$0.outputs[0]].type }
      return !types.contains(.int8) && types.count(where: { $0 == .float32 }) >= 2 ? 1 : 0
    }
    #expect(result.isReached)
    #expect(result.restored.count == 5)
    #expect(result.restored.count(where: { $0.scheme == .float32 }) == 2)
  }

  @Test func whatCannotBeReachedIsSaid() throws {
    let graph = try chain(broken: 1)
    let (plan, calibration, _) = try quantize(graph)
    let result = try RecipeSearch.run(graph, plan, calibration, samples: samples(graph), target: 2) { _ in 1 }
    #expect(!result.isReached)
  }

  @Test func agreementCountsFirstClassesAndCosines() throws {
    let builder = GraphBuilder()
    let x = builder.graph.add(Value(name: "x", type: .float32, shape: [1, 3]))
    builder.graph.addInput(x)
    let turned = try builder.emit(Operation(.neg), [x])
    builder.graph.addOutput(turned)
    let graph = builder.graph
    let inputs = SampleList([[ConstantBytes(elements: [1, 2, 3] as [Float]).array]])
    let agreement = try Agreement(graph, inputs)
    #expect(try agreement.score(graph) == 1)
    let other = GraphBuilder()
    let y = other.graph.add(Value(name: "x", type: .float32, shape: [1, 3]))
    other.graph.addInput(y)
    other.graph.addOutput(try other.emit(Operation(.abs), [y]))
    #expect(try agreement.score(other.graph) == 0)
  }
}
