package import ModelFormat

/// What layers on float32 are computed in.
public enum LayerPrecision: Sendable {
  /// As float32, as the model says.
  case float32
  /// CONV_2D with operands rounded to bfloat16, 8 significant bits, and sums in float32: several times as fast where
  /// processors have AMX, several times slower elsewhere, with the same bytes everywhere.
  case bfloat16
}

/// How to prepare a model.
public struct PrepareOptions: Sendable {
  /// Threads that `invoke` may use, the caller's included; fewer where there are fewer processors or the system grants
  /// fewer. Results do not depend on it. See <doc:Threads>.
  public var threads: Int = 1
  /// The instruction set of the kernels.
  public var isa: ISA = .fastest
  /// What layers on float32 are computed in. See <doc:Bfloat16>.
  public var layerPrecision: LayerPrecision = .float32
  /// The most bytes that program, arena and variables together may take; decided before anything is allocated.
  ///
  /// 2 GiB unless told otherwise: a file of a hundred bytes can ask for any amount, and operating systems that promise
  /// more than they have end the process instead of refusing.
  public var memoryBudget: Int = Int(clamping: Int64(2) << 30)
  /// How much an invocation may do.
  public var limits = RunLimits()
  /// Whether the contents of the inputs survive `invoke`, so that they can be written once and used many times.
  public var keepsInputs: Bool = true
  /// The signature to run; `nil` runs the first subgraph.
  public var signature: String? {
    get { signatureText?.string }
    set { signatureText = newValue.map { Text($0) } }
  }
  package var signatureText: Text?
  /// Shapes that replace the stored ones, by input.
  public var inputShapes: [Int: Shape] {
    get { Dictionary(uniqueKeysWithValues: givenShapes.map { ($0.input, $0.shape) }) }
    set { givenShapes = newValue.map { ($0.key, $0.value) } }
  }
  private var givenShapes: [(input: Int, shape: Shape)] = []
  /// Whether steps may be combined (padding folded, views). Turned off to look at every tensor.
  public var fuses: Bool = true
  /// Whether chains of layers may run some rows at a time where that makes the arena much smaller: the tensors between
  /// them take a few rows of it instead of their size. No byte of an output depends on it. Needs `fuses`.
  /// See <doc:MemoryPlanning>.
  public var chainsRows: Bool = true
  /// For tests: every possible chain is made, with bands of so many rows, and any row is worth a thread.
  package var bandRows: Int?

  /// Whether steps are shared among the threads however little there is to do. For tests.
  package var alwaysShares = false

  /// The shape that replaces the stored one of input `position`.
  package func shape(ofInput position: Int) -> Shape? {
    for index in givenShapes.indices where givenShapes[index].input == position { return givenShapes[index].shape }
    return nil
  }

  package mutating func setShape(ofInput position: Int, to shape: Shape) {
    for index in givenShapes.indices where givenShapes[index].input == position {
      givenShapes[index].shape = shape
      return
    }
    givenShapes.append((position, shape))
  }

  public init(threads: Int = 1) { self.threads = max(1, threads) }
}
