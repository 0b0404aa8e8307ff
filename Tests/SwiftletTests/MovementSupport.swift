import ModelFormat
import TestSupport

@testable import Swiftlet

/// A model of one operator whose values are given and read as Double.
struct OneNode {
  struct Value {
    var type: ElementType
    var shape: [Int] = []
    var quantization: QuantizationSpec?
    /// The elements of a constant; `nil` makes it an input of the model.
    var elements: [Double]?

    static func input(_ type: ElementType, _ shape: [Int], _ quantization: QuantizationSpec? = nil) -> Value {
      Value(type: type, shape: shape, quantization: quantization)
    }

    static func constant(
      _ type: ElementType, _ shape: [Int], _ elements: [Double], _ quantization: QuantizationSpec? = nil
    ) -> Value {
      Value(type: type, shape: shape, quantization: quantization, elements: elements)
    }

    /// A constant vector of int32.
    static func ints(_ elements: Int...) -> Value {
      constant(.int32, [elements.count], elements.map { Double($0) })
    }

    static func scalar(_ element: Int) -> Value { constant(.int32, [], [Double(element)]) }

    /// A constant [n, 2] of int32.
    static func pairs(_ elements: Int...) -> Value {
      constant(.int32, [elements.count / 2, 2], elements.map { Double($0) })
    }
  }

  var code: Int
  var inputs: [Value]
  var outputs: [Value]
  var options: [Int: FieldValue] = [:]
  var version = 1
  var custom = ""
  var customOptions: [UInt8] = []
  /// Positions of inputs that reach the operator through a SLICE whose sizes are further inputs of the model.
  var cut: Set<Int> = []

  init(
    _ code: Int, _ inputs: [Value], _ outputs: [ElementType], options: [Int: FieldValue] = [:],
    quantization: QuantizationSpec? = nil
  ) {
    self.code = code
    self.inputs = inputs
    self.outputs = outputs.map { .input($0, [], quantization) }
    self.options = options
  }

  func program(_ options: PrepareOptions = PrepareOptions()) throws -> Program {
    try Program(model: Model(bytes: ModelBytes(copying: build())), options: options)
  }

  private func build() -> [UInt8] { builder().build() }

  func builder() -> ModelBuilder {
    var model = ModelBuilder()
    var indices = inputs.enumerated().map { position, value in
      guard let elements = value.elements else {
        return model.tensor("input\(position)", value.type, value.shape, quantization: value.quantization)
      }
      return model.constant(
        "constant\(position)", value.type, value.shape, elements.flatMap { value.type.bytes(of: $0) },
        quantization: value.quantization)
    }
    var given = zip(indices, inputs).filter { $1.elements == nil }.map { $0.0 }
    for position in cut.sorted() {
      let (input, rank) = (inputs[position], inputs[position].shape.count)
      let begin = model.constant("begin\(position)", .int32, [rank], [Int32](repeating: 0, count: rank))
      given.append(model.tensor("size\(position)", .int32, [rank]))
      let piece = model.tensor("piece\(position)", input.type, input.shape, quantization: input.quantization)
      model.operation(65, inputs: [indices[position], begin, given[given.count - 1]], outputs: [piece])
      indices[position] = piece
    }
    let results = outputs.enumerated().map {
      model.tensor("output\($0)", $1.type, $1.shape, quantization: $1.quantization)
    }
    model.subgraphs[0].operation(
      code, custom: custom, version: version, inputs: indices, outputs: results,
      options: options.isEmpty ? nil : OptionsSpec(OneNode.unionType(of: code), options), customOptions: customOptions)
    model.setInputs(given, outputs: results)
    return model
  }

  /// The number of the operator's table in the schema's `BuiltinOptions`.
  private static func unionType(of code: Int) -> UInt8 {
    switch code {
    case 0: 11
    case 1: 5
    case 2: 10
    case 3: 1
    case 4: 2
    case 5: 94
    case 9: 8
    case 11: 12
    case 12: 5
    case 13: 13
    case 17: 5
    case 18: 21
    case 22: 17
    case 23: 15
    case 25: 9
    case 26: 19
    case 36: 23
    case 40: 27
    case 41: 28
    case 42: 29
    case 43: 30
    case 45: 32
    case 49: 35
    case 50: 36
    case 67: 49
    case 74: 27
    case 80: 58
    case 81: 27
    case 82: 27
    case 83: 59
    case 85: 61
    case 88: 64
    case 89: 27
    case 91: 27
    case 97: 74
    case 98: 75
    case 100: 77
    case 102: 79
    case 112: 87
    case 126: 101
    case 128: 102
    case 132: 106
    case 140: 27
    case 147: 115
    case 150: 116
    default: 0
    }
  }

  /// The outputs' elements for `inputs`, one list for each input that is not constant. All work that can be is shared
  /// among the threads.
  func run(_ inputs: [Double]..., threads: Int = 1) throws -> [[Double]] {
    var options = PrepareOptions(threads: threads)
    options.alwaysShares = true
    let program = try program(options)
    let interpreter = try Interpreter(program: program)
    for (index, values) in inputs.enumerated() {
      try interpreter.setBytes(index, values.flatMap { program.inputs[index].type.bytes(of: $0) })
    }
    try interpreter.invoke()
    return program.outputs.indices.map { interpreter.elements($0) }
  }

  /// The shapes of the outputs.
  func shapes() throws -> [[Int]] { try program().outputs.map { $0.shape.dimensions } }
}

extension Interpreter {
  func setBytes(_ index: Int, _ bytes: [UInt8]) throws {
    unsafe withInputBytes(index) { target in
      precondition(target.count == bytes.count)
      unsafe target.copyBytes(from: bytes)
    }
  }

  /// Output `index` as Double.
  func elements(_ index: Int) -> [Double] {
    let type = program.outputs[index].type
    return unsafe withOutputBytes(index) { bytes in
      stride(from: 0, to: bytes.count, by: type.bitWidth / 8).map { unsafe type.element(bytes, $0) }
    }
  }
}

extension ElementType {
  /// `value` as it stands in memory.
  func bytes(of value: Double) -> [UInt8] {
    switch self {
    case .float32: unsafe withUnsafeBytes(of: Float(value)) { unsafe Array($0) }
    case .int8: [UInt8(bitPattern: Int8(value))]
    case .uint8, .bool, .int4: [UInt8(value)]  // two 4-bit elements to a byte
    case .int16: unsafe withUnsafeBytes(of: Int16(value)) { unsafe Array($0) }
    case .int32: unsafe withUnsafeBytes(of: Int32(value)) { unsafe Array($0) }
    case .complex64: ElementType.float32.bytes(of: value) + ElementType.float32.bytes(of: -value / 2)
    default: unsafe withUnsafeBytes(of: Int64(value)) { unsafe Array($0) }
    }
  }

  fileprivate func element(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> Double {
    switch self {
    case .float32: unsafe Double(bytes.loadUnaligned(fromByteOffset: offset, as: Float.self))
    case .int8: unsafe Double(bytes.loadUnaligned(fromByteOffset: offset, as: Int8.self))
    case .uint8, .bool: unsafe Double(bytes[offset])
    case .int16: unsafe Double(bytes.loadUnaligned(fromByteOffset: offset, as: Int16.self))
    case .int32: unsafe Double(bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self))
    default: unsafe Double(bytes.loadUnaligned(fromByteOffset: offset, as: Int64.self))
    }
  }
}

/// 0, 1, 2, ...
func counting(_ count: Int) -> [Double] { (0..<count).map { Double($0) } }
