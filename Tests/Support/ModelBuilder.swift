public import ModelFormat

/// Describes a `.tflite` model and writes it, right or deliberately wrong.
///
/// ```swift
/// var model = ModelBuilder()
/// let input = model.tensor("input", .float32, [1, 2])
/// let output = model.tensor("output", .float32, [1, 2])
/// model.operation(19, inputs: [input], outputs: [output])  // RELU
/// model.setInputs([input], outputs: [output])
/// let bytes = model.build()
/// ```
public struct ModelBuilder: Sendable {
  /// The first is the main one.
  public var subgraphs: [SubgraphSpec]
  public var signatures: [SignatureSpec] = []
  public var metadata: [MetadataSpec] = []
  public var description = "made by a test"
  public var version: UInt32 = 3
  /// Changes to single fields that `build` makes after everything else.
  var overrides: [Override] = []

  /// A model with an empty main subgraph.
  public init() { subgraphs = [SubgraphSpec(name: "main")] }

  /// Adds a computed tensor, or an input, to the main subgraph; returns its index.
  @discardableResult
  public mutating func tensor(
    _ name: String, _ type: ElementType, _ shape: [Int], signature: [Int] = [], quantization: QuantizationSpec? = nil,
    isVariable: Bool = false
  ) -> Int {
    subgraphs[0].tensor(
      name, type, shape, signature: signature, quantization: quantization, isVariable: isVariable)
  }

  /// Adds a constant to the main subgraph; returns its index.
  @discardableResult
  public mutating func constant<Element: BitwiseCopyable>(
    _ name: String, _ type: ElementType, _ shape: [Int], _ values: [Element], quantization: QuantizationSpec? = nil
  ) -> Int {
    subgraphs[0].constant(name, type, shape, values, quantization: quantization)
  }

  /// Adds an operator to the main subgraph; returns its index.
  @discardableResult
  public mutating func operation(
    _ builtin: Int, custom: String = "", version: Int = 1, inputs: [Int], outputs: [Int], options: OptionsSpec? = nil,
    options2: OptionsSpec? = nil, customOptions: [UInt8] = []
  ) -> Int {
    subgraphs[0].operation(
      builtin, custom: custom, version: version, inputs: inputs, outputs: outputs, options: options,
      options2: options2, customOptions: customOptions)
  }

  public mutating func setInputs(_ inputs: [Int], outputs: [Int]) {
    subgraphs[0].inputs = inputs
    subgraphs[0].outputs = outputs
  }
}

public struct SubgraphSpec: Sendable {
  public var name: String
  public var tensors: [TensorSpec] = []
  public var inputs: [Int] = []
  public var outputs: [Int] = []
  public var operators: [OperatorSpec] = []

  public init(name: String) { self.name = name }

  /// Adds a computed tensor or an input; returns its index.
  @discardableResult
  public mutating func tensor(
    _ name: String, _ type: ElementType, _ shape: [Int], signature: [Int] = [], quantization: QuantizationSpec? = nil,
    isVariable: Bool = false
  ) -> Int {
    tensors.append(
      TensorSpec(
        name: name, type: type, shape: shape, signature: signature, quantization: quantization,
        isVariable: isVariable))
    return tensors.count - 1
  }

  /// Adds a constant whose bytes are those of `values` in memory; returns its index.
  @discardableResult
  public mutating func constant<Element: BitwiseCopyable>(
    _ name: String, _ type: ElementType, _ shape: [Int], _ values: [Element], quantization: QuantizationSpec? = nil
  ) -> Int {
    let data = unsafe values.withUnsafeBytes { unsafe Array($0) }
    tensors.append(TensorSpec(name: name, type: type, shape: shape, quantization: quantization, data: data))
    return tensors.count - 1
  }

  /// Adds an operator; returns its index.
  @discardableResult
  public mutating func operation(
    _ builtin: Int, custom: String = "", version: Int = 1, inputs: [Int], outputs: [Int], options: OptionsSpec? = nil,
    options2: OptionsSpec? = nil, customOptions: [UInt8] = []
  ) -> Int {
    operators.append(
      OperatorSpec(
        builtin: builtin, custom: custom, version: version, inputs: inputs, outputs: outputs, options: options,
        options2: options2, customOptions: customOptions))
    return operators.count - 1
  }
}

public struct TensorSpec: Sendable {
  public var name: String
  public var type: ElementType
  public var shape: [Int]
  public var signature: [Int] = []
  public var quantization: QuantizationSpec?
  public var isVariable = false
  /// The bytes of a constant.
  public var data: [UInt8]?
}

/// Parameters as they stand in the file; nothing is checked.
public struct QuantizationSpec: Sendable {
  public var scales: [Float]
  public var zeroPoints: [Int64]
  public var dimension: Int

  public init(scales: [Float], zeroPoints: [Int64], dimension: Int = 0) {
    self.scales = scales
    self.zeroPoints = zeroPoints
    self.dimension = dimension
  }

  public static func perTensor(_ scale: Float, _ zeroPoint: Int64) -> QuantizationSpec {
    QuantizationSpec(scales: [scale], zeroPoints: [zeroPoint], dimension: 0)
  }

  /// Zero points are 0.
  public static func perChannel(_ scales: [Float], dimension: Int) -> QuantizationSpec {
    QuantizationSpec(scales: scales, zeroPoints: scales.map { _ in 0 }, dimension: dimension)
  }
}

public struct OperatorSpec: Sendable {
  public var builtin: Int
  public var custom: String
  public var version: Int
  public var inputs: [Int]
  public var outputs: [Int]
  public var intermediates: [Int] = []
  public var options: OptionsSpec?
  public var options2: OptionsSpec?
  public var customOptions: [UInt8]
  public var mutatingVariableInputs: [Bool] = []
}

/// An option table: the union member's number and the fields by id.
public struct OptionsSpec: Sendable {
  public var type: UInt8
  public var fields: [Int: FieldValue]

  public init(_ type: UInt8, _ fields: [Int: FieldValue] = [:]) {
    self.type = type
    self.fields = fields
  }
}

public struct SignatureSpec: Sendable {
  public var key: String
  public var subgraph: Int
  public var inputs: [(name: String, tensor: Int)]
  public var outputs: [(name: String, tensor: Int)]

  public init(
    _ key: String, subgraph: Int = 0, inputs: [(name: String, tensor: Int)], outputs: [(name: String, tensor: Int)]
  ) {
    self.key = key
    self.subgraph = subgraph
    self.inputs = inputs
    self.outputs = outputs
  }
}

public struct MetadataSpec: Sendable {
  public var name: String
  public var data: [UInt8]

  public init(_ name: String, _ data: [UInt8]) {
    self.name = name
    self.data = data
  }
}
