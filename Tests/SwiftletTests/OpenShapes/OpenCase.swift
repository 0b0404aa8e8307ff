import ModelFormat
import TestSupport
import Testing

@testable import Swiftlet

/// One operator behind tensors whose shapes are known only while running, for `OpenShapeTests`.
struct OpenCase: CustomTestStringConvertible, Sendable {
  let name: String
  /// The operator's number, or its name when it is a custom one.
  let code: Int
  var custom = ""
  /// The largest length of each open side. Its least is 1 unless `least` says otherwise.
  let largest: [Int]
  var least: [Int: Int] = [:]
  /// The model with closed shapes for these lengths.
  let model: @Sendable (_ sides: [Int]) -> ModelBuilder
  /// By input of the model that is open: its shape for these lengths.
  let open: @Sendable (_ sides: [Int]) -> [Int: [Int]]
  /// By input of the model that holds values which decide about shapes: the values for these lengths.
  var values: @Sendable (_ sides: [Int]) -> [Int: [Int]] = { _ in [:] }
  /// Element `index` of an input of this type.
  var element: @Sendable (_ input: Int, _ type: ElementType, _ index: Int) -> Double = OpenCase.pattern

  var testDescription: String { name }

  static func pattern(_ input: Int, _ type: ElementType, _ index: Int) -> Double {
    switch type {
    case .bool: Double((index + input) % 3 / 2)
    case .int32, .int64: Double(index * 7 % 3)
    case .uint8: Double(index * 7 % 201)
    case .int8, .int16: Double(index * 7 % 201 - 100)
    case .float32: Double((index * 7 + input) % 11) / 2 - 2
    default: Double(index * 97 % 1000)
    }
  }

  // MARK: Runs

  /// The lengths of run `number`: the first has the largest, all others are different.
  func sides(_ number: Int) -> [Int] {
    let counts = largest.indices.map { largest[$0] - (least[$0] ?? 1) + 1 }
    let total = counts.reduce(1, *)
    var step = min(13, total)
    while OpenCase.divisor(step, total) > 1 { step += 1 }
    var rest = number * step % max(1, total)
    return largest.indices.map { index in
      defer { rest /= counts[index] }
      return largest[index] - rest % counts[index]
    }
  }

  /// How many different lengths there are.
  var shapeCount: Int { largest.indices.reduce(1) { $0 * (largest[$1] - (least[$1] ?? 1) + 1) } }

  private static func divisor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : divisor(b, a % b) }

  // MARK: Models

  /// The largest model with a SLICE behind every open input, whose sizes are further inputs.
  func openModel() -> ModelBuilder {
    var model = model(largest)
    let graph = model.subgraphs[0]
    var inputs = graph.inputs
    for position in open(largest).keys.sorted() {
      let tensor = graph.tensors[graph.inputs[position]]
      let rank = tensor.shape.count
      let whole = model.tensor("whole\(position)", tensor.type, tensor.shape, quantization: tensor.quantization)
      let begin = model.constant("begin\(position)", .int32, [rank], [Int32](repeating: 0, count: rank))
      let size = model.tensor("size\(position)", .int32, [rank])
      inputs[position] = whole
      inputs.append(size)
      let slice = model.operation(65, inputs: [whole, begin, size], outputs: [graph.inputs[position]])
      model.subgraphs[0].operators.insert(model.subgraphs[0].operators.remove(at: slice), at: 0)
    }
    model.setInputs(inputs, outputs: graph.outputs)
    return model
  }

  /// The model for `sides`, with the values that decide as constants.
  func closedModel(_ sides: [Int]) -> ModelBuilder {
    var model = model(sides)
    for (position, values) in values(sides) {
      let tensor = model.subgraphs[0].inputs[position]
      model.subgraphs[0].tensors[tensor].data = values.flatMap {
        OpenCase.bytes(of: Double($0), model.subgraphs[0].tensors[tensor].type)
      }
    }
    let constant = Set(values(sides).keys)
    model.subgraphs[0].inputs = model.subgraphs[0].inputs.enumerated().filter { !constant.contains($0.offset) }
      .map { $0.element }
    return model
  }

  // MARK: Inputs

  static func bytes(of value: Double, _ type: ElementType) -> [UInt8] {
    switch type {
    case .uint32: Array(type.bytes(of: value).prefix(4))
    default: type.bytes(of: value)
    }
  }

  /// Sets what the open model reads for `sides`.
  func setOpen(_ interpreter: Interpreter, _ sides: [Int]) throws {
    let (pieces, decisive) = (open(sides), values(sides))
    let inputs = interpreter.program.inputs
    for position in 0..<inputs.count - pieces.count {
      let (type, count) = (inputs[position].type, inputs[position].shape.elementCount)
      let numbers = decisive[position]?.map { Double($0) } ?? (0..<count).map { element(position, type, $0) }
      try interpreter.setBytes(position, numbers.flatMap { OpenCase.bytes(of: $0, type) })
    }
    for (index, position) in pieces.keys.sorted().enumerated() {
      let sizes = (pieces[position] ?? []).map { Double($0) }
      try interpreter.setBytes(
        inputs.count - pieces.count + index, sizes.flatMap { ElementType.int32.bytes(of: $0) })
    }
  }

  /// Sets what the closed model reads: the pieces that the open one cuts out.
  func setClosed(_ interpreter: Interpreter, _ sides: [Int]) throws {
    let (whole, pieces, decisive) = (open(largest), open(sides), values(sides))
    var position = 0
    for (index, input) in interpreter.program.inputs.enumerated() {
      while decisive[position] != nil { position += 1 }
      defer { position += 1 }
      let numbers: [Double]
      if let outer = whole[position], let inner = pieces[position] {
        numbers = OpenCase.places(of: inner, in: outer).map { element(position, input.type, $0) }
      } else {
        numbers = (0..<input.shape.elementCount).map { element(position, input.type, $0) }
      }
      try interpreter.setBytes(index, numbers.flatMap { OpenCase.bytes(of: $0, input.type) })
    }
  }

  /// Where the elements of a box at the origin stand in the whole.
  private static func places(of inner: [Int], in outer: [Int]) -> [Int] {
    var places = [0]
    for axis in inner.indices {
      places = places.flatMap { place in (0..<inner[axis]).map { place * outer[axis] + $0 } }
    }
    return places
  }
}

