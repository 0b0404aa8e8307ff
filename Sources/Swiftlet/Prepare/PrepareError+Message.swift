package import ModelFormat

extension PrepareError {
  /// One line: what, where, found, expected, what to do.
  ///
  /// "node 7 'conv2' (CONV_2D): input 1 is int32, expected int8 (type not supported)"
  public var message: String { text.string }

  package var text: Text {
    var text = Text()
    addLocation(to: &text)
    let hasSubject = addSubject(to: &text)
    if found.isNone {
      if hasSubject { text.add(": ") }
      text.add(code.name)
      addExpected(to: &text)
    } else {
      text.add(hasSubject ? " is " : "found ")
      found.add(to: &text)
      addExpected(to: &text)
      text.add(" (")
      text.add(code.name)
      text.add(")")
    }
    if remedy.utf8CodeUnitCount > 0 {
      text.add("; ")
      text.add(remedy)
    }
    return text
  }

  private func addExpected(to text: inout Text) {
    guard !expected.isNone else { return }
    text.add(", expected ")
    expected.add(to: &text)
  }

  private func addLocation(to text: inout Text) {
    guard node >= 0 else { return }
    if subgraph > 0 {
      text.add("subgraph ")
      text.add(subgraph)
      text.add(", ")
    }
    text.add("node ")
    text.add(node)
    if !outputText.isEmpty {
      text.add(" '")
      text.add(outputText)
      text.add("'")
    }
    if !operatorText.isEmpty {
      text.add(" (")
      text.add(operatorText)
      text.add(")")
    }
    text.add(": ")
  }

  /// False when there is nothing to add.
  private func addSubject(to text: inout Text) -> Bool {
    text.add(field)
    let (place, index): (StaticString, Int) =
      switch operand {
      case .none: ("", -1)
      case .input(let index): ("input ", index)
      case .output(let index): ("output ", index)
      }
    guard index >= 0 else { return field.utf8CodeUnitCount > 0 }
    if field.utf8CodeUnitCount > 0 { text.add(" of ") }
    text.add(place)
    text.add(index)
    return true
  }
}

extension PrepareError.Value {
  var isNone: Bool { if case .none = self { true } else { false } }

  var text: String {
    var text = Text()
    add(to: &text)
    return text.string
  }

  fileprivate func add(to text: inout Text) {
    switch self {
    case .none: break
    case .int(let value): text.add(value)
    case .float(let value): text.add(value)
    case .type(let type): text.add(type.name)
    case .shape(let shape): shape.add(to: &text)
    case .text(let literal): text.add(literal)
    case .name(let name): text.add(name)
    }
  }
}

extension Shape {
  /// "[1,224,224,3]"
  public var text: String {
    var text = Text()
    add(to: &text)
    return text.string
  }

  fileprivate func add(to text: inout Text) {
    text.add("[")
    for index in 0..<rank {
      if index > 0 { text.add(",") }
      text.add(self[index])
    }
    text.add("]")
  }
}

extension StaticString {
  var string: String { Text(self).string }
}
