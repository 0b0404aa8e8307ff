internal import ModelFormat

/// A value of an option field.
package enum OptionValue: Hashable, Sendable {
  case bool(Bool)
  case int8(Int8)
  case int32(Int32)
  case int64(Int64)
  case float(Float)
  case string(String)
  case int32Vector([Int32])
  case int64Vector([Int64])
  case floatVector([Float])
  case bytes([UInt8])
}

/// An operator and its options, by field id of its option table. Two nodes with equal operations and equal inputs compute
/// the same.
package struct Operation: Hashable, Sendable {
  package var kind: OperatorKind
  /// The name of a custom operator.
  package var customName = ""
  package var customOptions: [UInt8] = []
  package var options: [Int: OptionValue] = [:]

  package init(_ kind: OperatorKind, _ options: [Int: OptionValue] = [:]) {
    self.kind = kind
    self.options = options
  }

  package var name: String {
    if kind == .erf { return "ERF" }
    return OperatorCode(builtin: kind.rawValue, customName: customName, version: 1).name
  }

  package func int(_ field: Int, default standard: Int = 0) -> Int {
    switch options[field] {
    case .int8(let value): Int(value)
    case .int32(let value): Int(value)
    case .int64(let value): Int(value)
    default: standard
    }
  }

  package func bool(_ field: Int, default standard: Bool = false) -> Bool {
    if case .bool(let value) = options[field] { value } else { standard }
  }

  package func float(_ field: Int) -> Float {
    if case .float(let value) = options[field] { value } else { 0 }
  }

  package func ints(_ field: Int) -> [Int] {
    if case .int32Vector(let values) = options[field] { values.map { Int($0) } } else { [] }
  }
}

/// The file format's fused activations, by number.
package enum Activation: Int8, Sendable {
  case none, relu, reluN1To1, relu6, tanh, signBit
}

package enum Padding: Int8, Sendable {
  case same, valid
}

/// Two numbers of a window, rows first.
package struct Extent: Hashable, Sendable {
  package var height: Int
  package var width: Int

  package init(_ height: Int, _ width: Int) { (self.height, self.width) = (height, width) }
}

extension Operation {
  /// The field of the fused activation, by operator; `nil` for operators without one.
  package var activationField: Int? {
    switch kind {
    case .conv2D, .depthwiseConv2D, .transposeConv: kind == .depthwiseConv2D ? 4 : 3
    case .averagePool2D, .maxPool2D: 5
    case .fullyConnected, .add, .sub, .mul, .div, .l2Normalization: 0
    case .concatenation: 1
    default: nil
    }
  }

  package var activation: Activation {
    get { activationField.flatMap { Activation(rawValue: Int8(int($0))) } ?? .none }
    set { if let field = activationField { options[field] = .int8(newValue.rawValue) } }
  }

  /// Of convolutions and pooling.
  package var padding: Padding {
    get { Padding(rawValue: Int8(int(0))) ?? .same }
    set { options[0] = .int8(newValue.rawValue) }
  }

  /// Of convolutions and pooling.
  package var strides: Extent { Extent(int(2), int(1)) }

  /// Of convolutions.
  package var dilations: Extent {
    switch kind {
    case .conv2D: Extent(int(5, default: 1), int(4, default: 1))
    case .depthwiseConv2D: Extent(int(6, default: 1), int(5, default: 1))
    default: Extent(1, 1)
    }
  }
}
