import ModelFormat
import Testing

@testable import Converter

@Suite struct EdgeTPUTests {
  private let operators: Set<String> = ["RELU", "SOFTMAX", "QUANTIZE", "MAX_POOL_2D", "MEAN"]

  /// A chain of operators on int8 tensors, the input of another type where given.
  private func chain(
    _ kinds: [OperatorKind], shape: [Int] = [1, 4, 4, 2], inputType: ElementType = .int8
  ) -> Graph {
    var graph = Graph()
    let quantization = Quantization(scales: [1], zeroPoints: [0])
    var last = graph.add(Value(name: "input", type: inputType, shape: shape, quantization: quantization))
    graph.addInput(last)
    for (index, kind) in kinds.enumerated() {
      let output = graph.add(Value(name: "y\(index)", type: .int8, shape: shape, quantization: quantization))
      graph.add(Node(Operation(kind), inputs: [last], outputs: [output], source: ""))
      last = output
    }
    graph.addOutput(last)
    return graph
  }

  private func maps(_ graph: Graph) -> [Bool] {
    EdgeTPUPrediction(graph, operators: operators).entries.map { $0.obstacle == nil }
  }

  @Test func whatFollowsAnOperatorOnTheProcessorStaysThere() {
    #expect(maps(chain([.relu, .exp, .relu])) == [true, false, false])
  }

  @Test func quantizingTheInputDoesNotEndThePartition() {
    #expect(maps(chain([.quantize, .relu], inputType: .float32)) == [false, true])
    #expect(maps(chain([.relu, .relu], inputType: .float32)) == [false, false])
  }

  @Test func onlyThreeDimensionsMayBeLarge() {
    #expect(maps(chain([.relu], shape: [2, 4, 4, 2])) == [false])
    #expect(maps(chain([.relu], shape: [1, 1, 4, 4, 2])) == [true])
  }

  @Test func openDimensionsDoNotMap() {
    var graph = chain([.relu])
    graph[graph.inputs[0]].openShape = [-1, 4, 4, 2]
    #expect(maps(graph) == [false])
  }

  @Test func aSoftmaxHasOneShortRow() {
    #expect(maps(chain([.softmax], shape: [1, 16000])) == [true])
    #expect(maps(chain([.softmax], shape: [1, 16001])) == [false])
    #expect(maps(chain([.softmax], shape: [2, 10])) == [false])
  }

  @Test func reductionsKeepTheBatch() {
    for (axis, isMapped) in [(Int32(0), false), (1, true), (-4, false)] {
      let quantization = Quantization(scales: [1], zeroPoints: [0])
      var graph = Graph()
      let input = graph.add(Value(name: "x", type: .int8, shape: [1, 4, 4, 2], quantization: quantization))
      graph.addInput(input)
      let axes = graph.add(
        Value(name: "axes", type: .int32, shape: [1], constant: ConstantBytes(elements: [axis])))
      let output = graph.add(Value(name: "y", type: .int8, shape: [1, 4, 2], quantization: quantization))
      graph.add(Node(Operation(.mean), inputs: [input, axes], outputs: [output], source: ""))
      graph.addOutput(output)
      #expect(maps(graph) == [isMapped], "axis \(axis)")
    }
  }
}
