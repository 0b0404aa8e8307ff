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

  /// An open set: new codes may join.
  public struct Code: Equatable, Sendable {
    private enum Kind { case unsupported, invalid, resource }
    private let kind: Kind
    public let name: StaticString

    private init(_ kind: Kind, _ name: StaticString) { (self.kind, self.name) = (kind, name) }

    public static func == (a: Code, b: Code) -> Bool { a.name.hasSameText(as: b.name) }

    /// Whether the model may be fine and this runtime lacks what it needs.
    public var isUnsupported: Bool { kind == .unsupported }
    /// Whether memory or the caller's budget was too small.
    public var isResource: Bool { kind == .resource }

    public static let operatorUnsupported = Code(.unsupported, "operator not supported")
    public static let versionUnsupported = Code(.unsupported, "operator version not supported")
    public static let typeUnsupported = Code(.unsupported, "type not supported")
    public static let optionUnsupported = Code(.unsupported, "option not supported")
    public static let shapeUnsupported = Code(.unsupported, "shape not supported")
    public static let dynamicShape = Code(.unsupported, "shape depends on data")
    public static let notConstant = Code(.unsupported, "operand must be constant")

    public static let storedWeightsDamaged = Code(.invalid, "packed weights of the file are damaged")
    public static let operandMissing = Code(.invalid, "operand missing")
    public static let operandCount = Code(.invalid, "wrong number of operands")
    public static let typeMismatch = Code(.invalid, "type does not fit")
    public static let shapeMismatch = Code(.invalid, "shape does not fit")
    public static let valueInvalid = Code(.invalid, "value out of range")
    public static let optionInvalid = Code(.invalid, "option out of range")
    public static let quantizationInvalid = Code(.invalid, "quantization does not fit")
    public static let variableInvalid = Code(.invalid, "variable misused")
    public static let signatureMissing = Code(.invalid, "no such signature")
    public static let inputInvalid = Code(.invalid, "input does not fit")

    public static let memoryBudget = Code(.resource, "memory budget exceeded")
    public static let limitExceeded = Code(.resource, "limit exceeded")
    public static let outOfMemory = Code(.resource, "out of memory")
  }

  /// A constant stored sparsely: no operator reads that form, whose bytes are fewer than the shape needs.
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