// MARK: Single operators

/// A side of an operand: fixed, or a multiple of an open one.
struct Side: ExpressibleByIntegerLiteral, Sendable {
  var index = -1
  var factor = 1
  var offset = 0

  init(integerLiteral value: Int) { offset = value }

  init(_ factor: Int = 1, open index: Int, plus offset: Int = 0) {
    (self.index, self.factor, self.offset) = (index, factor, offset)
  }

  static let a = Side(open: 0)
  static let b = Side(open: 1)
  static let twoA = Side(2, open: 0)
  static let twoB = Side(2, open: 1)
  static let fourA = Side(4, open: 0)
  static let twoBAnd1 = Side(2, open: 1, plus: 1)
  static let bAnd2 = Side(open: 1, plus: 2)
  static let bAnd3 = Side(open: 1, plus: 3)

  func length(_ sides: [Int]) -> Int { (index < 0 ? 0 : sides[index] * factor) + offset }
}

/// An operand of a single operator.
enum OpenOperand: Sendable {
  case piece(ElementType, [Side], QuantizationSpec?)
  /// Values that decide about shapes.
  case deciding([Side])
  case closed(OneNode.Value)

  static func open(_ type: ElementType, _ sides: Side...) -> OpenOperand {
    .piece(type, sides, type.isQuantized ? .perTensor(0.125, type == .int16 ? 0 : 3) : nil)
  }

  static func constant(_ shape: [Int], _ type: ElementType = .float32) -> OpenOperand {
    let count = shape.reduce(1, *)
    let quantization: QuantizationSpec? = type.isQuantized ? .perTensor(0.125, type == .uint8 ? 3 : 0) : nil
    return .closed(.constant(type, shape, (0..<count).map { OpenCase.pattern(1, type, $0) }, quantization))
  }

  static func ints(_ elements: Int...) -> OpenOperand {
    .closed(.constant(.int32, [elements.count], elements.map { Double($0) }))
  }

  static func scalar(_ element: Int) -> OpenOperand { .closed(.scalar(element)) }

  func value(_ sides: [Int]) -> OneNode.Value {
    switch self {
    case .piece(let type, let lengths, let quantization):
      .input(type, lengths.map { $0.length(sides) }, quantization)
    case .deciding(let lengths): .input(.int32, [lengths.count])
    case .closed(let value): value
    }
  }
}

extension OpenCase {
  init(
    _ name: String, _ code: Int, _ operands: [OpenOperand], _ outputs: [ElementType], largest: [Int],
    least: [Int: Int] = [:], options: [Int: FieldValue] = [:], quantization: QuantizationSpec? = nil,
    outputShape: [Int] = [], custom: String = "", customOptions: [String: FlexValue] = [:],
    element: @escaping @Sendable (Int, ElementType, Int) -> Double = OpenCase.pattern
  ) {
    (self.name, self.code, self.custom, self.largest, self.least) = (name, code, custom, largest, least)
    self.element = element
    model = { sides in
      var node = OneNode(code, operands.map { $0.value(sides) }, outputs, options: options, quantization: quantization)
      node.outputs[0].shape = outputShape
      node.custom = custom
      if !custom.isEmpty { node.customOptions = flexBuffer(customOptions) }
      return node.builder()
    }
    let inputs = operands.filter {
      if case .closed(let value) = $0 { return value.elements == nil }
      return true
    }
    open = { sides in
      var shapes: [Int: [Int]] = [:]
      for (position, input) in inputs.enumerated() {
        if case .piece(_, let lengths, _) = input { shapes[position] = lengths.map { $0.length(sides) } }
      }
      return shapes
    }
    values = { sides in
      var values: [Int: [Int]] = [:]
      for (position, input) in inputs.enumerated() {
        if case .deciding(let lengths) = input { values[position] = lengths.map { $0.length(sides) } }
      }
      return values
    }
  }
}
