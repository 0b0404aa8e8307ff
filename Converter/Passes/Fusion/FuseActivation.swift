internal import ModelFormat

extension Rule {
  /// RELU, RELU6 and RELU_N1_TO_1 become the fused activation of the layer before.
  static let fuseActivation = Rule("fuse activation") { match in
    let activation: Activation
    switch match.kind {
    case .relu: activation = .relu
    case .relu6: activation = .relu6
    case .reluN1To1: activation = .reluN1To1
    default: return nil
    }
    guard
      let layer = match.onlyProducer(
        of: match.input(0), .conv2D, .depthwiseConv2D, .fullyConnected, .add, .sub, .mul, .div, .averagePool2D,
        .maxPool2D, .transposeConv),
      layer.operation.activation == .none, match.graph[match.output].type == .float32
    else { return nil }
    var operation = layer.operation
    operation.activation = activation
    var patch = Patch(match)
    let result = patch.emit(operation, layer.inputs, like: match.graph[match.output])
    patch.replace(match.output, with: result)
    return patch
  }
}
