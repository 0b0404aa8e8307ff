internal import ONNXFormat

/// Operators that an ONNX model itself defines by others.
struct ONNXFunctions {
  private var functions: [String: Onnx_FunctionProto] = [:]

  init() {}

  init(_ functions: [Onnx_FunctionProto]) {
    for function in functions { self.functions["\(function.domain):\(function.name)"] = function }
  }

  subscript(_ node: Onnx_NodeProto) -> Onnx_FunctionProto? { functions["\(node.domain):\(node.opType)"] }

  /// The nodes of all functions that the nodes call, themselves or through others.
  func bodies(calledBy nodes: [Onnx_NodeProto]) -> [Onnx_NodeProto] {
    var (found, open, seen) = ([Onnx_NodeProto](), nodes, Set<String>())
    while let node = open.popLast() {
      guard let function = self[node], seen.insert("\(node.domain):\(node.opType)").inserted else { continue }
      found += function.node
      open += function.node
    }
    return found
  }
}

extension ONNXImporter {
  /// The nodes of a function in the place of its call, in a scope of their own.
  mutating func call(_ function: Onnx_FunctionProto, _ proto: Onnx_NodeProto) throws {
    guard depth < 64 else {
      throw ConversionError(
        .badData, layer: builder.source, "functions call each other without end", remedy: "export the model again")
    }
    try countExpansion(of: proto)
    depth += 1
    defer { depth -= 1 }
    for name in proto.input where !name.isEmpty && scope[list: name] == nil { _ = try operand(name) }
    let (outside, version) = (scope, opset)
    scope = ONNXScope()
    for (index, name) in function.input.enumerated() {
      scope.bind(name, to: proto.input.indices.contains(index) ? proto.input[index] : "", of: outside)
    }
    if let own = function.opsetImport.first(where: { ["", "ai.onnx"].contains($0.domain) }) {
      opset = Int(own.version)
    }
    let given = Dictionary(
      (function.attributeProto + proto.attribute).map { ($0.name, $0) }, uniquingKeysWith: { $1 })
    try add(function.node.map { Self.resolved($0, given) })
    let inside = scope
    (scope, opset) = (outside, version)
    for (name, result) in zip(proto.output, function.output) where !name.isEmpty {
      guard inside[result] != nil || inside[list: result] != nil else {
        throw ConversionError(
          .badData, layer: ONNXNode.layerName(proto), "no layer computes output '\(result)' of its function",
          remedy: "export the model again")
      }
      scope.bind(name, to: result, of: inside)
    }
  }

  /// The node with the caller's attributes in the place of references to them; what neither the caller nor the function
  /// states, the node does not have.
  private static func resolved(
    _ node: Onnx_NodeProto, _ given: [String: Onnx_AttributeProto]
  ) -> Onnx_NodeProto {
    var node = node
    node.attribute = node.attribute.compactMap { attribute in
      var attribute = attribute
      if !attribute.refAttrName.isEmpty {
        guard var value = given[attribute.refAttrName] else { return nil }
        value.name = attribute.name
        return value
      }
      if attribute.hasG { attribute.g.node = attribute.g.node.map { resolved($0, given) } }
      return attribute
    }
    return node
  }
}
