internal import ModelFormat

extension Rule {
  /// Integers that are widened and stored again are taken as they are, or brought from one type to the other at once.
  static let cancelConversions = Rule("cancel conversions") { match in
    guard match.kind == .quantize || match.kind == .dequantize, let middle = match.input(0),
      let before = match.producer(of: middle, match.kind == .quantize ? .dequantize : .quantize),
      let source = before.inputs[0], let first = match.graph[source].integerGrid
    else { return nil }
    let output = match.graph[match.output]
    guard (match.kind == .quantize ? output : match.graph[middle]).integerGrid == first else { return nil }
    var patch = Patch(match)
    if match.kind == .quantize, output.type == match.graph[source].type {
      patch.replace(match.output, with: source)
    } else if before.operation.kind == .quantize || output.type != match.graph[source].type {
      patch.replace(match.output, with: patch.emit(match.node.operation, [source], like: output))
    } else {
      return nil
    }
    return patch
  }
}

extension Value {
  /// The numbers that a quantized value stands for, uint8 told as int8.
  fileprivate var integerGrid: Grid? {
    guard type != .float32, let quantization else { return nil }
    return Grid(StatedGrid(type, quantization))
  }
}
