import ModelFormat
import Testing

@testable import Converter

@Suite struct RecipeTests {
  private func graph() throws -> Graph {
    let builder = GraphBuilder()
    var value = builder.input([1, 4, 4, 2])
    for name in ["block1/conv", "block1/relu", "block2/conv"] {
      (builder.source, builder.name) = ("\(name) (Layer)", name)
      value = name.hasSuffix("relu") ? try builder.emit(Operation(.relu), [value]) : try builder.convolution(value)
    }
    builder.graph.addOutput(value)
    return builder.graph
  }

  private func schemes(_ rules: [QuantizationRecipe.Rule]) throws -> [LayerScheme] {
    let graph = try graph()
    let plan = QuantizationPlan(standard: .int8, recipe: QuantizationRecipe(rules: rules), for: graph)
    return graph.executionOrder.map { plan.scheme(of: $0) }
  }

  @Test func theLastRuleThatFitsCounts() throws {
    #expect(try schemes([]) == [.int8, .int8, .int8])
    #expect(try schemes([.init(scope: "block1/*", scheme: .float32)]) == [.float32, .float32, .int8])
    #expect(try schemes([.init(operator: "CONV_2D", scheme: .int16x8)]) == [.int16x8, .int8, .int16x8])
    #expect(
      try schemes([
        .init(scope: "block?/conv", scheme: .weightOnly),
        .init(scope: "block2*", operator: "CONV_2D", scheme: .float32),
      ]) == [.weightOnly, .int8, .float32])
    #expect(try schemes([.init(scope: "block", scheme: .float32)]) == [.int8, .int8, .int8])
    #expect(try schemes([.init(scheme: .float32)]) == [.float32, .float32, .float32])
  }

  @Test func unusedRulesAreFound() throws {
    let recipe = QuantizationRecipe(rules: [
      .init(scope: "block1*", scheme: .int8), .init(scope: "head*", scheme: .int8),
      .init(operator: "SOFTMAX", scheme: .int8),
    ])
    #expect(recipe.unusedRules(in: try graph()) == Array(recipe.rules.dropFirst()))
  }

  @Test func recipesSurviveTheirText() throws {
    let recipe = QuantizationRecipe(rules: [
      .init(scope: "a/*", scheme: .weightOnly), .init(operator: "ADD", scheme: .int16x8),
    ])
    #expect(try QuantizationRecipe(json: recipe.json) == recipe)
  }

  @Test(arguments: [
    "", "[]", "{}", #"{"rules": 3}"#, #"{"rules": [{"scope": "a"}]}"#, #"{"rules": [{"scheme": "int4"}]}"#,
    #"{"rules": [{"scheme": "int8", "scope": 7}]}"#, "{\"rules\": [",
  ])
  func otherTextsAreRefused(_ text: String) {
    #expect(throws: ConversionError.self) { try QuantizationRecipe(json: Array(text.utf8)) }
  }

  @Test func mixedSchemesMeetThroughConversions() throws {
    let graph = try graph()
    var plan = QuantizationPlan(
      standard: .int8,
      recipe: QuantizationRecipe(rules: [
        .init(scope: "block2*", scheme: .int16x8), .init(operator: "RELU", scheme: .float32),
      ]),
      for: graph)
    plan.inputType = .int8
    let samples = SampleList([[ConstantBytes(elements: (0..<32).map { Float($0) / 16 - 1 }).array]])
    let result = try Quantizer.apply(plan, Calibration.measure(graph, samples), to: graph).graph
    let nodes = result.executionOrder.compactMap { result[$0] }
    #expect(nodes.map(\.operation.kind) == [.conv2D, .dequantize, .relu, .quantize, .conv2D, .dequantize])
    #expect(nodes[4].outputs.map { result[$0].type } == [.int16])
    _ = try GraphExecutor(result).outputs([[UInt8](repeating: 3, count: 32)])
  }
}
