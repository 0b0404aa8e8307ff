import ModelFormat
import TestSupport

@testable import Swiftlet

/// Models that call subgraphs.
enum ControlFlowModels {
  static let add = 0
  static let concatenation = 2
  static let mul = 18
  static let less = 58
  static let ifCode = 118
  static let whileCode = 119
  static let composite = 206

  static let noActivation = OptionsSpec(11, [0: .int8(0)])

  static func loop(condition: Int, body: Int) -> OptionsSpec {
    OptionsSpec(93, [0: .int32(Int32(condition)), 1: .int32(Int32(body))])
  }

  /// counter < limit, as subgraph with the loop's variables (counter, limit, rest...).
  static func isBelowLimit(_ rest: [(ElementType, [Int])]) -> SubgraphSpec {
    var graph = SubgraphSpec(name: "condition")
    let counter = graph.tensor("counter", .int32, [])
    let limit = graph.tensor("limit", .int32, [])
    let others = rest.enumerated().map { graph.tensor("rest\($0)", $1.0, $1.1) }
    let flag = graph.tensor("flag", .bool, [])
    graph.operation(less, inputs: [counter, limit], outputs: [flag])
    (graph.inputs, graph.outputs) = ([counter, limit] + others, [flag])
    return graph
  }

  /// `limit` times x = x * 2 + 1; outputs x and how often.
  static func power() -> ModelBuilder {
    var body = SubgraphSpec(name: "body")
    let counter = body.tensor("counter", .int32, [])
    let limit = body.tensor("limit", .int32, [])
    let x = body.tensor("x", .float32, [3])
    let one = body.constant("one", .int32, [], [Int32(1)])
    let two = body.constant("two", .float32, [], [Float(2)])
    let unit = body.constant("unit", .float32, [], [Float(1)])
    let next = body.tensor("next", .int32, [])
    let double = body.tensor("double", .float32, [3])
    let result = body.tensor("result", .float32, [3])
    body.operation(add, inputs: [counter, one], outputs: [next], options: noActivation)
    body.operation(mul, inputs: [x, two], outputs: [double], options: OptionsSpec(21, [0: .int8(0)]))
    body.operation(add, inputs: [double, unit], outputs: [result], options: noActivation)
    (body.inputs, body.outputs) = ([counter, limit, x], [next, limit, result])
    return looping(body, [(.float32, [3])], values: [(.float32, [3])])
  }

  /// WHILE over (counter, limit, rest...), which starts with counter 0 and the inputs limit and rest.
  static func looping(
    _ body: SubgraphSpec, _ rest: [(ElementType, [Int])], values: [(ElementType, [Int])]
  ) -> ModelBuilder {
    var model = ModelBuilder()
    let zero = model.constant("zero", .int32, [], [Int32(0)])
    let limit = model.tensor("limit", .int32, [])
    let inputs = rest.enumerated().map { model.tensor("input\($0)", $1.0, $1.1) }
    let count = model.tensor("count", .int32, [])
    let same = model.tensor("same", .int32, [])
    let outputs = values.enumerated().map { model.tensor("output\($0)", $1.0, $1.1) }
    model.operation(
      whileCode, inputs: [zero, limit] + inputs, outputs: [count, same] + outputs, options: loop(condition: 1, body: 2))
    model.setInputs([limit] + inputs, outputs: outputs + [count])
    model.subgraphs += [isBelowLimit(rest), body]
    return model
  }

  /// Each iteration appends the counter to a vector.
  static func growing() -> ModelBuilder {
    var body = SubgraphSpec(name: "body")
    let counter = body.tensor("counter", .int32, [])
    let limit = body.tensor("limit", .int32, [])
    let list = body.tensor("list", .int32, [1])
    let one = body.constant("one", .int32, [], [Int32(1)])
    let shape = body.constant("shape", .int32, [1], [Int32(1)])
    let next = body.tensor("next", .int32, [])
    let element = body.tensor("element", .int32, [1])
    let longer = body.tensor("longer", .int32, [2])
    body.operation(add, inputs: [counter, one], outputs: [next], options: noActivation)
    body.operation(22, inputs: [next, shape], outputs: [element])
    body.operation(
      concatenation, inputs: [list, element], outputs: [longer], options: OptionsSpec(10, [0: .int32(0), 1: .int8(0)]))
    (body.inputs, body.outputs) = ([counter, limit, list], [next, limit, longer])
    return looping(body, [(.int32, [1])], values: [(.int32, [1])])
  }

