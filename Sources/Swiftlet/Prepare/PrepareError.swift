public import ModelFormat

/// Why a model could not be prepared: what, where, found, expected.
///
/// One pointer wide, because every `try` that passes an error on would otherwise copy all of it, in every operator.
public struct PrepareError: Error, Sendable {
  private var storage: Storage

  private indirect enum Storage { case fields(Fields) }

  private struct Fields {
    let code: Code
    var subgraph = -1
    var node = -1
    var operatorText = Text()
    var outputText = Text()
    var operand: OperandReference
    var field: StaticString
    var found: Value
    var expected: Value
    var remedy: StaticString
  }

  private var fields: Fields {
    get {
      switch storage {
      case .fields(let fields): fields
      }
    }
    set { storage = .fields(newValue) }
  }

  public var code: Code { fields.code }
  /// Subgraph and index of the operator in it; -1 when no single operator is at fault.
  public var subgraph: Int {
    get { fields.subgraph }
    set { fields.subgraph = newValue }
  }
  public var node: Int {
    get { fields.node }
    set { fields.node = newValue }
  }
  /// "CONV_2D", or the name of a custom operator; empty when no operator is at fault.
  public var operatorName: String { operatorText.string }
  var operatorText: Text {
    get { fields.operatorText }
    set { fields.operatorText = newValue }
  }
  /// The name of the operator's first output, by which people recognise it.
  public var outputName: String { outputText.string }
  var outputText: Text {
    get { fields.outputText }
    set { fields.outputText = newValue }
  }
  public var operand: OperandReference {
    get { fields.operand }
    set { fields.operand = newValue }
  }
  /// The option, dimension or property at fault; empty when the operand itself is.
  public var field: StaticString {
    get { fields.field }
    set { fields.field = newValue }
  }
  public var found: Value {
    get { fields.found }
    set { fields.found = newValue }
  }
  public var expected: Value {
    get { fields.expected }
    set { fields.expected = newValue }
  }
  /// What to do about it; empty when the message says it.
  public var remedy: StaticString {
    get { fields.remedy }
    set { fields.remedy = newValue }
  }

  @inline(never)
  package init(
    _ code: Code, _ operand: OperandReference = .none, field: StaticString = "", found: Value = .none,
    expected: Value = .none, remedy: StaticString = ""
  ) {
    storage = .fields(
      Fields(code: code, operand: operand, field: field, found: found, expected: expected, remedy: remedy))
  }

  /// An open set: new codes may join. One byte wide, as every place that throws passes one.
  public struct Code: Equatable, Sendable {
    private enum Kind: UInt8 {
      case operatorUnsupported, versionUnsupported, typeUnsupported, optionUnsupported, shapeUnsupported, dynamicShape
      case notConstant
      case storedWeightsDamaged, operandMissing, operandCount, typeMismatch, shapeMismatch, valueInvalid, optionInvalid
      case quantizationInvalid, variableInvalid, signatureMissing, inputInvalid
      case memoryBudget, limitExceeded, outOfMemory
    }
    private let kind: Kind

    /// Whether the model may be fine and this runtime lacks what it needs.
    public var isUnsupported: Bool { kind.rawValue <= Kind.notConstant.rawValue }
    /// Whether memory or the caller's budget was too small.
    public var isResource: Bool { kind.rawValue >= Kind.memoryBudget.rawValue }

    public static let operatorUnsupported = Code(kind: .operatorUnsupported)
    public static let versionUnsupported = Code(kind: .versionUnsupported)
    public static let typeUnsupported = Code(kind: .typeUnsupported)
    public static let optionUnsupported = Code(kind: .optionUnsupported)
    public static let shapeUnsupported = Code(kind: .shapeUnsupported)
    public static let dynamicShape = Code(kind: .dynamicShape)
    public static let notConstant = Code(kind: .notConstant)

    public static let storedWeightsDamaged = Code(kind: .storedWeightsDamaged)
    public static let operandMissing = Code(kind: .operandMissing)
    public static let operandCount = Code(kind: .operandCount)
    public static let typeMismatch = Code(kind: .typeMismatch)
    public static let shapeMismatch = Code(kind: .shapeMismatch)
    public static let valueInvalid = Code(kind: .valueInvalid)
    public static let optionInvalid = Code(kind: .optionInvalid)
    public static let quantizationInvalid = Code(kind: .quantizationInvalid)
    public static let variableInvalid = Code(kind: .variableInvalid)
    public static let signatureMissing = Code(kind: .signatureMissing)
    public static let inputInvalid = Code(kind: .inputInvalid)

    public static let memoryBudget = Code(kind: .memoryBudget)
    public static let limitExceeded = Code(kind: .limitExceeded)
    public static let outOfMemory = Code(kind: .outOfMemory)

    public var name: StaticString {
      switch kind {
      case .operatorUnsupported: "operator not supported"
      case .versionUnsupported: "operator version not supported"
      case .typeUnsupported: "type not supported"
      case .optionUnsupported: "option not supported"
      case .shapeUnsupported: "shape not supported"
      case .dynamicShape: "shape depends on data"
      case .notConstant: "operand must be constant"
      case .storedWeightsDamaged: "packed weights of the file are damaged"
      case .operandMissing: "operand missing"
      case .operandCount: "wrong number of operands"
      case .typeMismatch: "type does not fit"
      case .shapeMismatch: "shape does not fit"
      case .valueInvalid: "value out of range"
      case .optionInvalid: "option out of range"
      case .quantizationInvalid: "quantization does not fit"
      case .variableInvalid: "variable misused"
      case .signatureMissing: "no such signature"
      case .inputInvalid: "input does not fit"
      case .memoryBudget: "memory budget exceeded"
      case .limitExceeded: "limit exceeded"
      case .outOfMemory: "out of memory"
      }
    }
  }

  /// A constant that is stored sparsely in a form, or at a place, that is not supported.
  static func sparse(_ operand: OperandReference) -> PrepareError {
    PrepareError(
      .typeUnsupported, operand, field: "sparsity", found: .text("sparse"), expected: .text("dense"),
      remedy: "convert the model with dense weights")
  }

  public enum OperandReference: Equatable, Sendable {
    case none
    case input(Int)
    case output(Int)
  }

  public enum Value: Sendable {
    case none
    case int(Int)
    case float(Float)
    case type(ElementType)
    indirect case shape(Shape)
    case text(StaticString)
    case name(Text)
  }
}

extension StaticString {
  func hasSameText(as other: StaticString) -> Bool {
    guard utf8CodeUnitCount == other.utf8CodeUnitCount else { return false }
    for index in 0..<utf8CodeUnitCount where unsafe utf8Start[index] != other.utf8Start[index] { return false }
    return true
  }
}
