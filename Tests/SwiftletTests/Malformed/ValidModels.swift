import ModelFormat
import TestSupport

/// Valid models of one operator. Inputs come first among the tensors, then the output.
enum ValidModels {
  static let quantization = QuantizationSpec.perTensor(0.5, 0)

  /// Activations 0 [1,4,4,2], weights 1 [2,3,3,2], bias 2 [2], output 3.
  static func convolution() -> ModelBuilder {
    windowed(
      3, weights: [2, 3, 3, 2], channels: 0,
      OptionsSpec(1, [0: .int8(0), 1: .int32(1), 2: .int32(1), 4: .int32(1), 5: .int32(1)]))
  }

  /// Activations 0 [1,4,4,2], weights 1 [1,3,3,2], bias 2 [2], output 3.
  static func depthwise() -> ModelBuilder {
    windowed(
      4, weights: [1, 3, 3, 2], channels: 3,
      OptionsSpec(2, [0: .int8(0), 1: .int32(1), 2: .int32(1), 3: .int32(1), 5: .int32(1), 6: .int32(1)]))
  }

  private static func windowed(
    _ code: Int, weights shape: [Int], channels: Int, _ options: OptionsSpec
  ) -> ModelBuilder {
    var model = ModelBuilder()
    let input = model.tensor("input", .int8, [1, 4, 4, 2], quantization: quantization)
    let weights = model.constant(
      "weights", .int8, shape, Array(repeating: Int8(1), count: shape.reduce(1, *)),
      quantization: .perChannel([0.5, 0.25], dimension: channels))
    let bias = model.constant(
      "bias", .int32, [2], [1, 2] as [Int32], quantization: .perChannel([0.25, 0.125], dimension: 0))
    let output = model.tensor("output", .int8, [1, 4, 4, 2], quantization: quantization)
    model.operation(code, version: 3, inputs: [input, weights, bias], outputs: [output], options: options)
    model.setInputs([input], outputs: [output])
    return model
  }

  /// Activations 0 [1,3], weights 1 [2,3], bias 2 [2], output 3 [1,2].
  static func fullyConnected() -> ModelBuilder {
    var model = ModelBuilder()
    let input = model.tensor("input", .int8, [1, 3], quantization: quantization)
    let weights = model.constant("weights", .int8, [2, 3], [1, 2, 3, -4, 5, 6] as [Int8], quantization: quantization)
    let bias = model.constant("bias", .int32, [2], [7, -9] as [Int32], quantization: .perTensor(0.25, 0))
    let output = model.tensor("output", .int8, [1, 2], quantization: quantization)
    model.operation(
      9, version: 4, inputs: [input, weights, bias], outputs: [output], options: OptionsSpec(8, [0: .int8(0)]))
    model.setInputs([input], outputs: [output])
    model.signatures = [SignatureSpec("serving", inputs: [("x", input)], outputs: [("y", output)])]
    return model
  }

  static func averagePool() -> ModelBuilder {
    let fields: [Int: FieldValue] = [0: .int8(0), 1: .int32(1), 2: .int32(1), 3: .int32(2), 4: .int32(2)]
    return unary(1, .int8, [1, 4, 4, 2], [1, 4, 4, 2], OptionsSpec(5, fields))
  }

  static func maxPool() -> ModelBuilder {
    var model = averagePool()
    model.subgraphs[0].operators[0].builtin = 17
    return model
  }

  static func softmax() -> ModelBuilder { unary(25, .float32, [1, 4], [1, 4], OptionsSpec(9, [0: .float(1)])) }

  static func quantizedSoftmax() -> ModelBuilder {
    var model = unary(25, .int8, [1, 4], [1, 4], OptionsSpec(9, [0: .float(1)]))
    model.setQuantization(1, .perTensor(1 / 256, -128))
    return model
  }

  /// Input 0, output 1; 8-bit types are quantized.
  static func unary(
    _ code: Int, _ type: ElementType, _ input: [Int], _ output: [Int], _ options: OptionsSpec? = nil
  ) -> ModelBuilder {
    operation(code, type, [input], output, options)
  }

  /// Inputs [1,4] 0 and 1, output [1,4] 2.
  static func binary(_ code: Int, _ type: ElementType) -> ModelBuilder {
    operation(code, type, [[1, 4], [1, 4]], [1, 4], nil)
  }

  static func operation(
    _ code: Int, _ type: ElementType, _ shapes: [[Int]], _ output: [Int], _ options: OptionsSpec?
  ) -> ModelBuilder {
    var model = ModelBuilder()
    let quantization = type == .int8 || type == .uint8 ? quantization : nil
    let inputs = shapes.enumerated().map { model.tensor("input \($0)", type, $1, quantization: quantization) }
    let output = model.tensor("output", type, output, quantization: quantization)
    model.operation(code, inputs: inputs, outputs: [output], options: options)
    model.setInputs(inputs, outputs: [output])
    return model
  }

