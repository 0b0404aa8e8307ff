internal import ModelFormat
internal import ONNXFormat

/// Operators whose results are known while converting.
enum ConstantOperators {
  static func constant(_ node: ONNXNode) throws -> [ValueID] {
    let builder = node.builder
    for attribute in node.proto.attribute {
      switch attribute.name {
      case "value":
        var value = try ONNXTensor.value(attribute.t, folder: ExternalData(modelPath: nil))
        value.name = builder.name
        return [builder.graph.add(value)]
      case "value_float": return [builder.constant([attribute.f], shape: [])]
      case "value_floats": return [builder.constant(attribute.floats)]
      case "value_int": return [int64([attribute.i], [], builder)]
      case "value_ints": return [int64(attribute.ints, [attribute.ints.count], builder)]
      default: continue
      }
    }
    throw node.unsupported("a constant of text or in sparse form", "export it as a dense tensor of numbers")
  }

  private static func int64(_ elements: [Int64], _ shape: [Int], _ builder: GraphBuilder) -> ValueID {
    builder.constant(ConstantBytes(elements: elements), type: .int64, shape: shape)
  }

  static func constantOfShape(_ node: ONNXNode) throws -> [ValueID] {
    guard let shape = try node.integers(0, "shape") else { throw node.malformed("its shape is missing") }
    guard shape.allSatisfy({ $0 >= 0 }), shape.reduce(1.0, { $0 * Double(max($1, 1)) }) < 0x1p32 else {
      throw node.malformed("an impossible shape \(shape)")
    }
    let element = try node.attribute("value").map {
      node.builder.graph.add(try ONNXTensor.value($0.t, folder: ExternalData(modelPath: nil)))
    }
    let scalar = try node.builder.reshape(element ?? node.builder.scalar(0), [])
    return [try node.builder.broadcast(scalar, to: shape)]
  }

  static func shape(_ node: ONNXNode) throws -> [ValueID] {
    let shape = try node.shape(0)
    func clamped(_ position: Int) -> Int { min(max(position < 0 ? position + shape.count : position, 0), shape.count) }
    let start = clamped(node.int("start", default: 0))
    let end = max(start, clamped(node.int("end", default: shape.count)))
    return [int64(shape[start..<end].map { Int64($0) }, [end - start], node.builder)]
  }

  static func size(_ node: ONNXNode) throws -> [ValueID] {
    [int64([Int64(try node.shape(0).reduce(1, *))], [], node.builder)]
  }

  static func range(_ node: ONNXNode) throws -> [ValueID] {
    let operands = try (0..<3).map { try node.input($0) }
    guard operands.allSatisfy({ node.builder.value($0).isConstant }) else { throw node.notConstant(0, "bounds") }
    let type = try node.type(0)
    let worked: ElementType = type == .int16 ? .int32 : type
    let result = try node.builder.emit(
      Operation(.range), operands.map { try node.builder.cast($0, to: worked) }, type: worked)
    return [try node.builder.cast(result, to: type)]
  }

  static func eyeLike(_ node: ONNXNode) throws -> [ValueID] {
    let builder = node.builder
    let shape = try node.shape(0)
    guard shape.count == 2 else { throw node.malformed("an input of rank \(shape.count)") }
    try node.requireModest(shape[0], shape[1])
    let diagonal = node.int("k", default: 0)
    let code = Int32(clamping: node.int("dtype", default: 0))
    let elements = (0..<shape[0]).flatMap { row in (0..<shape[1]).map { Float($0 - row == diagonal ? 1 : 0) } }
    let floats = builder.constant(elements, shape: shape)
    return [try builder.cast(floats, to: code == 0 ? node.type(0) : ONNXTensor.type(code) ?? .float32)]
  }

  static func dropout(_ node: ONNXNode) throws -> [ValueID] {
    let builder = node.builder
    let ratio = try node.floats(1, "ratio")?.first ?? 0.5
    if node.opset >= 12, let training = node.optional(2), builder.constantIntegers(training)?.first != 0, ratio != 0 {
      throw node.unsupported("training mode", "export the model for inference")
    }
    let input = try node.input(0)
    guard node.isOutputUsed(1) else { return [input] }
    let mask = try builder.broadcast(
      builder.constant(ConstantBytes([1]), type: .bool, shape: []), to: builder.shape(input))
    return [input, mask]
  }

  /// Windows of signal processing: Hann, Hamming and Blackman.
  static func window(_ coefficients: [Double]) -> ONNXLowering {
    { node in
      guard let size = try node.integers(0, "size")?.first, size >= 0, size < 1 << 24 else {
        throw node.malformed("its size is missing")
      }
      let isPeriodic = node.int("periodic", default: 1) == 1
      let code = Int32(clamping: node.int("output_datatype", default: 1))
      let step = 2 * Double.pi / Double(max(isPeriodic ? size : size - 1, 1))
      let elements = (0..<size).map { index in
        Float(
          coefficients.enumerated().reduce(0) { $0 + $1.element * cosine(Double($1.offset) * step * Double(index)) })
      }
      return [try node.builder.cast(node.builder.constant(elements), to: ONNXTensor.type(code) ?? .float32)]
    }
  }
}
