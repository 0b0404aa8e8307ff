/// A verified `.tflite` file (FlatBuffer, schema version 3, identifier `TFL3`).
///
/// A value of this type exists only when every index, shape product, buffer size, quantization parameter, option table
/// and signature of the file has been checked. Constants stay in `bytes`; nothing is copied. Immutable and `Sendable`.
public struct Model: Sendable {
  /// The whole file.
  public let bytes: ModelBytes
  public let operatorCodes: [OperatorCode]
  /// At least one; the first is the main one.
  public let subgraphs: [Subgraph]
  /// Where each buffer's data lies in `bytes`; empty ranges hold no data. Buffer 0 is always empty.
  public let buffers: [Range<Int>]
  public let metadata: [Metadata]
  public let signatures: [Signature]
  /// Free text of whoever wrote the file; empty when absent.
  public var description: String { descriptionText.string }
  let descriptionText: Text
  /// Byte offsets in the arena that a tool has chosen, for the tensors of all subgraphs in order; -1 = not chosen. Empty
  /// when the file has no "OfflineMemoryAllocation". Tensors may overlap: check before use.
  public let offlinePlan: [Int]
  /// What follows the last byte that a table leads to: a zip archive of labels, padding, or nothing.
  public let trailingBytes: Range<Int>
}

/// Which kernel an operator asks for.
public struct OperatorCode: Sendable, Equatable {
  /// The number of the schema's `BuiltinOperator`, 0 to 209; 32 is CUSTOM. Larger numbers are kept: prepare names and refuses them.
  public let builtin: Int
  /// The custom operator's name, empty for built-in ones.
  public var customName: String { customText.string }
  package let customText: Text
  /// At least 1.
  public let version: Int

  public init(builtin: Int, customName: String, version: Int) {
    self.init(builtin: builtin, customText: Text(customName), version: version)
  }

  init(builtin: Int, customText: Text, version: Int) {
    self.builtin = builtin
    self.customText = customText
    self.version = version
  }
}

/// A graph of operators in execution order.
public struct Subgraph: Sendable {
  public var name: String { text.string }
  let text: Text
  public let tensors: [TensorInfo]
  /// Tensor indices, each inside `tensors`.
  public let inputs: [Int]
  public let outputs: [Int]
  public let operators: [OperatorInfo]
}

/// What the file says of a tensor.
public final class TensorInfo: Sendable {
  /// Where the name's bytes are in the file, which ends them with a zero; empty when there is no name.
  package let nameBytes: Range<Int>
  let file: ModelBytes
  public let type: ElementType
  /// Dimensions as stored, each at least 0; the element count's bytes fit in `Int`.
  public let shape: [Int]
  /// `shape_signature`: -1 where a dimension is unknown; empty when the file has none.
  public let shapeSignature: [Int]
  /// False when the file gives an empty shape and `has_rank` is false: a scalar or a tensor of unknown rank.
  public let hasRank: Bool
  /// Index into `Model.buffers`.
  public let buffer: Int
  /// The bytes of a constant in `Model.bytes`, at any alignment; `nil` when the tensor is computed. For types of fixed
  /// size exactly the bytes that `shape` needs, for strings a consistent table of them, for sparse tensors the stored
  /// elements. Empty for a tensor without elements that nothing computes.
  public let data: Range<Int>?
  public let quantization: Quantization?
  /// How many scales `quantization` has, at which nobody has to look for that.
  package let scaleCount: Int
  /// One scale and zero point that the file gives a float32 tensor, where they mean something only when the operator
  /// gives its output another type than the file says; nothing about them has been checked but that the scale is positive.
  public let unusedQuantization: Quantization?
  public let isVariable: Bool
  /// Whether the file stores the tensor sparsely (`SparsityParameters`).
  public var isSparse: Bool { sparsity != nil }
  let sparsity: FlatTable.Extent?

