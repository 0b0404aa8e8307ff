internal import ModelFormat

extension Graph {
  /// The graph as lines of text, one for each input, node and output: `y = CONV_2D(x, w, b) stride_w=2`. Constants stand
  /// for themselves while they are short, and by type and shape otherwise.
  package var text: String {
    var lines = inputs.map { "input \(name($0)): \(typeText(self[$0]))" }
    for id in executionOrder {
      guard let node = self[id] else { continue }
      let outputs = node.outputs.map { "\(name($0)): \(typeText(self[$0]))" }.joined(separator: ", ")
      let operands = node.inputs.map { $0.map(operandText) ?? "none" }.joined(separator: ", ")
      let options = optionsText(node.operation)
      lines.append("\(outputs) = \(node.operation.name)(\(operands))\(options.isEmpty ? "" : " \(options)")")
    }
    lines += outputs.map { "output \(name($0))" }
    return lines.joined(separator: "\n")
  }

  private func name(_ id: ValueID) -> String { self[id].name }

  private func typeText(_ value: Value) -> String {
    "\(value.typeName)[\(value.shape.map { String($0) }.joined(separator: ","))]"
  }

  private func operandText(_ id: ValueID) -> String {
    let value = self[id]
    guard let constant = value.constant else { return value.name }
    guard value.count <= 16 else { return typeText(value) }
    let elements: [String]
    switch value.type {
    case .float32: elements = constant.elements(as: Float.self).map { $0.description }
    case .int32: elements = constant.elements(as: Int32.self).map { $0.description }
    case .int64: elements = constant.elements(as: Int64.self).map { $0.description }
    case .int8: elements = constant.elements(as: Int8.self).map { $0.description }
    default: return typeText(value)
    }
    return "{\(elements.joined(separator: " "))}"
  }

  /// Options other than zero, by the schema's names.
  private func optionsText(_ operation: Operation) -> String {
    let fields = OptionLayout(ofOperator: operation.kind.rawValue)?.fields ?? []
    return fields.compactMap { field in
      switch operation.options[field.id] {
      case .bool(true): field.name
      case .int8(let number) where number != 0: "\(field.name)=\(number)"
      case .int32(let number) where number != 0: "\(field.name)=\(number)"
      case .float(let number) where number != 0: "\(field.name)=\(number)"
      default: nil
      }
    }.joined(separator: " ")
  }
}
