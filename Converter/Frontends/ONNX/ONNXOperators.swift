internal import ONNXFormat

/// Translates one ONNX node and returns its outputs.
typealias ONNXLowering = @Sendable (ONNXNode) throws -> [ValueID]

extension ONNXOperators {
  static func lowering(of node: Onnx_NodeProto) -> ONNXLowering? {
    switch node.domain {
    case "", "ai.onnx": table[node.opType]
    case "com.microsoft": contributed[node.opType]
    default: nil
    }
  }

  /// Layers that hold graphs or work on sequences of tensors: the importer takes them apart.
  static func isStructure(_ node: Onnx_NodeProto) -> Bool {
    ["", "ai.onnx"].contains(node.domain) && (graphs.contains(node.opType) || sequences.contains(node.opType))
  }

  static let graphs: Set = ["If", "Loop", "Scan"]
  static let sequences: Set = [
    "ConcatFromSequence", "SequenceAt", "SequenceConstruct", "SequenceEmpty", "SequenceErase", "SequenceInsert",
    "SequenceLength", "SequenceMap", "SplitToSequence",
  ]

  /// One error for all operators without a translation: each with its layers and what to do.
  static func refusal(of nodes: [Onnx_NodeProto]) -> ConversionError {
    var names: [String] = []
    var layers: [String: [String]] = [:]
    for node in nodes {
      let name = node.domain.isEmpty || node.domain == "ai.onnx" ? node.opType : "\(node.domain).\(node.opType)"
      if layers[name] == nil { names.append(name) }
      layers[name, default: []].append(node.name.isEmpty ? node.output.first ?? "" : node.name)
    }
    let parts = names.sorted().map { name in
      let places = layers[name] ?? []
      let more = places.count > 3 ? " and \(places.count - 3) more" : ""
      return "\(name) in \(places.prefix(3).map { "'\($0)'" }.joined(separator: ", "))\(more) (\(workaround(name)))"
    }
    return ConversionError(.unavailable, "operators without a translation: \(parts.joined(separator: "; "))")
  }

  /// The nearest form that can be converted.
  static func workaround(_ name: String) -> String {
    switch name {
    case "Unique": "its output size depends on data: mask with Where instead"
    case "NonMaxSuppression": "cut the model before it and use `swiftlet detect`, which suppresses boxes itself"
    case "RoiAlign", "DeformConv": "no operator of the file format samples at computed places"
    case "RandomNormal", "RandomUniform", "RandomNormalLike", "RandomUniformLike", "Multinomial", "Bernoulli":
      "pass random numbers as an input"
    case "StringNormalizer", "TfIdfVectorizer", "LabelEncoder", "StringConcat", "StringSplit", "RegexFullMatch":
      "do the text work before the model"
    case "Det", "MelWeightMatrix": "compute it before the model"
    case _ where name.hasPrefix("ai.onnx.ml."): "only neural networks are converted, not classical machine learning"
    default:
      name.contains(".") ? "export with standard operators only" : "replace it by simpler operators when exporting"
    }
  }
}