  /// float32 input 0, int32 constants 1 and so on, then the output. `dataPosition` is where the data stands among the
  /// operands.
  static func withIntegers(
    _ code: Int, _ input: [Int], _ constants: [(shape: [Int], values: [Int32])], _ output: [Int],
    _ options: OptionsSpec? = nil, outputType: ElementType = .float32, dataPosition: Int = 0
  ) -> ModelBuilder {
    var model = ModelBuilder()
    let data = model.tensor("input", .float32, input)
    var inputs = constants.enumerated().map { model.constant("numbers \($0)", .int32, $1.shape, $1.values) }
    inputs.insert(data, at: dataPosition)
    let output = model.tensor("output", outputType, output)
    model.operation(code, inputs: inputs, outputs: [output], options: options)
    model.setInputs([data], outputs: [output])
    return model
  }

  static func reshape() -> ModelBuilder { withIntegers(22, [2, 3], [([2], [3, 2])], [3, 2]) }
  static func concatenation() -> ModelBuilder {
    operation(2, .float32, [[2, 3], [2, 3]], [4, 3], OptionsSpec(10, [0: .int32(0)]))
  }
  static func transpose() -> ModelBuilder { withIntegers(39, [2, 3], [([2], [1, 0])], [3, 2]) }
  static func expandDims() -> ModelBuilder { withIntegers(70, [2, 3], [([], [0])], [1, 2, 3]) }
  static func argMax() -> ModelBuilder { withIntegers(56, [2, 3], [([], [1])], [2], outputType: .int32) }
  static func mean() -> ModelBuilder { withIntegers(40, [2, 3], [([1], [1])], [2], OptionsSpec(27)) }
  static func sum() -> ModelBuilder { withIntegers(74, [2, 3], [([1], [1])], [2], OptionsSpec(27)) }
  static func gather() -> ModelBuilder { withIntegers(36, [4, 2], [([2], [0, 3])], [2, 2], OptionsSpec(23)) }
  static func segmentSum() -> ModelBuilder { withIntegers(125, [3, 2], [([3], [0, 0, 2])], [3, 2]) }
  static func gatherND() -> ModelBuilder { withIntegers(107, [4, 2], [([2, 1], [0, 3])], [2, 2]) }
  static func pad() -> ModelBuilder { withIntegers(34, [2, 3], [([2, 2], [1, 1, 0, 0])], [4, 3]) }
  static func mirrorPad() -> ModelBuilder {
    withIntegers(100, [2, 3], [([2, 2], [1, 1, 0, 0])], [4, 3], OptionsSpec(77))
  }
  static func slice() -> ModelBuilder { withIntegers(65, [4], [([1], [1]), ([1], [2])], [2]) }
  static func tile() -> ModelBuilder { withIntegers(69, [2, 3], [([2], [2, 1])], [4, 3]) }
  static func broadcastTo() -> ModelBuilder { withIntegers(130, [1, 3], [([2], [2, 3])], [2, 3]) }
  static func resize() -> ModelBuilder {
    withIntegers(23, [1, 2, 2, 1], [([2], [4, 4])], [1, 4, 4, 1], OptionsSpec(15))
  }
  static func squeeze() -> ModelBuilder {
    unary(43, .float32, [1, 3], [3], OptionsSpec(30, [0: .int32Vector([0])]))
  }
  static func pack() -> ModelBuilder {
    operation(83, .float32, [[3], [3]], [2, 3], OptionsSpec(59, [0: .int32(2), 1: .int32(0)]))
  }

  /// Input 0 [4,2], then begin, end and strides [2], output 4.
  static func stridedSlice() -> ModelBuilder {
    withIntegers(45, [4, 2], [([2], [0, 0]), ([2], [2, 2]), ([2], [1, 1])], [2, 2], OptionsSpec(32))
  }

  /// Data 0 [4,2], axis 1, outputs 2 and 3.
  static func split() -> ModelBuilder {
    var model = withIntegers(49, [4, 2], [([], [0])], [2, 2], OptionsSpec(35, [0: .int32(2)]), dataPosition: 1)
    addOutput(&model)
    return model
  }

  /// Data 0 [4,2], sizes 1, axis 2, outputs 3 and 4.
  static func splitV() -> ModelBuilder {
    var model = withIntegers(102, [4, 2], [([2], [2, 2]), ([], [0])], [2, 2], OptionsSpec(79, [0: .int32(2)]))
    addOutput(&model)
    return model
  }

  private static func addOutput(_ model: inout ModelBuilder) {
    let second = model.tensor("second", .float32, [2, 2])
    model.subgraphs[0].operators[0].outputs.append(second)
    model.subgraphs[0].outputs.append(second)
  }

  /// What the variable held before: handle 0, read into 1. Two variables of different types under two names.
  static func variables() -> ModelBuilder {
    var model = ModelBuilder()
    var inputs: [Int] = []
    for (name, type) in [("a", .float32), ("b", .int32)] as [(String, ElementType)] {
      let handle = model.tensor("handle \(name)", .resource, [])
      let value = model.tensor("value \(name)", type, [2])
      model.operation(142, inputs: [], outputs: [handle], options: OptionsSpec(111, [1: .string(name)]))
      model.operation(144, inputs: [handle, value], outputs: [])
      inputs.append(value)
    }
    model.setInputs(inputs, outputs: [])
    return model
  }

