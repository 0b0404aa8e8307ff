import ModelFormat

/// A subgraph while it is being prepared: what the file says, then shapes, folded constants and fused nodes.
final class Graph {
  /// Index of the subgraph in the model.
  let index: Int
  let tensors: [GraphTensor]
  /// In execution order. A node that was fused away keeps its place with `isRemoved` set.
  let nodes: [GraphNode]
  let inputs: [Int]
  let outputs: [Int]

  init(model: Model, subgraph index: Int) {
    let subgraph = model.subgraphs[index]
    self.index = index
    inputs = subgraph.inputs
    outputs = subgraph.outputs
    tensors = subgraph.tensors.indices.map { GraphTensor(index: $0, info: subgraph.tensors[$0]) }
    nodes = subgraph.operators.indices.map { position in
      let info = subgraph.operators[position]
      return GraphNode(position: position, info: info, code: model.operatorCodes[info.code])
    }
  }

  /// Nodes that stand for themselves, between tensors of their own.
  init(index: Int, tensors: [GraphTensor], nodes: [GraphNode]) {
    (self.index, self.tensors, self.nodes) = (index, tensors, nodes)
    (inputs, outputs) = ([], [])
  }

  /// A copy of what a step needs that is prepared while running.
  init(_ template: RunTimeGraph) {
    index = template.index
    tensors = template.tensors.map { GraphTensor(copy: $0) }
    nodes = template.nodes
    inputs = template.inputs
    outputs = template.outputs
  }

  /// The nodes that read `tensor`, removed ones left out.
  func consumers(of tensor: Int) -> [Int] {
    nodes.indices.filter { !nodes[$0].isRemoved && nodes[$0].inputs.contains(tensor) }
  }

  /// The node that writes `tensor`.
  func producer(of tensor: Int) -> Int? {
    nodes.indices.first { !nodes[$0].isRemoved && nodes[$0].outputs.contains(tensor) }
  }
}

/// A tensor of a graph: an object, because its many fields would be copied at every look.
final class GraphTensor {
  /// Index in the subgraph.
  let index: Int
  let info: TensorInfo
  /// The file's type until a shape rule says otherwise.
  var type: ElementType
  /// Known for inputs and constants from the start, for the rest once their producer's shape rule has run.
  var shape: Shape? {
    get { hasShape ? knownShape : nil }
    set { (hasShape, knownShape) = (newValue != nil, newValue ?? .scalar) }
  }
  private(set) var hasShape: Bool
  /// The shape, once it is known.
  private(set) var knownShape: Shape
  /// Whether an operator has given its output another type than the file says, see `Node.correctOutput`.
  var isCorrected = false
  var quantization: Quantization? { info.quantization(isCorrected: isCorrected) }
  var storage: TensorStorage
  /// Whether the value counts as a constant while a node is prepared in the middle of an invocation.
  var hasKnownValue = false
  /// The buffer of the file with the float16 numbers that a constant of float32 is; 0 for others.
  var halvesBuffer = 0
  /// An upper bound of every dimension, where the shape is known only while running.
  var shapeBound: Shape? {
    get { bounds?.shape }
    set { setBounds(newValue, byteBound) }
  }
  /// An upper bound of the bytes, likewise.
  var byteBound: Int? {
    get { bounds?.bytes }
    set { setBounds(shapeBound, newValue) }
  }
  /// Few tensors have bounds.
  private var bounds: Bounds?

  var isConstant: Bool {
    if case .constant = storage { return true }
    return hasKnownValue
  }

  var isShapedAtRunTime: Bool {
    if case .runTime = storage { return shape == nil }
    return false
  }

  /// Whether the shape or the number of bytes is known only while running, or does not follow from the shape.
  var isUncounted: Bool {
    if case .runTime = storage { return true }
    return shape == nil || type.bitWidth == 0
  }

  /// Whether the tensor has a place in the subgraph's arena.
  var isPlanned: Bool {
    switch storage {
    case .activation: true
    case .runTime: byteBound != nil
    default: false
    }
  }

  private final class Bounds {
    let shape: Shape?
    let bytes: Int?

