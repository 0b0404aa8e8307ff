package import ModelFormat

/// What a caller gives for one input of a subgraph.
package struct CallArgument {
  package let type: ElementType
  /// `nil` when it is known only while running.
  package var shape: Shape?
  /// Whether the bytes are counted while running: an unknown shape, or strings.
  package var isRunTime: Bool
  /// The value, when it never changes.
  var constant: ConstantBytes?
  /// The number of a resource variable, when the input is its handle.
  var resource: Int?

  static func == (a: CallArgument, b: CallArgument) -> Bool {
    a.type == b.type && a.shape == b.shape && a.isRunTime == b.isRunTime && a.resource == b.resource
      && same(a.constant, b.constant)
  }

  private static func same(_ a: ConstantBytes?, _ b: ConstantBytes?) -> Bool {
    switch (a, b) {
    case (nil, nil): true
    case (.file(let a), .file(let b)), (.halves(let a), .halves(let b)): a == b
    case (.owned(let a), .owned(let b)): a === b
    default: false
    }
  }

  /// The same input when its value and its shape may differ from call to call.
  package func varying(shape isKnown: Bool) -> CallArgument {
    var result = self
    result.constant = nil
    if !isKnown {
      result.shape = nil
      result.isRunTime = true
    }
    return result
  }
}
