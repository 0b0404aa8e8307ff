import ModelFormat
import Testing

@testable import Converter

/// Builds a graph, applies rules until none fires, and gives the graph as text.
func rewritten(_ rules: [Rule], _ build: (GraphBuilder) throws -> [ValueID]) throws -> String {
  let builder = try graph(build)
  var driver = PassDriver()
  driver.run([rules], on: &builder.graph)
  builder.graph.nameUniquely()
  return builder.graph.text
}

/// The graph as text before any rewrite.
func text(_ build: (GraphBuilder) throws -> [ValueID]) throws -> String {
  let builder = try graph(build)
  builder.graph.nameUniquely()
  return builder.graph.text
}

private func graph(_ build: (GraphBuilder) throws -> [ValueID]) throws -> GraphBuilder {
  let builder = GraphBuilder()
  for (index, output) in try build(builder).enumerated() {
    builder.graph[output].name = "out\(index == 0 ? "" : "\(index)")"
    builder.graph.addOutput(output)
  }
  return builder
}

extension GraphBuilder {
  /// An input of the graph; values computed next are named `t`.
  func input(_ name: String, _ shape: [Int]) -> ValueID {
    let id = graph.add(Value(name: name, type: .float32, shape: shape))
    graph.addInput(id)
    self.name = "t"
    return id
  }

  func input(_ shape: [Int]) -> ValueID { input("x", shape) }

  /// A 1x1 convolution from 2 channels to 2 with weights 1 2 3 4 and bias 5 6.
  func convolution(_ input: ValueID) throws -> ValueID {
    try emit(
      .conv2D(strides: Extent(1, 1), dilations: Extent(1, 1), padding: .valid),
      [input, constant([1, 2, 3, 4], shape: [2, 1, 1, 2]), constant([5, 6])])
  }
}
