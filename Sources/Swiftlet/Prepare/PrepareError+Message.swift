import ModelFormat

extension PrepareError {
  /// One line: what, where, found, expected, what to do.
  ///
  /// "node 7 'conv2' (CONV_2D): input 1 is int32, expected int8 (type not supported)"
  public var message: String {
    var text = location
    let subject = self.subject
    text += subject
    if found.isNone {
      text += subject.isEmpty ? code.name.string : ": \(code.name.string)"
      if !expected.isNone { text += ", expected \(expected.text)" }
    } else {
      text += subject.isEmpty ? "found \(found.text)" : " is \(found.text)"
      if !expected.isNone { text += ", expected \(expected.text)" }
      text += " (\(code.name.string))"
    }
    if remedy.utf8CodeUnitCount > 0 { text += "; \(remedy.string)" }
    return text
  }

  private var location: String {
    guard node >= 0 else { return "" }
    var text = subgraph > 0 ? "subgraph \(subgraph), node \(node)" : "node \(node)"
    if !outputName.isEmpty { text += " '\(outputName)'" }
    if !operatorName.isEmpty { text += " (\(operatorName))" }
    return text + ": "
  }

  private var subject: String {
    let place =
      switch operand {
      case .none: ""
      case .input(let index): "input \(index)"
      case .output(let index): "output \(index)"
      }
    guard field.utf8CodeUnitCount > 0 else { return place }
    return place.isEmpty ? field.string : "\(field.string) of \(place)"
  }
}

extension PrepareError.Value {
  var isNone: Bool { if case .none = self { true } else { false } }

  var text: String {
    switch self {
    case .none: ""
    case .int(let value): "\(value)"
    case .float(let value): "\(value)"
    case .type(let type): type.name.string
    case .shape(let shape): shape.text
    case .text(let text): text.string
    case .string(let text): text
    }
  }
}

extension Shape {
  /// "[1,224,224,3]"
  public var text: String {
    var result = "["
    for index in 0..<rank { result += index == 0 ? "\(self[index])" : ",\(self[index])" }
    return result + "]"
  }
}

extension StaticString {
  var string: String { withUTF8Buffer { unsafe String(decoding: $0, as: UTF8.self) } }
}
