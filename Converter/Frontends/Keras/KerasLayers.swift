/// Translates one call of a layer and returns its outputs.
typealias KerasLowering = @Sendable (KerasLayer) throws -> [ValueID]

/// Which Keras layers have a translation. One line each.
enum KerasLayers {
  static let table: [String: KerasLowering] = [
    "Activation": KerasActivations.layer,
    "ActivityRegularization": identity,
    "AdditiveAttention": KerasAttention.additive,
    "Add": KerasMerging.arithmetic(.add),
    "AlphaDropout": identity,
    "Attention": KerasAttention.dot,
    "Average": KerasMerging.average,
    "AveragePooling1D": KerasPooling.pool1D(.averagePool2D),
    "AveragePooling2D": KerasPooling.pool2D(.averagePool2D),
    "AveragePooling3D": KerasPooling.pool3D(.averagePool2D),
    "BatchNormalization": KerasNormalization.batch,
    "Bidirectional": KerasRecurrent.bidirectional,
    "CenterCrop": KerasPreprocessing.centerCrop,
    "Concatenate": KerasMerging.concatenate,
    "Conv1D": KerasConvolution.conv1D,
    "Conv1DTranspose": KerasConvolution.transposed1D,
    "Conv2D": KerasConvolution.conv2D,
    "Conv2DTranspose": KerasConvolution.transposed,
    "Conv3D": KerasVolumes.conv3D,
    "Conv3DTranspose": KerasVolumes.transposed,
    "ConvLSTM1D": KerasConvolutionalRecurrence.line,
    "ConvLSTM2D": KerasConvolutionalRecurrence.layer,
    "Cropping1D": KerasShaping.crop,
    "Cropping2D": KerasShaping.crop,
    "Cropping3D": KerasShaping.crop,
    "Dense": KerasConvolution.dense,
    "DepthwiseConv1D": KerasConvolution.depthwise1D,
    "DepthwiseConv2D": KerasConvolution.depthwise2D,
    "Dot": KerasMerging.dot,
    "Dropout": identity,
    "EinsumDense": KerasConvolution.einsum,
    "ELU": KerasActivations.elu,
    "Embedding": KerasShaping.embedding,
    "Flatten": KerasShaping.flatten,
    "GRU": KerasRecurrent.layer,
    "GaussianDropout": identity,
    "GaussianNoise": identity,
    "GlobalAveragePooling1D": KerasPooling.global(.mean),
    "GlobalAveragePooling2D": KerasPooling.global(.mean),
    "GlobalAveragePooling3D": KerasPooling.global(.mean),
    "GlobalMaxPooling1D": KerasPooling.global(.reduceMax),
    "GlobalMaxPooling2D": KerasPooling.global(.reduceMax),
    "GlobalMaxPooling3D": KerasPooling.global(.reduceMax),
    "GroupNormalization": KerasNormalization.group,
    "GroupQueryAttention": KerasAttention.groupedQuery,
    "GroupedQueryAttention": KerasAttention.groupedQuery,
    "Identity": identity,
    "LSTM": KerasRecurrent.layer,
    "LayerNormalization": KerasNormalization.layer,
    "LayerScale": KerasNormalization.layerScale,
    "LeakyReLU": KerasActivations.leakyReLU,
    "Masking": KerasPreprocessing.masking,
    "MaxPooling1D": KerasPooling.pool1D(.maxPool2D),
    "MaxPooling2D": KerasPooling.pool2D(.maxPool2D),
    "MaxPooling3D": KerasPooling.pool3D(.maxPool2D),
    "Maximum": KerasMerging.fold(.maximum),
    "Minimum": KerasMerging.fold(.minimum),
    "MultiHeadAttention": KerasAttention.multiHead,
    "Multiply": KerasMerging.arithmetic(.mul),
    "Normalization": KerasPreprocessing.normalization,
    "PReLU": KerasActivations.prelu,
    "Permute": KerasShaping.permute,
    "RMSNormalization": KerasNormalization.rootMeanSquare,
    "RNN": KerasRecurrent.cells,
    "RandomBrightness": identity,
    "RandomContrast": identity,
    "RandomFlip": identity,
    "RandomRotation": identity,
    "RandomTranslation": identity,
    "RandomZoom": identity,
    "ReLU": KerasActivations.relu,
    "RepeatVector": KerasShaping.repeatVector,
    "Rescaling": KerasPreprocessing.rescaling,
    "Reshape": KerasShaping.reshape,
    "Resizing": KerasPreprocessing.resizing,
    "SeparableConv1D": KerasConvolution.separable1D,
    "SeparableConv2D": KerasConvolution.separable2D,
    "SimpleRNN": KerasRecurrent.layer,
    "Softmax": KerasActivations.softmax,
    "SpatialDropout1D": identity,
    "SpatialDropout2D": identity,
    "SpatialDropout3D": identity,
    "StochasticDepth": identity,
    "Subtract": KerasMerging.arithmetic(.sub),
    "ThresholdedReLU": KerasActivations.thresholdedReLU,
    "UnitNormalization": KerasNormalization.unit,
    "UpSampling1D": KerasShaping.upSampling1D,
    "UpSampling2D": KerasShaping.upSampling2D,
    "UpSampling3D": KerasShaping.upSampling3D,
    "ZeroPadding1D": KerasShaping.zeroPadding,
    "ZeroPadding2D": KerasShaping.zeroPadding,
    "ZeroPadding3D": KerasShaping.zeroPadding,
  ]

