internal import ModelFormat
internal import ONNXFormat

/// Sequences of tensors, whose lengths are known while converting: lists of values, which never reach the graph.
extension ONNXImporter {
  /// Whether a layer that also takes tensors hands on a sequence.
  func isOfSequences(_ proto: Onnx_NodeProto) -> Bool {
    proto.opType == "Identity" && proto.input.first.map { scope[list: $0] != nil } ?? false
  }

  mutating func addSequence(_ proto: Onnx_NodeProto) throws {
    let inputs = try proto.input.map { scope[list: $0] == nil ? try operand($0) : nil }
    let node = ONNXNode(proto: proto, builder: builder, opset: opset, inputs: inputs)
    guard let output = proto.output.first else { throw node.malformed("it has no output") }
    switch proto.opType {
    case "SequenceEmpty": scope[list: output] = []
    case "SequenceConstruct": scope[list: output] = try inputs.indices.map { try node.input($0) }
    case "SplitToSequence": scope[list: output] = try split(node)
    case "Identity": scope[list: output] = try list(node)
    case "SequenceInsert":
      var elements = try list(node)
      let place = try position(node, 2, within: elements.count, default: elements.count)
      elements.insert(try node.input(1), at: place)
      scope[list: output] = elements
    case "SequenceErase":
      var elements = try list(node)
      let place = try position(node, 1, within: elements.count - 1, default: elements.count - 1)
      elements.remove(at: place)
      scope[list: output] = elements
    case "SequenceAt":
      let elements = try list(node)
      scope[output] = elements[try position(node, 1, within: elements.count - 1, default: 0)]
    case "SequenceLength":
      scope[output] = builder.constant(
        ConstantBytes(elements: [Int64(try list(node).count)]), type: .int64, shape: [])
    case "ConcatFromSequence": scope[output] = try joined(node)
    default: throw ONNXOperators.refusal(of: [proto])
    }
  }

  private func list(_ node: ONNXNode) throws -> [ValueID] {
    guard let name = node.proto.input.first, let elements = scope[list: name] else {
      throw node.malformed("its first operand is no sequence")
    }
    return elements
  }

  /// A constant position from 0 to `last`, or counted from the end.
  private func position(_ node: ONNXNode, _ index: Int, within last: Int, default standard: Int) throws -> Int {
    let count = try list(node).count
    let given = try node.integers(index, "position")?.first ?? standard
    let place = given < 0 ? given &+ count : given
    guard place >= 0, place <= last else { throw node.malformed("position \(given) in a sequence of \(count)") }
    return place
  }

  /// Parts of one size, the last one maybe shorter, or of a size each; without sizes single elements.
  private func split(_ node: ONNXNode) throws -> [ValueID] {
    let shape = try node.shape(0)
    let axis = try node.normalized(node.int("axis", default: 0), rank: shape.count)
    let extent = shape[axis]
    guard extent <= 1 << 16 else { throw node.unsupported("\(extent) elements", "use tensors instead of sequences") }
    guard let given = try node.integers(1, "split") else {
      let isKept = node.int("keepdims", default: 1) == 1
      return try (0..<extent).map { index in
        let element = try element(index, of: node.input(0), axis: axis)
        return isKept ? try builder.unsqueeze(element, at: [axis]) : element
      }
    }
    var sizes = given
    if try node.shape(1).isEmpty {
      guard given[0] > 0 else { throw node.malformed("parts of size \(given[0])") }
      sizes = stride(from: 0, to: extent, by: given[0]).map { min(given[0], extent - $0) }
    }
    guard sizes.allSatisfy({ $0 >= 0 && $0 <= extent }), sizes.reduce(0, +) == extent else {
      throw node.malformed("parts \(sizes) of dimension \(extent)")
    }
    var start = 0
    return try sizes.map { part in
      var (begin, size) = (shape.map { _ in 0 }, shape)
      (begin[axis], size[axis]) = (start, part)
      start += part
      return try builder.slice(node.input(0), begin: begin, size: size)
    }
  }

  private func joined(_ node: ONNXNode) throws -> ValueID {
    let elements = try list(node)
    guard let first = elements.first else { throw node.malformed("its sequence is empty") }
    let isNew = node.int("new_axis", default: 0) == 1
    let axis = try node.normalized(
      node.int("axis", default: 0), rank: builder.shape(first).count + (isNew ? 1 : 0))
    return try builder.concatenate(
      isNew ? elements.map { try builder.unsqueeze($0, at: [axis]) } : elements, axis: axis)
  }
}
