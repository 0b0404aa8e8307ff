/// What a library has beside its operators. All of it, unless it was built for certain models: then what none of them needs
/// is false here.
///
/// Literals, so that the compiler drops what they rule out. `Targets/list-operators` prints the names of those that models
/// need, as `ListOperators` finds out; `Targets/select-operators` makes the others false.
package enum Selection {
  /// Layers with weights on float32, and on float32 with weights of 8 bits and less.
  package static var hasFloatLayers: Bool { true }
  package static var hasHybridLayers: Bool { true }
  /// Layers with weights on int16.
  package static var hasInt16Layers: Bool { true }
  /// Operators that read or write float32, uint8 and int16.
  package static var hasFloatTensors: Bool { true }
  package static var hasUInt8Tensors: Bool { true }
  package static var hasInt16Tensors: Bool { true }
  /// Shapes and values that decide about plans and are known only while running; strings; operators that call subgraphs.
  package static var hasRunTimeShapes: Bool { true }
  /// Nodes that are computed while preparing, since all their inputs are constants or only the shape of one matters.
  package static var hasConstantNodes: Bool { true }
  package static var hasSignatures: Bool { true }
  /// More subgraphs than one.
  package static var hasSubgraphs: Bool { true }
  package static var hasSparseTensors: Bool { true }
  /// Quantization parameters of blocks.
  package static var hasBlockwise: Bool { true }
  package static var hasStrings: Bool { true }
  /// Weights that stand packed in the file.
  package static var hasStoredWeights: Bool { true }
  /// PAD, and QUANTIZE, which layers beside them can take over.
  package static var hasPadding: Bool { true }
  package static var hasQuantize: Bool { true }
  /// RELU and its kin, likewise.
  package static var hasActivations: Bool { true }
  /// Tables in place of several operators that compute each element alone.
  package static var hasTables: Bool { true }
  /// Chains of layers that run some rows at a time, for models whose arena they make smaller.
  package static var hasRowChains: Bool { true }

  /// Convolutions of float32 on bfloat16.
  package static var hasBfloat16: Bool { true }

  /// Whether operators have kernels for `type`.
  package static func isBuilt(_ type: ElementType) -> Bool {
    switch type {
    case .float32: hasFloatTensors
    case .uint8: hasUInt8Tensors
    case .int16: hasInt16Tensors
    default: true
    }
  }

  /// More threads than the caller's: there are none on bare metal.
  package static var hasThreads: Bool { true }

  /// What an error says whose reason is in here.
  package static var remedy: StaticString { "the library was built without it: build it with this model in MODELS" }
  package static var remedyOfParts: StaticString { "the library was built without them: name them in PARTS" }
}