  /// Layers that only matter while training.
  private static let identity: KerasLowering = { layer in [layer.inputs[0]] }

  /// The translation of a layer, or of a function called between layers.
  static func lowering(of className: String) -> KerasLowering? {
    table[className].map { KerasChannelsFirst.supported($0) } ?? KerasOperations.lowering(of: className)
  }

  static func isModel(_ className: String) -> Bool { ["Functional", "Model", "Sequential"].contains(className) }

  /// One error for all layers without a translation.
  static func refusal(of layers: [KerasLayerSpec]) -> ConversionError {
    let classes = Dictionary(grouping: layers, by: \.className).sorted { $0.key < $1.key }
    let parts = classes.map { name, layers in
      let more = layers.count > 3 ? " and \(layers.count - 3) more" : ""
      return "\(name) in \(layers.prefix(3).map { "'\($0.name)'" }.joined(separator: ", "))\(more)"
    }
    return ConversionError(
      .unavailable, "layers without a translation: \(parts.joined(separator: "; "))",
      remedy: "replace them by standard layers, or export the model as ONNX")
  }
}

/// A call of a layer while it is being translated.
struct KerasLayer {
  let spec: KerasLayerSpec
  let builder: GraphBuilder
  let call: KerasCall<ValueID>
  /// In the order in which Keras lists them: trainable ones first.
  let weights: [KerasArray]
  let masks: KerasMasks
  /// Whether Keras 3 wrote the file.
  let isKeras3: Bool

  var config: KerasConfig { spec.config }
  /// The tensors given by position, or all where there are none: `1 - x`.
  var inputs: [ValueID] { call.inputs.isEmpty ? call.tensors : call.inputs }
  var input: ValueID { inputs[0] }
  var inputShape: [Int] { builder.shape(inputs[0]) }

  var layer: String { "\(spec.name) (\(spec.className))" }

  /// The same layer with other settings and operands, and other weights where they are given.
  func with(config: KerasConfig, call: KerasCall<ValueID>, weights: [KerasArray]? = nil) -> KerasLayer {
    let spec = KerasLayerSpec(
      className: spec.className, name: spec.name, config: config, calls: spec.calls, weights: spec.weights)
    return KerasLayer(
      spec: spec, builder: builder, call: call, weights: weights ?? self.weights, masks: masks, isKeras3: isKeras3)
  }

  func malformed(_ problem: String) -> ConversionError {
    ConversionError(.badData, layer: layer, problem, remedy: "save the model again")
  }

  func unsupported(_ problem: String, _ remedy: String) -> ConversionError {
    ConversionError(.unavailable, layer: layer, problem, remedy: remedy)
  }

  /// Weight `index`, of `rank` dimensions.
  func weight(_ index: Int, rank: Int) throws -> KerasArray {
    guard weights.indices.contains(index), weights[index].shape.count == rank else {
      throw malformed("its weight \(index) is missing or has another rank than \(rank)")
    }
    return weights[index]
  }

  /// Refuses an input of another rank.
  func requireRank(_ rank: Int) throws {
    guard inputShape.count == rank else {
      throw malformed("its input has shape \(inputShape), expected one of rank \(rank)")
    }
  }

  func constant(_ array: KerasArray) -> ValueID { builder.constant(array.elements, shape: array.shape) }

  func flag(_ key: String, default standard: Bool) -> Bool { config[key]?.bool ?? standard }

  /// One number or a list of `count`: kernel sizes, strides.
  func extents(_ key: String, count: Int, default standard: Int? = nil) throws -> [Int] {
    let given = config[key].flatMap { value in value.ints ?? value.int.map { Array(repeating: $0, count: count) } }
    guard let extents = given ?? standard.map({ Array(repeating: $0, count: count) }), extents.count == count,
      extents.allSatisfy({ $0 > 0 && $0 < 1 << 20 })
    else { throw malformed("\(key) does not fit") }
    return extents
  }

  func padding() throws -> Padding {
    switch config["padding"]?.text ?? "valid" {
    case "same": return .same
    case "valid": return .valid
    case let other: throw unsupported("padding '\(other)'", "use same or valid")
    }
  }

  /// The result with the layer's own activation.
  func activated(_ value: ValueID) throws -> [ValueID] {
    guard let activation = config["activation"] else { return [value] }
    if let className = activation["class_name"]?.text, let own = activation["config"], own.text == nil,
      let lowering = KerasLayers.table[className]
    {
      let spec = KerasLayerSpec(className: className, name: spec.name, config: own, calls: [], weights: spec.weights)
      return try lowering(
        KerasLayer(
          spec: spec, builder: builder, call: KerasCall(arguments: [.tensor(value)]), weights: [], masks: masks,
          isKeras3: isKeras3))
    }
    let name = activation.text ?? activation["config"]?.text ?? activation["class_name"]?.text ?? ""
    return [try KerasActivations.apply(name, to: value, in: self)]
  }
}