    init(_ shape: Shape?, _ bytes: Int?) { (self.shape, self.bytes) = (shape, bytes) }
  }

  private func setBounds(_ shape: Shape?, _ bytes: Int?) {
    bounds = shape == nil && bytes == nil ? nil : Bounds(shape, bytes)
  }

  init(index: Int, info: TensorInfo) {
    self.index = index
    self.info = info
    type = info.type
    if let data = info.data {
      storage = .constant(info.isSparse ? .sparse(info) : .file(data))
    } else if info.isVariable {
      storage = .variable
    } else {
      storage = .activation
    }
    let shape = info.data != nil || info.isVariable ? Shape(info.shape) : nil
    (hasShape, knownShape) = (shape != nil, shape ?? .scalar)
  }

  convenience init(copy other: GraphTensor) { self.init(copy: other, index: other.index) }

  /// A copy that stands at another place of its graph.
  init(copy other: GraphTensor, index: Int) {
    self.index = index
    info = other.info
    type = other.type
    hasShape = other.hasShape
    knownShape = other.knownShape
    isCorrected = other.isCorrected
    storage = other.storage
    bounds = other.bounds
    halvesBuffer = other.halvesBuffer
  }
}

enum TensorStorage {
  /// Computed by a node or given by the caller: lives in the arena.
  case activation
  case constant(ConstantBytes)
  /// Keeps its contents from one invocation to the next (`is_variable`).
  case variable
  /// The handle of a resource variable, by its number; nothing is stored for the handle itself.
  case resource(Int)
  /// Memory of the caller: an input of a called subgraph, or an output that it writes where the caller wants it.
  case borrowed
  /// The run-time tensor of this number: its shape or, for strings, its bytes are known only while running.
  case runTime(Int)
}

enum ConstantBytes {
  case file(Range<Int>)
  /// float16 numbers in the file that are to be read as float32; widened when somebody asks for them.
  case halves(Range<Int>)
  /// Elements that the file stores sparsely; all of them are written out when somebody asks for them.
  case sparse(TensorInfo)
  case owned(OwnedBytes)
}

/// A node of a graph: an object, because its many fields would be copied at every look.
final class GraphNode {
  /// Index of the operator in the file's subgraph.
  let position: Int
  let code: OperatorCode
  /// Tensor indices; -1 where an operand is absent.
  var inputs: [Int]
  var outputs: [Int]
  private let info: OperatorInfo
  var intermediates: [Int] { info.intermediates }
  var options: OptionTable { info.options }
  var options2: OptionTable { info.options2 }
  var customOptions: Range<Int> { info.customOptions }
  /// Set when another node took over this one's work, or when its results were computed while preparing.
  var isRemoved = false
  /// Set when the node can only be prepared while running.
  var isRunTime = false
  /// Padding of a PAD node that was folded into this one: rows and columns before and after.
  var foldedPadding: Padding2D?
  /// What a RELU allows that was folded into this one.
  var foldedLimits: ActivationLimits?
  /// What this node and those before it, which are removed, make of every byte of the input.
  var table: OwnedBytes?
  /// What the shape rule of a convolution has found, before padding is folded.
  var geometry: ConvolutionGeometry?

  init(position: Int, info: OperatorInfo, code: OperatorCode) {
    self.position = position
    self.code = code
    self.info = info
    inputs = info.inputs
    outputs = info.outputs
  }

  /// A copy between other tensors.
  init(copy other: GraphNode, inputs: [Int], outputs: [Int]) {
    (position, code, info) = (other.position, other.code, other.info)
    (foldedPadding, foldedLimits) = (other.foldedPadding, other.foldedLimits)
    (self.inputs, self.outputs) = (inputs, outputs)
  }
}

/// Rows and columns added around a picture.
package struct Padding2D: Equatable, Sendable, BitwiseCopyable {
  package var top, left, bottom, right: Int

  package init(top: Int, left: Int, bottom: Int, right: Int) {
    (self.top, self.left, self.bottom, self.right) = (top, left, bottom, right)
  }

  package static let none = Padding2D(top: 0, left: 0, bottom: 0, right: 0)
}
