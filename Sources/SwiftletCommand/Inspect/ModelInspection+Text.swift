import ModelFormat
import Swiftlet

extension ModelInspection {
  var text: String {
    [summary, interface, operatorTable, tensorTable, memoryText].filter { !$0.isEmpty }.joined(separator: "\n\n")
  }

  private var summary: String {
    let model = file.model
    var lines = [
      "\(file.path): \(ByteCount.text(model.bytes.count)), \(operators.count) operators, \(tensors.count) tensors, "
        + "\(Format.fixed(Double(totalMultiplyAccumulates) / 1e6, places: 2)) million multiply-accumulates"
    ]
    if !model.description.isEmpty { lines.append("description: \(model.description)") }
    if model.subgraphs.count > 1 {
      let others = model.subgraphs.map { "'\($0.name)' (\($0.operators.count) operators)" }
      lines.append("subgraphs: \(others.joined(separator: ", "))")
    }
    if !model.metadata.isEmpty { lines.append("metadata: \(model.metadata.map(\.name).joined(separator: ", "))") }
    if let rule = try? file.preprocessing() { lines.append("preprocessing: \(rule)") }
    if !problems.isEmpty {
      lines.append("would not run:")
      lines += problems.map { "  \($0.message)" }
    }
    return lines.joined(separator: "\n")
  }

  private var interface: String {
    let inputs = subgraph.inputs.map { line("input", tensors[$0]) }
    let outputs = subgraph.outputs.map { line("output", tensors[$0]) }
    let signatures = file.model.signatures.map { signature in
      let names = { (tensors: [SignatureTensor]) in tensors.map(\.name).joined(separator: ", ") }
      return "signature '\(signature.key)': (\(names(signature.inputs))) -> (\(names(signature.outputs)))"
    }
    return (inputs + outputs + signatures).joined(separator: "\n")
  }

  private func line(_ role: String, _ tensor: InspectedTensor) -> String {
    let quantization = tensor.quantizationText
    return "\(role) '\(tensor.name)' \(tensor.typeText)\(quantization.isEmpty ? "" : ", \(quantization)")"
  }

  private var operatorTable: String {
    let rows = operators.map { operation -> [String] in
      let output = mainOutput(of: operation)
      let work = Double(operation.multiplyAccumulates)
      return [
        "\(operation.index)", operation.name, output?.typeText ?? "",
        work > 0 ? Format.fixed(work / 1e6, places: 3) : "",
        work > 0 ? "\(Format.fixed(share(operation) * 100, places: 1)) %" : "",
        operation.isStep == false
          ? "folded" : operation.problem != nil ? "would not run" : operation.isChained ? "in rows" : "",
        Format.shortened(output?.name ?? "", to: 50),
      ]
    }
    return Format.table(
      ["node", "operator", "output", "MMAC", "share", "", "name"], rows, numeric: [0, 3, 4])
  }

  private var tensorTable: String {
    let rows = tensors.map { tensor in
      [
        "\(tensor.index)", tensor.kind.rawValue, tensor.typeText, ByteCount.text(tensor.byteCount),
        tensor.quantizationText, Format.shortened(tensor.name, to: 50),
      ]
    }
    return Format.table(["tensor", "kind", "type", "memory", "quantization", "name"], rows, numeric: [0, 3])
  }

  /// The bytes that are in use at each step, with a bar.
  private var memoryText: String {
    guard let program else { return "" }
    let live = liveBytes
    let most = max(1, program.arenaBytes)
    let heading = """
      memory: arena \(ByteCount.text(program.arenaBytes)) (lower bound \(ByteCount.text(program.arenaLowerBoundBytes))), \
      variables \(ByteCount.text(program.variableBytes)), packed weights \(ByteCount.text(program.packedBytes))
      """
    let rows = program.stepChains.map { chain in
      let node = chain[chain.count - 1]
      return [
        Format.indices(chain), program.operatorNames(ofChain: chain), ByteCount.text(live[node]),
        String(repeating: "#", count: (live[node] * 50 + most / 2) / most),
      ]
    }
    return "\(heading)\n" + Format.table(["node", "operator", "in use", ""], rows, numeric: [0, 2])
  }

  /// By operator: the bytes of the blocks that are alive while it runs.
  var liveBytes: [Int] {
    var live = Array(repeating: 0, count: operators.count)
    for block in program?.prepared.plan.blocks ?? [] {
      for node in max(0, block.first)..<max(0, min(operators.count, block.last + 1)) where node >= block.first {
        live[node] += block.byteCount
      }
    }
    return live
  }
}
