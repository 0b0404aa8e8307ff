import ModelFormat
import Swiftlet

/// Everything that can be said of a model without running it, also of one that cannot be prepared.
struct ModelInspection {
  let file: ModelFile
  /// The subgraph that would run.
  let subgraph: Subgraph
  let tensors: [InspectedTensor]
  let operators: [InspectedOperator]
  /// `nil` for a model that cannot be prepared.
  let program: Program?
  /// Why it cannot be prepared.
  let problems: [PrepareError]

  init(file: ModelFile, options: PrepareOptions) throws(CommandFailure) {
    self.file = file
    let entry = try file.entryIndex(signature: options.signature)
    let subgraph = file.model.subgraphs[entry]
    self.subgraph = subgraph
    let problems = file.model.problems(options)
    let program = problems.isEmpty ? try file.prepare(options) : nil
    let shapes = ModelInspection.shapes(subgraph, program)
    let (inputs, outputs) = (Set(subgraph.inputs), Set(subgraph.outputs))
    tensors = subgraph.tensors.indices.map { index in
      InspectedTensor(
        index: index, in: subgraph, program: program, shape: shapes[index], isInput: inputs.contains(index),
        isOutput: outputs.contains(index))
    }
    let refusals = Dictionary(
      problems.filter { $0.subgraph == entry }.map { ($0.node, $0.message) }, uniquingKeysWith: { first, _ in first })
    let steps = program.map { Set($0.stepChains.joined()) }
    let chained = Set((program?.stepChains ?? []).filter { $0.count > 1 }.joined())
    let model = file.model
    operators = subgraph.operators.enumerated().map { index, info in
      InspectedOperator(
        index: index, name: model.operatorName(info), code: model.operatorCodes[info.code], inputs: info.inputs,
        outputs: info.outputs,
        multiplyAccumulates: MultiplyAccumulates.count(
          code: model.operatorCodes[info.code].builtin, inputs: info.inputs.map { $0 < 0 ? nil : shapes[$0] },
          outputs: info.outputs.map { $0 < 0 ? nil : shapes[$0] }, options: info.options),
        isStep: steps?.contains(index), isChained: chained.contains(index),
        problem: refusals[index])
    }
    self.program = program
    self.problems = problems
  }

  /// By tensor: the shape as prepared, or else the stored one.
  private static func shapes(_ subgraph: Subgraph, _ program: Program?) -> [Shape?] {
    if let program { return program.prepared.tensors.map(\.shape) }
    return subgraph.tensors.map { Shape($0.shape) }
  }

  var totalMultiplyAccumulates: Int { operators.reduce(0) { $0 + $1.multiplyAccumulates } }

  /// Bytes of constants that the file stores for this subgraph.
  var constantBytes: Int { tensors.reduce(0) { $0 + ($1.kind == .constant ? $1.byteCount : 0) } }

  /// Of all multiply-accumulates, 0...1.
  func share(_ operation: InspectedOperator) -> Double {
    let total = totalMultiplyAccumulates
    return total > 0 ? Double(operation.multiplyAccumulates) / Double(total) : 0
  }

  /// The tensor that an operator is known by: its first output.
  func mainOutput(of operation: InspectedOperator) -> InspectedTensor? {
    operation.outputs.first.flatMap { $0 < 0 ? nil : tensors[$0] }
  }
}

/// A tensor of the inspected subgraph.
struct InspectedTensor {
  enum Kind: String {
    case input, output, constant, variable, activation
    /// A constant that is computed while preparing, or a tensor that nothing needs any more.
    case folded
  }

  let index: Int
  let name: String
  let type: ElementType
  /// -1 where the file leaves a dimension open and the model cannot be prepared.
  let shape: [Int]
  let quantization: Quantization?
  let kind: Kind
  let byteCount: Int
  /// Where it lies in the arena.
  let arenaOffset: Int?

  init(
    index: Int, in subgraph: Subgraph, program: Program?, shape known: Shape?, isInput: Bool, isOutput: Bool
  ) {
    let info = subgraph.tensors[index]
    self.index = index
    name = info.name
    type = info.type
    quantization = info.quantization
    let isOpen = program == nil && info.shapeSignature.contains(-1)
    shape = isOpen ? info.shapeSignature : known?.dimensions ?? info.shape
    arenaOffset = program?.prepared.plan.tensorOffsets[index]
    byteCount = isOpen ? 0 : known.flatMap { info.type.byteCount(of: $0.elementCount) } ?? info.data?.count ?? 0
    kind =
      if isInput {
        .input
      } else if info.data != nil {
        .constant
      } else if isOutput {
        .output
      } else if info.isVariable {
        .variable
      } else {
        program != nil && arenaOffset == nil ? .folded : .activation
      }
  }

  /// "int8[1,112,112,32]", unknown dimensions as "?".
  var typeText: String { "\(type.name)[\(shape.map { $0 < 0 ? "?" : "\($0)" }.joined(separator: ","))]" }

  /// "scale 0.0078 zero point 128", or what there is for each channel; empty without quantization.
  var quantizationText: String {
    guard let quantization else { return "" }
    if let blockwise = quantization.blockwise { return "blocks of \(blockwise.blockSize)" }
    guard let least = quantization.scales.min(), let most = quantization.scales.max() else { return "" }
    guard quantization.isPerChannel else { return "scale \(least) zero point \(quantization.zeroPoints.first ?? 0)" }
    return "\(quantization.scales.count) channels (dimension \(quantization.dimension)), scales \(least) to \(most)"
  }
}

/// An operator of the inspected subgraph.
struct InspectedOperator {
  /// In the file.
  let index: Int
  let name: String
  let code: OperatorCode
  /// Tensor indices; -1 where an operand is absent.
  let inputs: [Int]
  let outputs: [Int]
  let multiplyAccumulates: Int
  /// Whether it runs on its own: false when it was computed while preparing or became part of another; `nil` for a model
  /// that cannot be prepared.
  let isStep: Bool?
  /// Whether it runs some rows at a time together with others.
  let isChained: Bool
  /// Why it would not run.
  let problem: String?
}
