/// What names stand for at one place of an ONNX model.
struct ONNXScope {
  private var tensors: [String: ValueID] = [:]
  private var lists: [String: [ValueID]] = [:]
  /// Inputs of a function that its caller leaves out.
  private var leftOut: Set<String> = []

  subscript(_ name: String) -> ValueID? {
    get { tensors[name] }
    set {
      forget(name)
      tensors[name] = newValue
    }
  }

  /// A sequence of tensors.
  subscript(list name: String) -> [ValueID]? {
    get { lists[name] }
    set {
      forget(name)
      lists[name] = newValue
    }
  }

  func isLeftOut(_ name: String) -> Bool { leftOut.contains(name) }

  /// Gives `name` what another name has in another scope; without it nothing.
  mutating func bind(_ name: String, to other: String, of scope: ONNXScope) {
    if name.isEmpty { return }
    forget(name)
    if let tensor = scope.tensors[other] {
      tensors[name] = tensor
    } else if let list = scope.lists[other] {
      lists[name] = list
    } else {
      leftOut.insert(name)
    }
  }

  private mutating func forget(_ name: String) {
    tensors[name] = nil
    lists[name] = nil
    leftOut.remove(name)
  }
}
