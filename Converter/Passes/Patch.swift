internal import ModelFormat

/// What a rule wants changed: nodes to add, and values that others take the place of. Nodes that nothing reads any more
/// disappear by themselves.
struct Patch {
  private(set) var values: [Value] = []
  private(set) var nodes: [Node] = []
  private(set) var replacements: [(old: ValueID, new: ValueID)] = []
  /// The first number that belongs to a new value.
  private let base: Int
  private var match: Match?

  init(_ match: Match) {
    self.match = match
    base = match.graph.values.count
  }

  /// Lets go of the graph, so that changing it needs no copy. Nothing can be added afterwards.
  mutating func seal() { match = nil }

  private var source: Match {
    guard let match else { preconditionFailure("a sealed patch does not grow") }
    return match
  }

  /// A patch that lets `new` stand for the node's output.
  init(_ match: Match, replacingOutputWith new: ValueID) {
    self.init(match)
    replace(match.output, with: new)
  }

  private mutating func add(_ value: Value) -> ValueID {
    values.append(value)
    return ValueID(index: base + values.count - 1)
  }

  func value(_ id: ValueID) -> Value {
    id.index < base ? source.graph[id] : values[id.index - base]
  }

  mutating func constant(_ bytes: ConstantBytes, type: ElementType, shape: [Int], name: String) -> ValueID {
    add(Value(name: name, type: type, shape: shape, constant: bytes))
  }

  mutating func floats(_ elements: [Float], shape: [Int]? = nil, name: String) -> ValueID {
    constant(ConstantBytes(elements: elements), type: .float32, shape: shape ?? [elements.count], name: name)
  }

  mutating func integers(_ elements: [Int], shape: [Int]? = nil) -> ValueID {
    constant(
      ConstantBytes(elements: elements.map { Int32(clamping: $0) }), type: .int32, shape: shape ?? [elements.count],
      name: "\(source.graph[source.output].name)/constant")
  }

  /// A node whose output is as `like`, with another shape or type where given.
  mutating func emit(
    _ operation: Operation, _ inputs: [ValueID?], like: Value, shape: [Int]? = nil, type: ElementType? = nil
  ) -> ValueID {
    var result = Value(
      name: like.name, type: type ?? like.type, shape: shape ?? like.shape, quantization: like.quantization)
    if result.type == .float32 { result.statedGrid = like.statedGrid }
    if shape == nil { result.openShape = like.openShape }
    let id = add(result)
    nodes.append(Node(operation, inputs: inputs, outputs: [id], source: source.node.source))
    return id
  }

  mutating func transpose(_ input: ValueID, _ permutation: [Int]) -> ValueID {
    if permutation == Array(permutation.indices) { return input }
    let source = value(input)
    let shape = permutation.map { source.shape[$0] }
    if let constant = source.constant, source.type.bitWidth >= 8 {
      let moved = constant.transposed(
        shape: source.shape, permutation: permutation, elementBytes: source.type.bitWidth / 8)
      var result = source
      (result.shape, result.constant, result.statedGrid) = (shape, moved, source.statedGrid?.permuted(permutation))
      return add(result)
    }
    return emit(Operation(.transpose), [input, integers(permutation)], like: source, shape: shape)
  }

  mutating func reshape(_ input: ValueID, _ shape: [Int]) -> ValueID {
    var source = value(input)
    if source.shape == shape { return input }
    if source.isConstant {
      source.statedGrid = source.statedGrid?.reshaped(from: source.shape, to: shape)
      source.shape = shape
      return add(source)
    }
    return emit(.reshape(shape), [input, integers(shape)], like: source, shape: shape)
  }

  mutating func replace(_ old: ValueID, with new: ValueID) { replacements.append((old, new)) }
}

extension Graph {
  /// Carries out a patch. Returns the new nodes; `nil` when it would leave the graph without one of its outputs.
  mutating func apply(_ patch: Patch, to id: NodeID) -> [NodeID]? {
    for (old, new) in patch.replacements where outputs.contains(old) {
      // Outputs are computed, each by itself.
      let isNew = new.index >= values.count
      guard
        isNew
          || (producers[new.index] != nil && !outputs.contains(new)
            && values[new.index].shape == values[old.index].shape)
      else { return nil }
      if isNew, patch.value(new).isConstant { return nil }
    }
    let base = values.count
    // What takes the place of a rounded value is rounded alike.
    for (old, new) in patch.replacements where values[old.index].statedGrid != nil && new.index < base {
      guard values[new.index].statedGrid == values[old.index].statedGrid else { return nil }
    }
    for value in patch.values { _ = add(value) }
    for (old, new) in patch.replacements where new.index >= base && values[new.index].type == .float32 {
      values[new.index].statedGrid = values[old.index].statedGrid
    }
    let added = patch.nodes.map { add($0) }
    for (old, new) in patch.replacements { replaceUses(of: old, with: new) }
    removeUnused(id)
    return added
  }
}

/// Permutations: dimension `i` of the result is dimension `permutation[i]` of the input.
enum Permutation {
  static func inverse(_ permutation: [Int]) -> [Int] {
    var result = Array(repeating: 0, count: permutation.count)
    for (position, source) in permutation.enumerated() { result[source] = position }
    return result
  }

  /// First `a`, then `b`.
  static func composed(_ a: [Int], _ b: [Int]) -> [Int] { b.map { a[$0] } }

  static func isIdentity(_ permutation: [Int]) -> Bool { permutation == Array(permutation.indices) }

  /// Whether permuting `shape` only moves dimensions of one, so that the elements keep their order.
  static func movesOnlyOnes(_ permutation: [Int], shape: [Int]) -> Bool {
    let moved = permutation.filter { shape[$0] != 1 }
    return moved == moved.sorted()
  }
}
