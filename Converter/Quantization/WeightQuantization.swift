internal import ModelFormat

/// Stores weights in fewer bits and leaves the data float32.
package enum WeightQuantization {
  /// Layers with fewer weights than this stay as they are: they save nothing.
  static let smallestLayer = 1024

  package static func apply(_ scheme: QuantizationScheme, to graph: inout Graph) {
    switch scheme {
    case .none, .int8, .int16x8, .weightOnly: break
    case .float16: storeAsFloat16(&graph)
    case .dynamic: storeAsInt8(&graph)
    }
  }

  /// Float constants of layers with weights become float16 with a DEQUANTIZE, one for each constant.
  private static func storeAsFloat16(_ graph: inout Graph) {
    var widened: [ValueID: ValueID] = [:]
    for id in graph.executionOrder {
      guard let node = graph[id], layersWithWeights.contains(node.operation.kind) else { continue }
      for (position, input) in node.inputs.enumerated() {
        guard let input, graph[input].type == .float32, let constant = graph[input].constant else { continue }
        if widened[input] == nil {
          widened[input] = addFloat16(graph[input], constant, source: node.source, to: &graph)
        }
        graph.setInput(position, of: id, to: widened[input])
      }
    }
  }

  private static let layersWithWeights: Set<OperatorKind> = [
    .conv2D, .depthwiseConv2D, .fullyConnected, .transposeConv, .batchMatMul, .prelu,
  ]

  private static func addFloat16(
    _ value: Value, _ constant: ConstantBytes, source: String, to graph: inout Graph
  ) -> ValueID {
    var half = value
    half.type = .float16
    half.constant = ConstantBytes(
      elements: constant.withFloats { elements in elements.indices.map { halfBits(elements[$0]) } })
    constant.forgetPages()
    let stored = graph.add(half)
    let wide = graph.add(Value(name: "\(value.name)/float32", type: .float32, shape: value.shape))
    graph.add(Node(Operation(.dequantize), inputs: [stored], outputs: [wide], source: source))
    return wide
  }

  /// The nearest float16, ties to even; numbers beyond its range become its largest.
  static func halfBits(_ number: Float) -> UInt16 {
    let sign = UInt16(truncatingIfNeeded: number.bitPattern >> 16) & 0x8000
    let magnitude = abs(number)
    if magnitude >= 65504 { return sign | 0x7BFF }
    if magnitude < 0x1p-14 { return sign | UInt16((magnitude * 0x1p24).rounded(.toNearestOrEven)) }
    let bits = magnitude.bitPattern &- 112 << 23
    let rounded = bits &+ 0xFFF &+ (bits >> 13 & 1)
    return sign | min(UInt16(truncatingIfNeeded: rounded >> 13), 0x7BFF)
  }

  /// Weights of convolutions and fully connected layers become int8, once for all layers that read them.
  private static func storeAsInt8(_ graph: inout Graph) {
    var stored: [SymmetricWeights.Source: ValueID] = [:]
    for id in graph.executionOrder {
      guard let node = graph[id], let dimension = WeightedLayers.outputDimension(node.operation.kind),
        let data = node.inputs[0], graph[data].type == .float32, let weights = node.inputs[1],
        graph[weights].type == .float32, graph[weights].count >= smallestLayer
      else { continue }
      let source = SymmetricWeights.Source(value: weights, dimension: dimension)
      if stored[source] == nil {
        stored[source] = SymmetricWeights.quantize(graph[weights], dimension: dimension).map { graph.add($0) }
      }
      if let quantized = stored[source] { graph.setInput(1, of: id, to: quantized) }
    }
  }
}

/// Weights as int8 with zero point 0 and one scale for each index of a dimension.
package enum SymmetricWeights {
  /// Weights and the dimension along which they have scales.
  struct Source: Hashable {
    let value: ValueID
    let dimension: Int
  }

  /// `nil` for tensors that are computed or not float32.
  package static func quantize(_ weights: Value, dimension: Int) -> Value? {
    guard weights.type == .float32, let constant = weights.constant?.aligned(to: MemoryLayout<Float>.alignment)
    else { return nil }
    defer { weights.constant?.forgetPages() }
    let channels = weights.shape[dimension]
    let inner = weights.shape[(dimension + 1)...].reduce(1, *)
    guard channels > 0, inner > 0 else { return nil }
    let (stored, scales) = constant.withFloats { nearest($0, inner: inner, channels: channels) }
    var result = weights
    result.type = .int8
    result.constant = ConstantBytes(elements: stored)
    result.quantization = Quantization(
      scales: scales, zeroPoints: Array(repeating: 0, count: channels), dimension: dimension)
    return result
  }

  private static func nearest(_ elements: Span<Float>, inner: Int, channels: Int) -> (stored: [Int8], scales: [Float]) {
    var largest = [Float](repeating: 0, count: channels)
    for index in elements.indices {
      let channel = index / inner % channels
      largest[channel] = max(largest[channel], abs(elements[index]))
    }
    // A channel of zeros needs some scale; one so small that its inverse overflows is as good as zeros.
    let scales = largest.map { $0 / 127 >= .leastNormalMagnitude ? $0 / 127 : 1 }
    var stored = [Int8](repeating: 0, count: elements.count)
    for index in elements.indices {
      let ratio = (elements[index] / scales[index / inner % channels]).rounded(.toNearestOrAwayFromZero)
      stored[index] = Int8(min(max(ratio, -127), 127))
    }
    return (stored, scales)
  }
}
