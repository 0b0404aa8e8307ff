/// Prints the operators of models, one a line: the number of a built-in one, the name of a custom one; and the kinds of
/// their layers with weights beside the 8-bit ones, as "layers:float", "layers:hybrid" and "layers:int16".
@main
struct ListOperators {
  static func main() throws {
    var lines: Set<String> = []
    for path in CommandLine.arguments.dropFirst() {
      for code in try Model(path: path).operatorCodes {
        lines.insert(code.builtin == OperatorCode.custom ? code.customName : String(code.builtin))
      }
      lines.formUnion(layers(of: try Model(path: path)))
    }
    print(lines.sorted().joined(separator: "\n"))
  }

  /// CONV_2D, DEPTHWISE_CONV_2D, FULLY_CONNECTED, TRANSPOSE_CONV and BATCH_MATMUL.
  static let weighted = [3, 4, 9, 67, 126]

  static func layers(of model: Model) -> Set<String> {
    var kinds: Set<String> = []
    for subgraph in model.subgraphs {
      for node in subgraph.operators where weighted.contains(model.operatorCodes[node.code].builtin) {
        let types = node.inputs.filter { $0 >= 0 }.map { subgraph.tensors[$0].type }
        if types.contains(.float32) { kinds.insert("layers:float") }
        if types.contains(.float32), types.contains(where: { $0 != .float32 }) { kinds.insert("layers:hybrid") }
        if types.contains(.int16) { kinds.insert("layers:int16") }
      }
    }
    return kinds
  }
}
