internal import ModelFormat
internal import ONNXFormat

/// Loops whose number of repetitions is known become their repetitions one after the other.
extension ONNXImporter {
  /// Operands: number of repetitions, condition, what is carried from one repetition to the next. The body takes the
  /// number of the repetition, the condition and what is carried, and gives the condition, what is carried and one element
  /// of each further output.
  mutating func addLoop(_ proto: Onnx_NodeProto) throws {
    let body = try body(of: proto)
    let carried = proto.input.count - 2
    guard carried >= 0, body.input.count == carried + 2, body.output.count == proto.output.count + 1,
      proto.output.count >= carried
    else { throw malformed(proto) }
    var isOn = true
    if let condition = try operand(proto.input[1]) { isOn = try known(condition, proto, "whether it goes on") != 0 }
    let count = try operand(proto.input[0]).map { try known($0, proto, "how often it repeats") } ?? Int.max
    let outside = scope
    try addInitializers(body)
    let base = scope
    var last = outside
    var names = Array(proto.input[2...])
    var rows: [[ValueID]] = Array(repeating: [], count: proto.output.count - carried)
    var step = 0
    while isOn, step < count {
      try countExpansion(of: proto)
      scope = base
      for (name, other) in zip(body.input[2...], names) { scope.bind(name.name, to: other, of: last) }
      scope[body.input[0].name] = builder.constant(
        ConstantBytes(elements: [Int64(step)]), type: .int64, shape: [])
      scope[body.input[1].name] = builder.constant(ConstantBytes([1]), type: .bool, shape: [])
      try add(body.node)
      for (index, output) in body.output.dropFirst(carried + 1).enumerated() {
        rows[index].append(try result(output.name, of: proto))
      }
      isOn = try known(result(body.output[0].name, of: proto), proto, "whether it goes on") != 0
      (last, names) = (scope, body.output[1...].prefix(carried).map(\.name))
      step += 1
    }
    scope = outside
    try bind(proto, Array(proto.output.prefix(carried)), to: names, of: last)
    for (name, elements) in zip(proto.output.dropFirst(carried), rows) where !name.isEmpty {
      scope[name] = try stacked(elements, axis: 0, proto)
    }
  }

  /// Operands: what is carried from one step to the next, then what each step takes one slice of. The body gives what is
  /// carried, then one slice of each further output.
  mutating func addScan(_ proto: Onnx_NodeProto) throws {
    let node = ONNXNode(proto: proto, builder: builder, opset: opset, inputs: [])
    guard opset >= 9 else {
      throw node.unsupported("Scan of operator set 8", "convert the model with onnx.version_converter")
    }
    let body = try body(of: proto)
    let read = min(max(node.int("num_scan_inputs", default: 0), 0), proto.input.count)
    let carried = proto.input.count - read
    let written = proto.output.count - carried
    guard read > 0, written >= 0, body.input.count == proto.input.count,
      body.output.count == proto.output.count
    else { throw malformed(proto) }
    let sources = try proto.input[carried...].enumerated().map {
      index, name -> (id: ValueID, axis: Int, isBackward: Bool) in
      guard let id = try operand(name) else { throw malformed(proto) }
      let axis = try node.normalized(
        node.element("scan_input_axes", index), rank: builder.shape(id).count)
      return (id, axis, try node.element("scan_input_directions", index) == 1)
    }
    let lengths = Set(sources.map { builder.shape($0.id)[$0.axis] })
    guard lengths.count == 1, let length = lengths.first else { throw malformed(proto) }
    let outside = scope
    try addInitializers(body)
    let base = scope
    var last = outside
    var names = Array(proto.input.prefix(carried))
    var rows: [[ValueID]] = Array(repeating: [], count: written)
    for step in 0..<length {
      try countExpansion(of: proto)
      scope = base
      for (name, other) in zip(body.input, names) { scope.bind(name.name, to: other, of: last) }
      for (input, source) in zip(body.input.dropFirst(carried), sources) {
        let place = source.isBackward ? length - 1 - step : step
        scope[input.name] = try element(place, of: source.id, axis: source.axis)
      }
      try add(body.node)
      for (index, output) in body.output.dropFirst(carried).enumerated() {
        rows[index].append(try result(output.name, of: proto))
      }
      (last, names) = (scope, body.output.prefix(carried).map(\.name))
    }
    scope = outside
    try bind(proto, Array(proto.output.prefix(carried)), to: names, of: last)
    for (index, name) in proto.output.dropFirst(carried).enumerated() where !name.isEmpty {
      let isBackward = try node.element("scan_output_directions", index) == 1
      let rank = rows[index].first.map { builder.shape($0).count + 1 } ?? 1
      let axis = try node.normalized(node.element("scan_output_axes", index), rank: rank)
      scope[name] = try stacked(isBackward ? rows[index].reversed() : rows[index], axis: axis, proto)
    }
  }

