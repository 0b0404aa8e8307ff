extension FormatError {
  /// What kind of error it is. New kinds may join; compare with `==` and keep a default.
  public struct Code: Equatable, Hashable, Sendable {
    private let kind: Kind

    private enum Kind: Sendable {
      case unreadable, outOfMemory, tooShort, notAModel, versionUnsupported, outOfBounds, malformedTable, limitExceeded
      case missing, invalidIndex, invalidValue, duplicate, callCycle, aliasedOperands, readBeforeWritten
      case writtenTwice, constantWritten, shapeOverflow, sizeMismatch, quantization, sparsity, optionsMismatch
      case externalData, stringData, notBuilt
    }

    /// The file cannot be opened or mapped.
    public static let unreadable = Code(kind: .unreadable)
    public static let outOfMemory = Code(kind: .outOfMemory)
    /// Fewer bytes than the smallest model has.
    public static let tooShort = Code(kind: .tooShort)
    /// The identifier `TFL3` is absent.
    public static let notAModel = Code(kind: .notAModel)
    public static let versionUnsupported = Code(kind: .versionUnsupported)
    /// An offset, vector or string reaches past the end of the file or of its table.
    public static let outOfBounds = Code(kind: .outOfBounds)
    /// A table, its vtable or a text contradicts itself.
    public static let malformedTable = Code(kind: .malformedTable)
    /// The file asks for more tables or elements than `ModelLimits` allows.
    public static let limitExceeded = Code(kind: .limitExceeded)
    /// Something that every model has is absent.
    public static let missing = Code(kind: .missing)
    public static let invalidIndex = Code(kind: .invalidIndex)
    public static let invalidValue = Code(kind: .invalidValue)
    /// A name or key that must be unique occurs twice.
    public static let duplicate = Code(kind: .duplicate)
    /// Subgraphs call each other in a circle.
    public static let callCycle = Code(kind: .callCycle)
    /// An operator writes a tensor that it also reads.
    public static let aliasedOperands = Code(kind: .aliasedOperands)
    /// An operator reads a tensor that only a later operator, or none, computes.
    public static let readBeforeWritten = Code(kind: .readBeforeWritten)
    public static let writtenTwice = Code(kind: .writtenTwice)
    public static let constantWritten = Code(kind: .constantWritten)
    /// The product of dimensions does not fit in the address space.
    public static let shapeOverflow = Code(kind: .shapeOverflow)
    /// A buffer's bytes do not fit the shape.
    public static let sizeMismatch = Code(kind: .sizeMismatch)
    public static let quantization = Code(kind: .quantization)
    public static let sparsity = Code(kind: .sparsity)
    /// The option table belongs to another operator.
    public static let optionsMismatch = Code(kind: .optionsMismatch)
    /// Constants lie in another file.
    public static let externalData = Code(kind: .externalData)
    /// The offsets inside a string tensor contradict each other.
    public static let stringData = Code(kind: .stringData)
    /// What the file needs was left out when the library was built for certain models.
    public static let notBuilt = Code(kind: .notBuilt)

    /// What happened, as the verb of a sentence about a field.
    var summary: StaticString {
      switch kind {
      case .unreadable: "cannot be read"
      case .outOfMemory: "does not fit in memory"
      case .tooShort: "is too short"
      case .notAModel: "is not a TensorFlow Lite model"
      case .versionUnsupported: "has an unsupported version"
      case .outOfBounds: "reaches past the end"
      case .malformedTable: "is malformed"
      case .limitExceeded: "exceeds a limit"
      case .missing: "is missing"
      case .invalidIndex: "is not a valid index"
      case .invalidValue: "has an invalid value"
      case .duplicate: "occurs twice"
      case .callCycle: "calls itself"
      case .aliasedOperands: "is both read and written"
      case .readBeforeWritten: "is read before it is written"
      case .writtenTwice: "is written by two operators"
      case .constantWritten: "is a constant that is written"
      case .shapeOverflow: "is too large"
      case .sizeMismatch: "has the wrong number of bytes"
      case .quantization: "has invalid quantization"
      case .sparsity: "is inconsistent"
      case .optionsMismatch: "does not belong to this operator"
      case .externalData: "lies in another file"
      case .stringData: "is inconsistent"
      case .notBuilt: "is not in this library"
      }
    }

    /// What the reader of the message can do about it.
    var advice: StaticString {
      switch kind {
      case .unreadable: "check the path and its permissions"
      case .outOfMemory: "free memory or use a smaller model"
      case .tooShort, .outOfBounds, .malformedTable, .sizeMismatch:
        "the file is truncated or damaged; fetch or convert it again"
      case .notAModel: "pass a .tflite file"
      case .versionUnsupported: "convert the model to schema version 3"
      case .limitExceeded: "raise the limit if the model is trusted"
      case .externalData: "convert the model into a single file"
      case .notBuilt: Selection.remedy
      case .quantization, .sparsity, .shapeOverflow: "convert the model again"
      default: "the file was written wrongly; convert the model again"
      }
    }
  }
}
