import ModelFormat
import Testing

@testable import Converter

/// Single layers and functions on constants, which the builder computes at once. Numbers are those of Keras.
@Suite struct KerasLayerTests {
  private func results(
    _ className: String, _ config: String = "{}", _ inputs: [ValueID], _ builder: GraphBuilder,
    arguments: [KerasArgument<ValueID>] = [], weights: [KerasArray] = [], isKeras3: Bool = true
  ) throws -> [ValueID] {
    let spec = KerasLayerSpec(
      className: className, name: "layer", config: try KerasConfig(json: config), calls: [], weights: .placed(""))
    let lowering = try #require(KerasLayers.lowering(of: className))
    return try lowering(
      KerasLayer(
        spec: spec, builder: builder, call: KerasCall(arguments: inputs.map { .tensor($0) } + arguments),
        weights: weights, masks: KerasMasks(), isKeras3: isKeras3))
  }

  private func expect(
    _ className: String, _ config: String = "{}", of input: [Float], _ shape: [Int],
    arguments: [KerasArgument<ValueID>] = [], weights: [KerasArray] = [], isKeras3: Bool = true, is expected: [Float],
    _ location: SourceLocation = #_sourceLocation
  ) throws {
    let builder = GraphBuilder()
    let result = try results(
      className, config, [builder.constant(input, shape: shape)], builder, arguments: arguments, weights: weights,
      isKeras3: isKeras3)[0]
    let found =
      builder.constantFloats(result) ?? builder.constantIntegers(result)?.map { Float($0) } ?? []
    let isNear = found.count == expected.count && zip(found, expected).allSatisfy { abs($0 - $1) < 1e-4 }
    #expect(isNear, "\(className): \(found), expected \(expected)", sourceLocation: location)
  }

