extension FormatError: CustomStringConvertible {
  public var description: String { message }

  /// One line: where, what, found, expected, what to do.
  ///
  /// "tensor 7 'conv/weights' of subgraph 0: field buffer has the wrong number of bytes: found 12, expected 36 (at byte 480):
  /// the file is truncated or damaged; fetch or convert it again"
  public var message: String { text.string }

  package var text: Text {
    var text = Text()
    subject.add(nameText, to: &text)
    text.add(": ")
    if !fieldText.isEmpty {
      text.add("field ")
      text.add(fieldText)
      text.add(" ")
    }
    text.add(code.summary)
    if let found {
      text.add(": found ")
      found.add(to: &text)
    }
    if let expected {
      text.add(found == nil ? ": expected " : ", expected ")
      expected.add(to: &text)
    }
    if let offset {
      text.add(" (at byte ")
      text.add(offset)
      text.add(")")
    }
    text.add(": ")
    text.add(code.advice)
    return text
  }
}

extension FormatError.Subject {
  fileprivate func add(_ name: Text, to text: inout Text) {
    let (what, index, subgraph): (StaticString, Int, Int?) =
      switch self {
      case .file: ("file", -1, nil)
      case .operatorCode(let index): ("operator code ", index, nil)
      case .subgraph(let index): ("subgraph ", index, nil)
      case .tensor(let index, let subgraph): ("tensor ", index, subgraph)
      case .operator(let index, let subgraph): ("operator ", index, subgraph)
      case .buffer(let index): ("buffer ", index, nil)
      case .metadata(let index): ("metadata ", index, nil)
      case .signature(let index): ("signature ", index, nil)
      }
    text.add(what)
    if index >= 0 { text.add(index) }
    if !name.isEmpty {
      text.add(" '")
      text.add(name)
      text.add("'")
    }
    if let subgraph {
      text.add(" of subgraph ")
      text.add(subgraph)
    }
  }
}

extension FormatError.Value {
  fileprivate func add(to text: inout Text) {
    switch self {
    case .integer(let value): text.add(Int(clamping: value))
    case .below(let end):
      text.add(end > 0 ? "0 to " : "nothing, since there are none")
      if end > 0 { text.add(Int(clamping: end - 1)) }
    case .atLeast(let value):
      text.add("at least ")
      text.add(Int(clamping: value))
    case .atMost(let value):
      text.add("at most ")
      text.add(Int(clamping: value))
    case .text(let literal): text.add(literal)
    case .name(let name):
      text.add("'")
      text.add(name)
      text.add("'")
    }
  }
}
