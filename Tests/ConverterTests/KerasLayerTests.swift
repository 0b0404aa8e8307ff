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

  @Test func dilatedTransposedConvolution() throws {
    let kernel = KerasArray(shape: [2, 1, 1], elements: [1, 2])
    try expect(
      "Conv1DTranspose", #"{"dilation_rate": 2, "use_bias": false}"#, of: [1, 2], [1, 2, 1], weights: [kernel],
      is: [1, 2, 2, 4])
  }

  @Test func transposedConvolutionOfVolumes() throws {
    func check(_ config: String, _ kernel: [Int], of shape: [Int], is expected: [Float]) throws {
      let elements = (1...kernel.reduce(1, *)).map { Float($0) }
      let bias = KerasArray(shape: [kernel[3]], elements: Array(repeating: 0.5, count: kernel[3]))
      try expect(
        "Conv3DTranspose", config, of: (1...shape.reduce(1, *)).map { Float($0) }, shape,
        weights: [KerasArray(shape: kernel, elements: elements), bias], is: expected)
    }
    try check(
      #"{"strides": [1, 1, 2], "padding": "same"}"#, [1, 1, 3, 1, 1], of: [1, 1, 1, 3, 1],
      is: [1.5, 2.5, 5.5, 4.5, 9.5, 6.5])
    try check(#"{"strides": [3, 1, 1]}"#, [2, 1, 1, 1, 1], of: [1, 2, 1, 1, 1], is: [1.5, 2.5, 0.5, 2.5, 4.5, 0.5])
    try check(
      #"{"strides": [1, 1, 2], "padding": "same", "output_padding": [0, 0, 1]}"#, [1, 1, 3, 2, 1],
      of: [1, 1, 1, 2, 1], is: [1.5, 2.5, 3.5, 4.5, 7.5, 10.5, 6.5, 8.5])
  }

  @Test func bicubicInterpolation() throws {
    try expect(
      "UpSampling2D", #"{"size": 2, "interpolation": "bicubic"}"#, of: [1, 2, 3, 4], [1, 2, 2, 1],
      is: [
        0.735294, 1.030672, 1.616387, 1.911765, 1.326051, 1.621429, 2.207143, 2.502521, 2.49748, 2.792858, 3.378572,
        3.67395, 3.088236, 3.383614, 3.969328, 4.264706,
      ])
    try expect(
      "UpSampling2D", #"{"size": [1, 3], "interpolation": "bicubic"}"#, of: [1, 2], [1, 1, 2, 1],
      is: [0.894794, 1, 1.299624, 1.700376, 2, 2.105206])
    try expect(
      "Resizing", #"{"height": 1, "width": 3, "interpolation": "bicubic"}"#, of: [1, 2, 3, 4, 5], [1, 1, 5, 1],
      is: [1.241076, 3, 4.758924])
  }

  /// Numbers that count up, times a factor, with an offset.
  private func counting(_ shape: [Int], by factor: Float = 1, from offset: Float = 0) -> KerasArray {
    KerasArray(shape: shape, elements: (0..<shape.reduce(1, *)).map { Float($0 + 1) * factor + offset })
  }

  @Test func recurrenceOfConvolutionsAlongALine() throws {
    let weights = [
      counting([2, 1, 4], by: 1 / 8, from: -0.5), counting([2, 1, 4], by: 1 / 16, from: -0.3),
      counting([4], by: 0.1),
    ]
    let config = #"{"padding": "same", "return_sequences": true, "recurrent_activation": "sigmoid"}"#
    try expect(
      "ConvLSTM1D", config, of: counting([6], by: 0.25).elements, [1, 2, 3, 1], weights: weights,
      is: [0.142786, 0.160647, 0.055219, 0.274075, 0.289965, 0.049271])
  }

  @Test(
    arguments: [
      ("{}", false, [0.356119, 0.817061, 0.359342, 0.821667, 0.362555, 0.826258]),
      ("{}", true, [0.233333, 0.544444, 0.294482, 0.680356, 0.362555, 0.826258]),
      (#"{"sliding_window": 2}"#, false, [0.29327, 0.678624, 0.359342, 0.821667, 0.406803, 0.93764]),
    ] as [(String, Bool, [Float])])
  func headsThatShareKeys(settings: String, isCausal: Bool, expected: [Float]) throws {
    var config = try KerasConfig(json: settings)
    config["head_dim"] = .number(1)
    let builder = GraphBuilder()
    let data = builder.constant(counting([6], by: 1 / 6).elements, shape: [1, 3, 2])
    let weights = [
      counting([2, 4, 1], by: 1 / 8, from: -0.5), counting([4, 1], by: 0.1), counting([2, 2, 1], by: 0.25, from: -0.5),
      counting([2, 1], by: 0.1), counting([2, 2, 1], by: 1 / 3, from: -0.4), counting([2, 1], by: 0.1),
      counting([4, 1, 2], by: 1 / 8, from: -0.5), counting([2], by: 0.1),
    ]
    let spec = KerasLayerSpec(
      className: "GroupQueryAttention", name: "layer", config: config, calls: [], weights: .placed(""))
    let call = KerasCall(
      arguments: [.tensor(data), .tensor(data)], keywords: ["use_causal_mask": .value(.bool(isCausal))])
    // Archives name it by the first, .h5 files by the second.
    let lowering = try #require(KerasLayers.lowering(of: isCausal ? "GroupQueryAttention" : "GroupedQueryAttention"))
    let found = try lowering(
      KerasLayer(spec: spec, builder: builder, call: call, weights: weights, masks: KerasMasks(), isKeras3: true))
    let numbers = try #require(builder.constantFloats(found[0]))
    #expect(zip(numbers, expected).allSatisfy { abs($0 - $1) < 1e-4 }, "\(numbers), expected \(expected)")
  }

  @Test func aGateOfAttentionIsRefused() throws {
    let error = try #require(throws: ConversionError.self) {
      try expect("MultiHeadAttention", #"{"key_dim": 1, "use_gate": true}"#, of: [1], [1, 1, 1], is: [])
    }
    #expect(error.message.contains("a gate for its output"))
  }

  @Test func channelsFirst() throws {
    func check(_ className: String, _ config: String, _ shape: [Int], weights: [KerasArray] = [], is expected: [Float])
      throws
    {
      try expect(
        className, #"{"data_format": "channels_first""# + config + "}", of: counting([shape.reduce(1, *)]).elements,
        shape, weights: weights, is: expected)
    }
    try check("Flatten", "", [1, 2, 3], is: [1, 4, 2, 5, 3, 6])
    try check("MaxPooling2D", #", "pool_size": [1, 2]"#, [1, 2, 1, 4], is: [2, 4, 6, 8])
    try check("GlobalAveragePooling2D", #", "keepdims": true"#, [1, 2, 1, 2], is: [1.5, 3.5])
    try check("GlobalAveragePooling2D", "", [1, 2, 1, 2], is: [1.5, 3.5])
    try check("ZeroPadding2D", #", "padding": [[0, 0], [1, 0]]"#, [1, 2, 1, 1], is: [0, 1, 0, 2])
    // The sums over a window of one pixel, and then the shares of each row's pixels.
    let kernel = KerasArray(shape: [1, 1, 2, 1], elements: [1, 2])
    try check("Conv2D", #", "use_bias": false"#, [1, 2, 1, 2], weights: [kernel], is: [7, 10])
    try check(
      "Conv2D", #", "use_bias": false, "activation": "softmax""#, [1, 2, 1, 2], weights: [kernel],
      is: [0.047426, 0.952574])
  }

  @Test(
    arguments: [
      ("Conv1D", [1, 1, 1, 1]), ("Conv2D", [1, 1, 1]), ("Conv2DTranspose", [1, 1, 1]), ("Conv3DTranspose", [1, 1, 1]),
      ("DepthwiseConv2D", [1, 1]), ("SeparableConv2D", [1, 1, 1]), ("UpSampling1D", [1, 1]),
      ("UpSampling2D", [1, 1, 1]),
      ("ConvLSTM1D", [1, 1, 1]),
    ], ["channels_first", "channels_last"])
  func inputsOfAnotherRankAreRefused(layer: (String, [Int]), format: String) throws {
    let rank = layer.0 == "Conv1D" ? 3 : layer.0.hasPrefix("Conv3D") ? 5 : 4
    let kernel = KerasArray(shape: Array(repeating: 1, count: rank), elements: [1])
    let error = try #require(throws: ConversionError.self) {
      try expect(
        layer.0, "{\"data_format\": \"\(format)\"}", of: [1], layer.1, weights: [kernel, kernel], is: [])
    }
    #expect(error.message.contains("its input has shape"))
  }

  @Test func groupsAlongTheFirstDimension() throws {
    let weights = [KerasArray(shape: [4], elements: [1, 2, 3, 4]), KerasArray(shape: [4], elements: [0, 1, 0, 0])]
    try expect(
      "GroupNormalization", #"{"groups": 2, "axis": 1, "epsilon": 0}"#, of: [1, 2, 3, 6, 5, 9, 7, 1], [1, 4, 2],
      weights: weights,
      is: [-1.069045, -0.534522, 1, 4.207134, -0.507092, 3.549648, 2.02837, -6.08511])
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
