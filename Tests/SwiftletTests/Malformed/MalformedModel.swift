import ModelFormat
import TestSupport
import Testing

@testable import Swiftlet

/// A file that is wrong in one place, and what has to be said about it.
struct MalformedModel: Sendable, CustomTestStringConvertible {
  /// What the fault is known as: a CVE, an issue of TensorFlow ("tf-") or TensorFlow Lite Micro ("tflm-"), or a class.
  let id: String
  /// Before the change; must run.
  let valid: @Sendable () -> ModelBuilder
  let bytes: @Sendable () -> [UInt8]
  let outcome: Outcome

  enum Outcome: Sendable {
    /// Refused while loading.
    case format(FormatError.Code, FormatError.Subject, _ field: String)
    /// Refused while preparing; node -1 when no single operator is at fault.
    case prepare(PrepareError.Code, PrepareError.OperandReference, _ field: String, node: Int = 0)
    /// The runtime has no such operator.
    case operatorUnsupported
    /// Has a defined result.
    case runs
  }

  init(
    _ id: String, _ outcome: Outcome, _ valid: @escaping @Sendable () -> ModelBuilder,
    _ change: @escaping @Sendable (inout ModelBuilder) -> Void
  ) {
    self.id = id
    self.valid = valid
    bytes = {
      var model = valid()
      change(&model)
      return model.build()
    }
    self.outcome = outcome
  }

  /// A change to the bytes of the file instead.
  init(
    _ id: String, _ outcome: Outcome, _ valid: @escaping @Sendable () -> ModelBuilder,
    bytes change: @escaping @Sendable (ModelBuilder) -> [UInt8]
  ) {
    self.id = id
    self.valid = valid
    bytes = { change(valid()) }
    self.outcome = outcome
  }

  var testDescription: String { id }
}

extension ModelBuilder {
  mutating func setOption(_ field: Int, _ value: FieldValue) {
    subgraphs[0].operators[0].options?.fields[field] = value
  }

  /// Gives tensor `index` other dimensions; a constant gets as many zeros as it now needs.
  mutating func setShape(_ index: Int, _ shape: [Int]) {
    subgraphs[0].tensors[index].shape = shape
    guard subgraphs[0].tensors[index].data != nil else { return }
    let count = subgraphs[0].tensors[index].type.byteCount(of: shape.reduce(1, *)) ?? 0
    subgraphs[0].tensors[index].data = Array(repeating: 0, count: count)
  }

  /// Gives the int32 constant `index` other values, as many as before or, in a vector, as many as there are.
  mutating func setValues(_ index: Int, _ values: [Int32]) {
    if subgraphs[0].tensors[index].shape.count == 1 { subgraphs[0].tensors[index].shape = [values.count] }
    subgraphs[0].tensors[index].data = values.flatMap { value in
      (0..<4).map { UInt8(truncatingIfNeeded: value >> Int32(8 * $0)) }
    }
  }

  mutating func setQuantization(_ index: Int, _ quantization: QuantizationSpec?) {
    subgraphs[0].tensors[index].quantization = quantization
  }

  /// Sets a scale as it stands, `nan` and all.
  mutating func setScale(_ index: Int, _ scale: Float) {
    override(.tensor(index, subgraph: 0), in: [4], field: 2, .floatVector([scale]))
  }

  /// The file with the shape of tensor `index` leading to `vector`, bytes that are appended `padding` bytes behind the end.
  func build(shapeOf index: Int, leadingTo vector: [UInt8], after padding: Int) -> [UInt8] {
    var copy = self
    let marker: UInt32 = 0x7E57_AB1E
    copy.override(.tensor(index, subgraph: 0), field: 0, .rawOffset(marker))
    var bytes = copy.build()
    let mark = (0..<4).map { UInt8(truncatingIfNeeded: marker >> UInt32(8 * $0)) }
    guard let place = (0..<bytes.count - 4).first(where: { Array(bytes[$0..<$0 + 4]) == mark }) else {
      preconditionFailure("the marker has been written")
    }
    bytes += Array(repeating: 0, count: padding)
    let distance = bytes.count - place
    for index in 0..<4 { bytes[place + index] = UInt8(truncatingIfNeeded: distance >> (8 * index)) }
    return bytes + vector
  }
}