  @Test func softmaxAlongOtherAxes() throws {
    try expect("Softmax", #"{"axis": 1}"#, of: [0, 5, 0, 5], [1, 2, 2], is: [0.5, 0.5, 0.5, 0.5])
    try expect("Softmax", #"{"axis": [1, 2]}"#, of: [0, 0, 0, 0], [1, 2, 2], is: [0.25, 0.25, 0.25, 0.25])
    try expect("keras.ops.Softmax", #"{"axis": 1}"#, of: [0, 5, 0, 5], [1, 2, 2], is: [0.5, 0.5, 0.5, 0.5])
  }

  @Test func normalizationAlongOtherAxes() throws {
    let weights = [[1, 2], [0, 1], [0, 0], [1, 1]].map { KerasArray(shape: [2], elements: $0) }
    try expect(
      "BatchNormalization", #"{"axis": 1, "epsilon": 0}"#, of: [1, 2, 3, 4], [1, 2, 2], weights: weights,
      is: [1, 2, 7, 9])
    try expect("UnitNormalization", #"{"axis": 1}"#, of: [3, 0, 4, 1], [1, 2, 2], is: [0.6, 0, 0.8, 1])
  }

  /// One cell, a window of three: with padding "same" the last row and column of the window are cut off.
  @Test func transposedConvolutionWithOutputPadding() throws {
    let config = #"{"strides": [2, 2], "padding": "same", "output_padding": [1, 1], "use_bias": false}"#
    let kernel = KerasArray(shape: [3, 3, 1, 1], elements: (1...9).map { Float($0) })
    try expect("Conv2DTranspose", config, of: [1], [1, 1, 1, 1], weights: [kernel], is: [1, 2, 4, 5])
  }

  @Test(
    arguments: [
      ("celu", [-0.632121, 2]), ("squareplus", [0.618034, 2.414214]), ("tanh_shrink", [-0.238406, 1.035972]),
      ("hard_tanh", [-1, 1]), ("hard_shrink", [-1, 2]), ("soft_shrink", [-0.5, 1.5]), ("sparse_plus", [0, 2]),
      ("sparse_sigmoid", [0, 1]), ("log_sigmoid", [-1.313262, -0.126928]), ("glu", [-0.880797]),
    ] as [(String, [Float])])
  func activations(name: String, expected: [Float]) throws {
    try expect("Activation", "{\"activation\": \"\(name)\"}", of: [-1, 2], [1, 2], is: expected)
  }

  @Test func aLayerAsActivation() throws {
    let config = #"{"activation": {"class_name": "LeakyReLU", "config": {"negative_slope": 0.25}}}"#
    try expect("Activation", config, of: [-1, 2], [1, 2], is: [-0.25, 2])
  }

  @Test func thresholds() throws {
    try expect(
      "ReLU", #"{"threshold": 1, "negative_slope": 0.5, "max_value": 3}"#, of: [0, 1, 2, 5], [1, 4],
      is: [-0.5, 1, 2, 3])
    try expect("ThresholdedReLU", #"{"theta": 1}"#, of: [0, 1, 2], [1, 3], is: [0, 0, 2])
  }

  @Test func statistics() throws {
    let (input, shape): ([Float], [Int]) = ([1, 2, 3, 6], [1, 2, 2])
    try expect("keras.ops.Std", #"{"axis": 1}"#, of: input, shape, is: [1, 2])
    try expect("keras.ops.Var", #"{"axis": -1, "keepdims": true}"#, of: input, shape, is: [0.25, 2.25])
    try expect("keras.ops.Logsumexp", #"{"axis": 2}"#, of: [0, 0, 700, 0], shape, is: [0.693147, 700])
    try expect("keras.ops.Norm", #"{"axis": -1}"#, of: [3, 4, 6, 8], shape, is: [5, 10])
    try expect("keras.ops.Norm", #"{"axis": -1, "ord": 1}"#, of: [3, -4, 6, 8], shape, is: [7, 14])
    try expect("keras.ops.Cumsum", #"{"axis": 1}"#, of: input, shape, is: [1, 2, 4, 8])
  }

  @Test func placesAndWhatIsThere() throws {
    try expect("keras.ops.Argmax", #"{"axis": -1}"#, of: [1, 2, 6, 3], [2, 2], is: [1, 0])
    try expect("keras.ops.OneHot", #"{"num_classes": 3}"#, of: [2, 0], [2], is: [0, 0, 1, 1, 0, 0])
    let places = KerasArgument<ValueID>.list([.value(.number(-1)), .value(.number(0))])
    try expect("keras.ops.Take", #"{"axis": 1}"#, of: [1, 2, 3], [1, 3], arguments: [places], is: [3, 1])
    let builder = GraphBuilder()
    let condition = builder.constant(ConstantBytes([1, 0]), type: .bool, shape: [2])
    let chosen = try results(
      "tf.where", "{}", [condition], builder, arguments: [.value(.number(3)), .value(.number(0))], isKeras3: false)
    #expect(builder.constantFloats(chosen[0]) == [3, 0])
  }

  @Test func movements() throws {
    let (input, shape): ([Float], [Int]) = ([1, 2, 3, 4], [2, 2])
    try expect(
      "keras.ops.Pad", #"{"pad_width": [[0, 0], [1, 0]], "mode": "constant"}"#, of: input, shape,
      is: [0, 1, 2, 0, 3, 4])
    try expect(
      "keras.ops.Pad", #"{"pad_width": [[0, 0], [1, 0]], "mode": "reflect"}"#, of: input, shape, is: [2, 1, 2, 4, 3, 4])
    try expect("keras.ops.Split", #"{"indices_or_sections": 2, "axis": 1}"#, of: input, shape, is: [1, 3])
    try expect("keras.ops.Split", #"{"indices_or_sections": [1], "axis": 0}"#, of: input, shape, is: [1, 2])
    try expect("keras.ops.Tile", #"{"repeats": [1, 2]}"#, of: input, shape, is: [1, 2, 1, 2, 3, 4, 3, 4])
    try expect("keras.ops.Repeat", #"{"repeats": 2, "axis": 1}"#, of: [1, 2], [1, 2], is: [1, 1, 2, 2])
    try expect("keras.ops.Flip", #"{"axis": 1}"#, of: input, shape, is: [2, 1, 4, 3])
    try expect("keras.ops.Swapaxes", #"{"axis1": 0, "axis2": 1}"#, of: input, shape, is: [1, 3, 2, 4])
    try expect("keras.ops.Moveaxis", #"{"source": 0, "destination": -1}"#, of: input, shape, is: [1, 3, 2, 4])
    try expect("keras.ops.BroadcastTo", #"{"shape": [null, 2]}"#, of: [1, 2], [2, 1], is: [1, 1, 2, 2])
  }

  @Test func partsThatDoNotFitAreRefused() throws {
    for config in [#"{"indices_or_sections": 3, "axis": 0}"#, #"{"indices_or_sections": [9e18], "axis": 0}"#] {
      #expect(throws: ConversionError.self) {
        try expect("keras.ops.Split", config, of: [1, 2], [2, 1], is: [])
      }
    }
  }

  /// Keras' function takes tanh for granted, TensorFlow's does not.
  @Test func geluHasItsOwnStandards() throws {
    try expect("keras.ops.Gelu", of: [-2], [1], is: [-0.045402])
    try expect("tf.nn.gelu", of: [-2], [1], isKeras3: false, is: [-0.0455])
  }

  @Test func productsOfTransposedOperands() throws {
    let builder = GraphBuilder()
    let sides = [builder.constant([1, 2], shape: [1, 2]), builder.constant([3, 4, 5, 6], shape: [2, 2])]
    let turned = try results(
      "tf.linalg.matmul", #"{"transpose_b": true}"#, sides, builder, isKeras3: false)
    #expect(builder.constantFloats(turned[0]) == [11, 17])
    let summed = try results("keras.ops.Einsum", #"{"subscripts": "ab,cb->ac"}"#, sides, builder)
    #expect(builder.constantFloats(summed[0]) == [11, 17])
  }

  @Test func tensorsInTheConfigurationAreConstants() throws {
    let tensor = try KerasConfig(
      json: #"{"class_name": "__tensor__", "config": {"value": [[1, 2], [3, 4]], "dtype": "float32"}}"#)
    try expect("keras.ops.Add", of: [1, 1], [1, 2], arguments: [.value(tensor)], is: [2, 3, 4, 5])
  }

  @Test func attentionBySums() throws {
    let builder = GraphBuilder()
    let query = builder.constant([0], shape: [1, 1, 1])
    let value = builder.constant([1, 1], shape: [1, 2, 1])
    let found = try results(
      "AdditiveAttention", "{}", [query, value], builder, weights: [KerasArray(shape: [1], elements: [1])])
    #expect(builder.constantFloats(found[0]).map { abs($0[0] - 1) < 1e-5 } == true)
  }

  @Test func outputsByName() throws {
    let config = """
      {"class_name": "Functional", "config": {"layers": [
        {"class_name": "InputLayer", "name": "in", "config": {"name": "in", "batch_shape": [null, 4]},
         "inbound_nodes": []}],
        "input_layers": {"x": ["in", 0, 0]}, "output_layers": {"b": ["in", 0, 0], "a": ["in", 0, 1]}}}
      """
    let model = try KerasModel(KerasConfig(json: config), weights: .placed(""))
    #expect(model.inputs.map(\.output) == [0])
    #expect(model.outputs.map(\.output) == [1, 0])
  }

  @Test func modelsOfAClassOfTheirOwnAreNamed() throws {
    let config = #"{"class_name": "Detector", "config": {"units": 3}}"#
    let error = try #require(throws: ConversionError.self) {
      try KerasModel(KerasConfig(json: config), weights: .placed(""))
    }
    #expect(error.message.contains("a model of class Detector, whose layers only its Python code knows"))
  }
}