  /// READ_VARIABLE of a variable that nothing assigns.
  static func unassignedVariable() -> ModelBuilder {
    var model = ModelBuilder()
    let handle = model.tensor("handle", .resource, [])
    let value = model.tensor("value", .float32, [2])
    model.operation(142, inputs: [], outputs: [handle], options: OptionsSpec(111, [1: .string("v")]))
    model.operation(143, inputs: [handle], outputs: [value])
    model.setInputs([], outputs: [value])
    return model
  }

  /// Two RESHAPE operators in a row: 0 -> 2 -> 3, shape 1.
  static func chain() -> ModelBuilder {
    var model = ModelBuilder()
    let input = model.tensor("input", .float32, [2, 3])
    let shape = model.constant("shape", .int32, [2], [3, 2] as [Int32])
    let middle = model.tensor("middle", .float32, [3, 2])
    let output = model.tensor("output", .float32, [3, 2])
    model.operation(22, inputs: [input, shape], outputs: [middle])
    model.operation(22, inputs: [middle, shape], outputs: [output])
    model.setInputs([input], outputs: [output])
    return model
  }

  /// A variable 1 that is read into 2 and then takes the input 0.
  static func writtenVariable() -> ModelBuilder {
    var model = ModelBuilder()
    let input = model.tensor("input", .float32, [1, 4])
    let variable = model.tensor("variable", .float32, [1, 4], isVariable: true)
    let output = model.tensor("output", .float32, [1, 4])
    model.operation(19, inputs: [variable], outputs: [output])
    model.operation(19, inputs: [input], outputs: [variable])
    model.setInputs([input], outputs: [output])
    return model
  }

  static func spaceToDepth() -> ModelBuilder {
    unary(26, .float32, [1, 2, 2, 1], [1, 1, 1, 4], OptionsSpec(19, [0: .int32(2)]))
  }
  static func depthToSpace() -> ModelBuilder {
    unary(5, .float32, [1, 1, 1, 4], [1, 2, 2, 1], OptionsSpec(94, [0: .int32(2)]))
  }
  static func batchToSpace() -> ModelBuilder {
    withIntegers(37, [4, 1, 1, 1], [([2], [2, 2]), ([2, 2], [0, 0, 0, 0])], [1, 2, 2, 1])
  }
  static func spaceToBatch() -> ModelBuilder {
    withIntegers(38, [1, 2, 2, 1], [([2], [2, 2]), ([2, 2], [0, 0, 0, 0])], [4, 1, 1, 1])
  }

  /// Indices 0 [2], depth 1, on 2, off 3, output 4.
  static func oneHot() -> ModelBuilder {
    var model = ModelBuilder()
    let indices = model.tensor("indices", .int32, [2])
    let depth = model.constant("depth", .int32, [], [3] as [Int32])
    let on = model.constant("on", .float32, [], [1] as [Float])
    let off = model.constant("off", .float32, [], [0] as [Float])
    let output = model.tensor("output", .float32, [2, 3])
    model.operation(
      85, inputs: [indices, depth, on, off], outputs: [output], options: OptionsSpec(61, [0: .int32(-1)]))
    model.setInputs([indices], outputs: [output])
    return model
  }

  /// Ids 0 [2], table 1 [3,2], output 2.
  static func embeddingLookup() -> ModelBuilder {
    var model = ModelBuilder()
    let ids = model.constant("ids", .int32, [2], [0, 2] as [Int32])
    let table = model.tensor("table", .float32, [3, 2])
    let output = model.tensor("output", .float32, [2, 2])
    model.operation(7, inputs: [ids, table], outputs: [output])
    model.setInputs([table], outputs: [output])
    return model
  }

  /// Indices 0 [2,1], updates 1 [2], shape 2, output 3.
  static func scatterND() -> ModelBuilder {
    var model = ModelBuilder()
    let indices = model.constant("indices", .int32, [2, 1], [0, 3] as [Int32])
    let updates = model.tensor("updates", .float32, [2])
    let shape = model.constant("shape", .int32, [1], [4] as [Int32])
    let output = model.tensor("output", .float32, [4])
    model.operation(122, inputs: [indices, updates, shape], outputs: [output])
    model.setInputs([updates], outputs: [output])
    return model
  }

  /// Input 0 [1,3], feature weights 1 [2,3], time weights 2 [2,4], state 3 [1,8], output 4 [1,2].
  static func svdf() -> ModelBuilder {
    var model = ModelBuilder()
    let input = model.tensor("input", .float32, [1, 3])
    let feature = model.constant("feature", .float32, [2, 3], Array(repeating: Float(1), count: 6))
    let time = model.constant("time", .float32, [2, 4], Array(repeating: Float(1), count: 8))
    let state = model.tensor("state", .float32, [1, 8], isVariable: true)
    let output = model.tensor("output", .float32, [1, 2])
    model.operation(
      27, inputs: [input, feature, time, -1, state], outputs: [output], options: OptionsSpec(6, [0: .int32(1)]))
    model.setInputs([input], outputs: [output])
    return model
  }
}
