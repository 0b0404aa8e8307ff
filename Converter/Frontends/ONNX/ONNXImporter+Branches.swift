internal import ONNXFormat

/// Layers that choose between two graphs.
extension ONNXImporter {
  /// An If whose condition is known is the branch that it takes. Where data decides, both are computed and one is chosen:
  /// layers have no effect but their outputs.
  mutating func addBranch(_ proto: Onnx_NodeProto) throws {
    guard let condition = proto.input.first.flatMap({ scope[$0] }) else {
      throw ConversionError(
        .badData, layer: builder.source, "it has no condition", remedy: "export the model again")
    }
    let known = builder.constantIntegers(condition)?.first
    let (source, name) = (builder.source, builder.name)
    let results = try known.map { try inline($0 != 0 ? "then_branch" : "else_branch", of: proto) }
    if let results {
      for (name, id) in zip(proto.output, results) { scope[name] = id }
      return
    }
    let branches: [[ValueID]]
    do {
      branches = try ["then_branch", "else_branch"].map { try inline($0, of: proto) }
    } catch let error as ConversionError {
      throw hint(error, condition)
    }
    (builder.source, builder.name) = (source, name)
    let decision = try builder.reshape(condition, [])
    for (name, pair) in zip(proto.output, zip(branches[0], branches[1])) {
      let (first, second) = (builder.value(pair.0), builder.value(pair.1))
      guard first.shape == second.shape, first.type == second.type else {
        let error = ConversionError(
          .unavailable, layer: source,
          "its condition depends on data, and its branches give \(first.typeName)\(first.shape) and "
            + "\(second.typeName)\(second.shape)",
          remedy: "export the model with one branch only")
        throw hint(error, condition)
      }
      builder.name = name
      scope[name] = try builder.select(decision, pair.0, pair.1)
    }
  }

  /// The error of a branch that may never be taken, with what would leave it out.
  private func hint(_ error: ConversionError, _ condition: ValueID) -> ConversionError {
    var (open, seen) = ([condition], Set<ValueID>())
    while let value = open.popLast() {
      guard seen.insert(value).inserted, let node = builder.graph.producer(of: value)?.node else { continue }
      open += node.inputs.compactMap { $0 }
    }
    let names = builder.graph.inputs.filter { seen.contains($0) }.map { builder.value($0).name }
    guard !names.isEmpty else { return error }
    return ConversionError(
      .unavailable, layer: error.layer, error.problem,
      remedy: "if data never takes that branch of the model, fix what decides with "
        + names.map { "--input-value \($0)=<number>" }.joined(separator: " "))
  }

  /// The outputs of a branch, which reads what is around it.
  private mutating func inline(_ name: String, of proto: Onnx_NodeProto) throws -> [ValueID] {
    let layer = ONNXNode.layerName(proto)
    guard let branch = proto.attribute.first(where: { $0.name == name })?.g, branch.output.count == proto.output.count
    else {
      throw ConversionError(.badData, layer: layer, "it has no \(name)", remedy: "export the model again")
    }
    let outside = scope
    defer { scope = outside }
    try addInitializers(branch)
    try add(branch.node)
    return try branch.output.map { output in
      guard let id = scope[output.name] else {
        throw ConversionError(
          .badData, layer: layer, "no layer computes output '\(output.name)' of its \(name)",
          remedy: "export the model again")
      }
      return id
    }
  }
}
