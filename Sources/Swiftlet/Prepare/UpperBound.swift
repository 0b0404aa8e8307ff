import ModelFormat

/// The largest result of operators whose result depends on the values of inputs.
enum UpperBound {
  /// A shape that no output of `node` exceeds in bytes; `nil` when the inputs' shapes do not tell.
  static func shape(of node: Node) -> Shape? {
    switch node.code.builtin {
    case Code.reshape, Code.slice, Code.stridedSlice, Code.topK: try? node.input(0).shape
    default: nil
    }
  }

  private enum Code {
    static let reshape = 22
    static let stridedSlice = 45
    static let topK = 48
    static let slice = 65
  }
}
