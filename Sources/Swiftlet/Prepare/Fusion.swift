internal import ModelFormat

/// Combines nodes before they are prepared. Every rule leaves the outputs of the model as they were, byte for byte.
enum Fusion {
  static func apply(to preparation: SubgraphPreparation) {
    if Selection.hasPadding { foldPadding(in: preparation) }
    if Selection.hasActivations { foldActivations(in: preparation) }
    if Selection.hasQuantize { removeIdentityQuantize(in: preparation) }
    if Selection.hasTables { foldTables(in: preparation) }
  }

  /// Numbers of the operators that rules look for.
  enum Code {
    static let add = 0
    static let conv2D = 3
    static let depthwiseConv2D = 4
    static let fullyConnected = 9
    static let mul = 18
    static let pad = 34
    static let sub = 41
    static let div = 42
    static let padV2 = 60
    static let transposeConv = 67
    static let quantize = 114
  }
}

extension GraphNode {
  /// Whether the node is there and prepared once for all invocations.
  var isFusible: Bool { !isRemoved && !isRunTime }
}

extension Graph {
  /// By tensor: how many operands of remaining nodes read it, and the last node that does.
  func readers() -> [(count: Int, last: Int)] {
    var readers = Array(repeating: (count: 0, last: -1), count: tensors.count)
    for index in nodes.indices where !nodes[index].isRemoved {
      for tensor in nodes[index].inputs where tensor >= 0 {
        readers[tensor] = (readers[tensor].count + 1, index)
      }
    }
    return readers
  }

  /// Whether nobody outside the graph reads `tensor` and its memory is the arena's.
  func isInternal(_ tensor: Int) -> Bool {
    guard case .activation = tensors[tensor].storage else { return false }
    return !outputs.contains(tensor) && !inputs.contains(tensor)
  }
}