  /// Repeats its body for each element of a sequence. Further operands are sequences as long as that, or tensors that every
  /// repetition sees.
  mutating func addMap(_ proto: Onnx_NodeProto) throws {
    let body = try body(of: proto)
    guard let first = proto.input.first, let count = scope[list: first]?.count, body.input.count == proto.input.count,
      body.output.count == proto.output.count,
      proto.input.allSatisfy({ scope[list: $0].map { $0.count == count } ?? true })
    else { throw malformed(proto) }
    let outside = scope
    try addInitializers(body)
    let base = scope
    var rows: [[ValueID]] = Array(repeating: [], count: body.output.count)
    for step in 0..<count {
      try countExpansion(of: proto)
      scope = base
      for (input, name) in zip(body.input, proto.input) {
        if let elements = outside[list: name] {
          scope[input.name] = elements[step]
        } else {
          scope.bind(input.name, to: name, of: outside)
        }
      }
      try add(body.node)
      for (index, output) in body.output.enumerated() { rows[index].append(try result(output.name, of: proto)) }
    }
    scope = outside
    for (name, elements) in zip(proto.output, rows) where !name.isEmpty { scope[list: name] = elements }
  }

  private func body(of proto: Onnx_NodeProto) throws -> Onnx_GraphProto {
    guard let body = proto.attribute.first(where: { $0.name == "body" && $0.hasG })?.g else { throw malformed(proto) }
    return body
  }

  private func malformed(_ proto: Onnx_NodeProto) -> ConversionError {
    ConversionError(
      .badData, layer: ONNXNode.layerName(proto), "its body and its operands do not fit",
      remedy: "export the model again")
  }

  /// A number that decides about repetitions.
  private func known(_ id: ValueID, _ proto: Onnx_NodeProto, _ what: String) throws -> Int {
    if let number = builder.constantIntegers(id)?.first { return number }
    throw ConversionError(
      .unavailable, layer: ONNXNode.layerName(proto), "\(what) depends on data",
      remedy: "export the model with a fixed number of repetitions")
  }

  private func result(_ name: String, of proto: Onnx_NodeProto) throws -> ValueID {
    guard let id = scope[name] else {
      throw ConversionError(
        .badData, layer: ONNXNode.layerName(proto), "no layer computes output '\(name)' of its body",
        remedy: "export the model again")
    }
    return id
  }

  private mutating func bind(
    _ proto: Onnx_NodeProto, _ outputs: [String], to names: [String], of inside: ONNXScope
  ) throws {
    for (output, name) in zip(outputs, names) where !output.isEmpty {
      guard inside[name] != nil || inside[list: name] != nil else { throw malformed(proto) }
      scope.bind(output, to: name, of: inside)
    }
  }

  /// The tensors along a new dimension.
  private func stacked(_ elements: [ValueID], axis: Int, _ proto: Onnx_NodeProto) throws -> ValueID {
    guard let first = elements.first else {
      throw ConversionError(
        .unavailable, layer: ONNXNode.layerName(proto), "it never repeats, and its outputs are empty",
        remedy: "export the model without the loop")
    }
    guard elements.allSatisfy({ builder.shape($0) == builder.shape(first) }) else {
      throw ConversionError(
        .unavailable, layer: ONNXNode.layerName(proto), "its repetitions give outputs of different shapes",
        remedy: "export the model without the loop")
    }
    return try builder.concatenate(elements.map { try builder.unsqueeze($0, at: [axis]) }, axis: axis)
  }

  /// One element of a tensor along `axis`, without that dimension.
  func element(_ index: Int, of id: ValueID, axis: Int) throws -> ValueID {
    var (begin, size) = (builder.shape(id).map { _ in 0 }, builder.shape(id))
    (begin[axis], size[axis]) = (index, 1)
    let slice = try builder.slice(id, begin: begin, size: size)
    size.remove(at: axis)
    return try builder.reshape(slice, size)
  }

  /// Before a call or a repetition is written out.
  mutating func countExpansion(of proto: Onnx_NodeProto) throws {
    let most = 1 << 16
    expansions += 1
    guard expansions <= most, builder.graph.nodes.count <= most else {
      throw ConversionError(
        .unavailable, layer: ONNXNode.layerName(proto), "more than \(most) layers once its repetitions are written out",
        remedy: "export the model with fewer repetitions")
    }
  }
}

extension ONNXNode {
  /// Number `index` of a list that may be left out.
  fileprivate func element(_ name: String, _ index: Int) throws -> Int {
    guard let numbers = ints(name) else { return 0 }
    guard numbers.indices.contains(index) else { throw malformed("\(name) has \(numbers.count) numbers") }
    return numbers[index]
  }
}
