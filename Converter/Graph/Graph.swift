package import ModelFormat

/// A tensor of a graph, by its number.
package struct ValueID: Hashable, Sendable, Comparable {
  package let index: Int

  package static func < (a: ValueID, b: ValueID) -> Bool { a.index < b.index }
}

/// A node of a graph, by its number.
package struct NodeID: Hashable, Sendable, Comparable {
  package let index: Int

  package static func < (a: NodeID, b: NodeID) -> Bool { a.index < b.index }
}

/// What flows along an edge: name, type, shape, and for constants the elements.
package struct Value: Sendable {
  /// The source model's name where it has one.
  package var name: String
  package var type: ElementType
  package var shape: [Int]
  /// How stored integers mean real numbers; `nil` for plain values. Quantization belongs to the edge: a pass that moves
  /// or reorders elements hands it on.
  package var quantization: Quantization?
  /// What the source model rounds float32 elements to; for constants, what they were stored as.
  package var statedGrid: StatedGrid?
  package var constant: ConstantBytes?
  /// As `shape`, with -1 where the source model left a dimension open; empty when it left none open.
  package var openShape: [Int] = []

  package init(
    name: String, type: ElementType, shape: [Int], quantization: Quantization? = nil, constant: ConstantBytes? = nil
  ) {
    self.name = name
    self.type = type
    self.shape = shape
    self.quantization = quantization
    self.constant = constant
  }

  package var count: Int { shape.reduce(1, *) }
  package var isConstant: Bool { constant != nil }
}

/// One operator of a graph.
package struct Node: Sendable {
  package var operation: Operation
  /// `nil` where an operand is absent.
  package var inputs: [ValueID?]
  package var outputs: [ValueID]
  /// The source model's layer and operator, for messages: "conv1 (Conv)".
  package var source: String

  package init(_ operation: Operation, inputs: [ValueID?], outputs: [ValueID], source: String) {
    self.operation = operation
    self.inputs = inputs
    self.outputs = outputs
    self.source = source
  }
}

/// How an input or output of the graph differs from the source model's: dimension `i` of the graph's tensor is dimension
/// `permutation[i]` of the source's.
package struct BoundaryLayout: Sendable, Equatable {
  package var sourceName: String
  package var sourceShape: [Int]
  package var permutation: [Int]
}

/// A typed graph of operators whose tensors all have fixed shapes.
///
/// Every value has at most one producer; constants and inputs have none. The edges are kept in both directions, so that
/// looking for a pattern costs no walk.
package struct Graph: Sendable {
  package internal(set) var values: [Value] = []
  package internal(set) var nodes: [Node?] = []
  package internal(set) var producers: [NodeID?] = []
  /// By value: the nodes that read it, in the order in which they came; a node that reads it twice stands there twice.
  package internal(set) var consumers: [[NodeID]] = []
  package internal(set) var inputs: [ValueID] = []
  package internal(set) var outputs: [ValueID] = []
  /// By position in `inputs`.
  package internal(set) var inputLayouts: [BoundaryLayout] = []
  /// By position in `outputs`.
  package internal(set) var outputLayouts: [BoundaryLayout] = []

  package init() {}

  package subscript(value: ValueID) -> Value {
    get { values[value.index] }
    set { values[value.index] = newValue }
  }

  package subscript(node: NodeID) -> Node? { nodes[node.index] }

  package func producer(of value: ValueID) -> (id: NodeID, node: Node)? {
    guard let id = producers[value.index], let node = nodes[id.index] else { return nil }
    return (id, node)
  }

  package func consumers(of value: ValueID) -> [NodeID] { consumers[value.index] }

  /// Whether exactly one operand reads the value and it is no output of the graph.
  package func hasSingleUse(_ value: ValueID) -> Bool {
    consumers[value.index].count == 1 && !outputs.contains(value)
  }

  package var nodeIDs: [NodeID] { nodes.indices.lazy.filter { nodes[$0] != nil }.map { NodeID(index: $0) } }

  package var nodeCount: Int { nodes.reduce(0) { $0 + ($1 == nil ? 0 : 1) } }
}

extension Value {
  /// "float32", "int8", ...
  package var typeName: String { "\(type.name)" }
}

extension Graph {
  /// How often each operator occurs, by name.
  package var operatorCounts: [(name: String, count: Int)] {
    var counts: [String: Int] = [:]
    for case .some(let node) in nodes { counts[node.operation.name, default: 0] += 1 }
    return counts.sorted { $0.key < $1.key }.map { (name: $0.key, count: $0.value) }
  }
}
