extension FormatError: CustomStringConvertible {
  public var description: String { message }

  /// One line: where, what, found, expected, what to do.
  ///
  /// "tensor 7 'conv/weights' of subgraph 0: field buffer has the wrong number of bytes: found 12, expected 36 (at byte 480):
  /// the file is truncated or damaged; fetch or convert it again"
  public var message: String {
    var text = subject.text
    if !name.isEmpty {
      text += " '" + name + "'"
    }
    text += subject.suffix + ": "
    if !field.isEmpty {
      text += "field " + field + " "
    }
    text += code.summary.text
    if let found {
      text += ": found " + found.text
    }
    if let expected {
      text += (found == nil ? ": expected " : ", expected ") + expected.text
    }
    if let offset {
      text += " (at byte " + String(offset) + ")"
    }
    return text + ": " + code.advice.text
  }
}

extension FormatError.Subject {
  fileprivate var text: String {
    switch self {
    case .file: "file"
    case .operatorCode(let index): "operator code " + String(index)
    case .subgraph(let index): "subgraph " + String(index)
    case .tensor(let index, _): "tensor " + String(index)
    case .operator(let index, _): "operator " + String(index)
    case .buffer(let index): "buffer " + String(index)
    case .metadata(let index): "metadata " + String(index)
    case .signature(let index): "signature " + String(index)
    }
  }

  fileprivate var suffix: String {
    switch self {
    case .tensor(_, let subgraph), .operator(_, let subgraph): " of subgraph " + String(subgraph)
    default: ""
    }
  }
}

extension FormatError.Value {
  fileprivate var text: String {
    switch self {
    case .integer(let value): String(value)
    case .below(let end): end > 0 ? "0 to " + String(end - 1) : "nothing, since there are none"
    case .atLeast(let value): "at least " + String(value)
    case .atMost(let value): "at most " + String(value)
    case .text(let text): text.text
    case .name(let name): "'" + name + "'"
    }
  }
}
