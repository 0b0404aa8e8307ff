import CPlatform
import Converter

/// What a conversion did, for people and for programs.
struct ConversionReport {
  let text: String
  let json: JSON

  init(
    _ conversion: Conversion, output: String, seconds: Double, isVerbose: Bool, judgement: Judgement? = nil,
    devices: [DeviceVerdict] = []
  ) {
    let graph = conversion.graph
    var lines = [
      "\(output): \(ByteCount.text(conversion.file.count)), \(graph.nodeCount) operators, from \(conversion.format.rawValue) "
        + "in \(Format.fixed(seconds, places: 2)) s"
    ]
    lines += zip(graph.inputs, graph.inputLayouts).map { Self.line("input", graph[$0], $1) }
    lines += zip(graph.outputs, graph.outputLayouts).map { Self.line("output", graph[$0], $1) }
    if !conversion.kept.isEmpty {
      lines.append("  \(conversion.kept.count) layers stay float32:")
      lines += conversion.kept.map { "    \($0.source): \($0.reason)" }
    }
    if let splitting = conversion.splitting { lines += Self.lines(splitting, isVerbose: isVerbose) }
    if isVerbose {
      if !conversion.roundedToNearest.isEmpty {
        lines.append(
          "  \(conversion.roundedToNearest.count) layers have the nearest weights, calibration cannot better them:")
        lines += conversion.roundedToNearest.map { "    \($0)" }
      }
      lines += conversion.firings.map { "  \(Format.padded(String($0.count), to: 5)) x \($0.rule)" }
      lines += graph.operatorCounts.map { "  \(Format.padded(String($0.count), to: 5)) \($0.name)" }
    }
    lines += judgement?.lines ?? []
    lines += devices.map(\.text)
    text = lines.joined(separator: "\n")
    var object: JSON = [
      "output": .string(output), "bytes": .integer(conversion.file.count), "operators": .integer(graph.nodeCount),
      "format": .string(conversion.format.rawValue), "seconds": .rounded(seconds, places: 4),
      "peak_resident_bytes": .integer(Int(clamping: swl_peak_resident_bytes())),
      "inputs": .array(zip(graph.inputs, graph.inputLayouts).map { Self.object(graph[$0], $1) }),
      "outputs": .array(zip(graph.outputs, graph.outputLayouts).map { Self.object(graph[$0], $1) }),
      "kept_in_float": .array(
        conversion.kept.map { kept in
          [
            "layer": .string(kept.source), "operator": .string(kept.operatorName), "reason": .string(kept.reason),
          ]
        }),
      "rounded_to_nearest": .array(conversion.roundedToNearest.map { .string($0) }),
      "activations": conversion.splitting.map(Self.object) ?? .null,
      "rules": .object(conversion.firings.map { JSON.Member(key: $0.rule, value: .integer($0.count)) }),
      "operator_counts": .object(graph.operatorCounts.map { JSON.Member(key: $0.name, value: .integer($0.count)) }),
    ]
    if let judgement = judgement?.json { object.append("judgement", judgement) }
    if !devices.isEmpty { object.append("targets", .array(devices.map(\.json))) }
    json = object
  }

  private static func lines(_ splitting: RowSplitting, isVerbose: Bool) -> [String] {
    let total =
      "  activations: \(ByteCount.text(splitting.bytes)), \(ByteCount.text(splitting.bytesBefore)) before "
      + "\(splitting.splits.count) chains of layers were split"
    guard isVerbose else { return [total] }
    return [total]
      + splitting.splits.map {
        "    \($0.parts) parts: \($0.first) to \($0.last), \(ByteCount.text($0.bytes)) after it"
      }
  }

  private static func object(_ splitting: RowSplitting) -> JSON {
    [
      "bytes": .integer(splitting.bytes), "bytes_before": .integer(splitting.bytesBefore),
      "splits": .array(
        splitting.splits.map {
          [
            "first": .string($0.first), "last": .string($0.last), "parts": .integer($0.parts),
            "bytes": .integer($0.bytes),
          ]
        }),
    ]
  }

  private static func line(_ role: String, _ value: Value, _ layout: BoundaryLayout) -> String {
    let shape = text(value.shape)
    let source = layout.sourceShape == value.shape ? "" : ", \(text(layout.sourceShape)) in the source model"
    return "  \(role) \(layout.sourceName): \(value.typeName) \(shape)\(source)"
  }

  private static func text(_ shape: [Int]) -> String {
    shape.isEmpty ? "scalar" : shape.map { String($0) }.joined(separator: "x")
  }

  private static func object(_ value: Value, _ layout: BoundaryLayout) -> JSON {
    let integers = { (numbers: [Int]) in JSON.array(numbers.map { .integer($0) }) }
    return [
      "name": .string(layout.sourceName), "type": .string(value.typeName), "shape": integers(value.shape),
      "source_shape": integers(layout.sourceShape), "permutation": integers(layout.permutation),
    ]
  }
}