  init(
    name: Range<Int>, in file: ModelBytes, type: ElementType, shape: [Int], shapeSignature: [Int], hasRank: Bool,
    buffer: Int,
    data: Range<Int>?, quantization: Quantization?, unusedQuantization: Quantization?, isVariable: Bool,
    sparsity: FlatTable.Extent?
  ) {
    nameBytes = name
    self.file = file
    self.type = type
    self.shape = shape
    self.shapeSignature = shapeSignature
    self.hasRank = hasRank
    self.buffer = buffer
    self.data = data
    self.quantization = quantization
    scaleCount = quantization?.scales.count ?? 0
    self.unusedQuantization = unusedQuantization
    self.isVariable = isVariable
    self.sparsity = sparsity
  }

  /// Invalid UTF-8 is replaced. Made anew at every look.
  public var name: String { text.string }
  package var text: Text { ByteReader(file).text(nameBytes) }

  /// The same tensor as a constant that lies at `data`.
  func constant(at data: Range<Int>) -> TensorInfo {
    TensorInfo(
      name: nameBytes, in: file, type: type, shape: shape, shapeSignature: shapeSignature, hasRank: hasRank,
      buffer: buffer, data: data, quantization: quantization, unusedQuantization: unusedQuantization,
      isVariable: isVariable, sparsity: sparsity)
  }
}

/// Affine quantization: `real = scale * (stored - zeroPoint)`.
public struct Quantization: Sendable, Equatable {
  /// One value, or one for each index of `dimension`. Finite and positive. Empty when `blockwise` replaces them.
  public let scales: [Float]
  /// As many as `scales`, each inside the stored type's range.
  public let zeroPoints: [Int32]
  /// The dimension that per-channel parameters belong to; 0 for per-tensor ones.
  public let dimension: Int
  /// Blockwise parameters, which replace `scales`: the tensor index of the scales, of the zero points (-1 = all 0),
  /// and the elements of a block.
  public let blockwise: Blockwise?

  public struct Blockwise: Sendable, Equatable {
    public let scalesTensor: Int
    public let zeroPointsTensor: Int
    public let blockSize: Int

    public init(scalesTensor: Int, zeroPointsTensor: Int, blockSize: Int) {
      self.scalesTensor = scalesTensor
      self.zeroPointsTensor = zeroPointsTensor
      self.blockSize = blockSize
    }
  }

  public var isPerChannel: Bool { scales.count > 1 }

  public init(scales: [Float], zeroPoints: [Int32], dimension: Int = 0, blockwise: Blockwise? = nil) {
    self.scales = scales
    self.zeroPoints = zeroPoints
    self.dimension = dimension
    self.blockwise = blockwise
  }
}

/// A node of a subgraph.
public final class OperatorInfo: Sendable {
  /// Index into `Model.operatorCodes`.
  public let code: Int
  /// Tensor indices; -1 marks an operand that is absent.
  public let inputs: [Int]
  public let outputs: [Int]
  public let intermediates: [Int]
  /// The `builtin_options` table; an empty table when the file has none, so that every field reads as its default.
  public let options: OptionTable
  /// The `builtin_options_2` table.
  public let options2: OptionTable
  /// The bytes of `custom_options` in `Model.bytes`.
  public let customOptions: Range<Int>
  public let mutatingVariableInputs: [Bool]

  init(
    code: Int, inputs: [Int], outputs: [Int], intermediates: [Int], options: OptionTable, options2: OptionTable,
    customOptions: Range<Int>, mutatingVariableInputs: [Bool]
  ) {
    self.code = code
    self.inputs = inputs
    self.outputs = outputs
    self.intermediates = intermediates
    self.options = options
    self.options2 = options2
    self.customOptions = customOptions
    self.mutatingVariableInputs = mutatingVariableInputs
  }
}

/// A named block of bytes that travels in the file.
public struct Metadata: Sendable {
  public var name: String { text.string }
  package let text: Text
  /// Index into `Model.buffers`.
  public let buffer: Int
}

/// A named way to call a subgraph.
public struct Signature: Sendable {
  public var key: String { text.string }
  package let text: Text
  public let subgraph: Int
  /// Names and the tensors of `subgraph` that they stand for.
  public let inputs: [SignatureTensor]
  public let outputs: [SignatureTensor]
}

public struct SignatureTensor: Sendable {
  public var name: String { text.string }
  package let text: Text
  public let tensor: Int
}