  /// Each iteration exchanges two variables.
  static func exchanging() -> ModelBuilder {
    var body = SubgraphSpec(name: "body")
    let counter = body.tensor("counter", .int32, [])
    let limit = body.tensor("limit", .int32, [])
    let a = body.tensor("a", .float32, [2])
    let b = body.tensor("b", .float32, [2])
    let one = body.constant("one", .int32, [], [Int32(1)])
    let next = body.tensor("next", .int32, [])
    body.operation(add, inputs: [counter, one], outputs: [next], options: noActivation)
    (body.inputs, body.outputs) = ([counter, limit, a, b], [next, limit, b, a])
    let pair: [(ElementType, [Int])] = [(.float32, [2]), (.float32, [2])]
    return looping(body, pair, values: pair)
  }

  /// flag ? x + 1 : x * x, on three numbers; with `shapes` the second branch gives them twice.
  static func branches(differentShapes: Bool = false) -> ModelBuilder {
    var then = SubgraphSpec(name: "then")
    let x = then.tensor("x", .float32, [3])
    let unit = then.constant("unit", .float32, [], [Float(1)])
    let sum = then.tensor("sum", .float32, [3])
    then.operation(add, inputs: [x, unit], outputs: [sum], options: noActivation)
    (then.inputs, then.outputs) = ([x], [sum])
    var otherwise = SubgraphSpec(name: "else")
    let y = otherwise.tensor("x", .float32, [3])
    let square = otherwise.tensor("square", .float32, [differentShapes ? 6 : 3])
    if differentShapes {
      otherwise.operation(
        concatenation, inputs: [y, y], outputs: [square], options: OptionsSpec(10, [0: .int32(0), 1: .int8(0)]))
    } else {
      otherwise.operation(mul, inputs: [y, y], outputs: [square], options: OptionsSpec(21, [0: .int8(0)]))
    }
    (otherwise.inputs, otherwise.outputs) = ([y], [square])
    var model = ModelBuilder()
    let flag = model.tensor("flag", .bool, [1])
    let input = model.tensor("input", .float32, [3])
    let output = model.tensor("output", .float32, [3])
    model.operation(
      ifCode, inputs: [flag, input], outputs: [output], options: OptionsSpec(92, [0: .int32(1), 1: .int32(2)]))
    model.setInputs([flag, input], outputs: [output])
    model.subgraphs += [then, otherwise]
    return model
  }

  /// A chain of composites, each of which calls the next twice: 2^depth steps from a few nodes.
  static func doubling(depth: Int) -> ModelBuilder {
    var model = ModelBuilder()
    model.subgraphs = (0...depth).map { level in
      var graph = SubgraphSpec(name: "level\(level)")
      let x = graph.tensor("x", .float32, [1])
      let middle = graph.tensor("middle", .float32, [1])
      let y = graph.tensor("y", .float32, [1])
      for (input, output) in [(x, middle), (middle, y)] {
        if level < depth {
          graph.operation(
            composite, inputs: [input], outputs: [output],
            options2: OptionsSpec(21, [0: .string("twice"), 1: .int32(Int32(level + 1))]))
        } else {
          graph.operation(add, inputs: [input, input], outputs: [output], options: noActivation)
        }
      }
      (graph.inputs, graph.outputs) = ([x], [y])
      return graph
    }
    return model
  }

  static func program(_ model: ModelBuilder, _ options: PrepareOptions = PrepareOptions()) throws -> Program {
    try Program(model: Model(bytes: ModelBytes(copying: model.build())), options: options)
  }
}
