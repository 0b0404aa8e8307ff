import Converter
import ModelFormat
import Swiftlet

/// Whether a model would run on a device, and what memory it would take.
struct DeviceVerdict {
  let device: Device
  /// What stands in the way; empty when the model would run.
  let problems: [String]
  private let memory: Memory?
  private let prediction: EdgeTPUPrediction?

  private struct Memory {
    let activations: Int
    let packed: Int
    let variables: Int
    let tables: Int
    let model: Int
    let ram: Int
    let flash: Int
  }

  /// - Parameter file: its subgraph without a signature is judged, with the device's kernels, or the portable ones where this
  ///   machine lacks those: they pack weights as the others do to within a few percent, and need less scratch memory.
  init(_ device: Device, _ file: ModelFile) {
    self.device = device
    if let operators = device.operators {
      memory = nil
      (prediction, problems) = Self.predict(device, Set(operators), file)
      return
    }
    prediction = nil
    var options = PrepareOptions()
    options.isa = device.kernels
    let refused = file.model.problems(options).map(\.message)
    guard refused.isEmpty, let program = try? Program(model: file.model, options: options) else {
      (memory, problems) = (nil, refused)
      return
    }
    let memory = Self.memory(device, program, file.model)
    self.memory = memory
    problems = Self.shortages(device, memory)
  }

  /// Bytes that the reader and the plan keep of a tensor and of each of its scales: measured on a bare Cortex-M7 with the
  /// MLPerf Tiny models, which it meets to within 5 %.
  private static let bytesPerTensor = 850
  private static let bytesPerScale = 20

  private static func memory(_ device: Device, _ program: Program, _ model: Model) -> Memory {
    let tensors = model.subgraphs.flatMap(\.tensors)
    let scales = tensors.reduce(0) { $0 + ($1.quantization?.scales.count ?? 0) }
    let tables = tensors.count * bytesPerTensor + scales * bytesPerScale
    let working = program.arenaBytes + program.packedBytes + program.variableBytes + tables
    return Memory(
      activations: program.arenaBytes, packed: program.packedBytes, variables: program.variableBytes, tables: tables,
      model: model.bytes.count, ram: working + (device.flashBytes == nil ? model.bytes.count : 0),
      flash: model.bytes.count + device.programBytes)
  }

  private static func shortages(_ device: Device, _ memory: Memory) -> [String] {
    var problems: [String] = []
    let free = device.ramBytes - device.reservedRamBytes
    if memory.ram > free {
      problems.append(
        "needs \(ByteCount.text(memory.ram)) of RAM and has \(ByteCount.text(free)) to spare; "
          + "quantize the model or make its input smaller")
    }
    if let flash = device.flashBytes, memory.flash > flash {
      problems.append(
        "needs \(ByteCount.text(memory.flash)) of flash with the program and has \(ByteCount.text(flash)); quantize the model"
      )
    }
    return problems
  }

  private static func predict(
    _ device: Device, _ operators: Set<String>, _ file: ModelFile
  ) -> (EdgeTPUPrediction?, [String]) {
    do {
      let prediction = EdgeTPUPrediction(try TFLiteImporter.graph(of: file.model.bytes), operators: operators)
      guard prediction.mappedCount == 0 else { return (prediction, []) }
      return (prediction, ["prediction: no operator would map to the \(device.title)"])
    } catch {
      let reason = (error as? ConversionError)?.message ?? "\(error)"
      return (nil, ["prediction: nothing would map to the \(device.title): \(reason)"])
    }
  }

  var fits: Bool { problems.isEmpty }

  /// One line, then one for each problem or each kind of operator that would not map.
  var text: String {
    var lines: [String] = []
    if let memory {
      lines.append(
        "\(device.name) (\(device.title)): \(fits ? "fits" : "does not fit"): \(ByteCount.text(memory.ram)) of RAM "
          + "(activations \(ByteCount.text(memory.activations)), packed weights \(ByteCount.text(memory.packed)), "
          + "tables about \(ByteCount.text(memory.tables)))"
          + (device.flashBytes == nil ? "" : ", \(ByteCount.text(memory.flash)) of flash with the program"))
    } else if let prediction {
      lines.append(predictionLine(prediction))
      lines += Self.obstacles(prediction).map { "  \(Format.padded("\($0.count)", to: 4)) x \($0.text)" }
    } else {
      lines.append("\(device.name) (\(device.title)): would not run:")
    }
    return (lines + problems.map { "  \($0)" }).joined(separator: "\n")
  }

  private func predictionLine(_ prediction: EdgeTPUPrediction) -> String {
    let parameters = prediction.parameterBytes
    let room = parameters <= device.ramBytes ? "fit into" : "exceed"
    return "\(device.name) (\(device.title)), a prediction: \(prediction.mappedCount) of \(prediction.entries.count) "
      + "operators would map; their \(ByteCount.text(parameters)) of parameters \(room) the "
      + "\(ByteCount.text(device.ramBytes)) on the chip"
  }

  /// What keeps operators from mapping, by operator and reason, the most frequent first.
  private static func obstacles(_ prediction: EdgeTPUPrediction) -> [(text: String, count: Int)] {
    var order: [String] = []
    var layers: [String: [String]] = [:]
    for entry in prediction.entries {
      guard let obstacle = entry.obstacle else { continue }
      let key = "\(entry.operation): \(obstacle)"
      if layers[key] == nil { order.append(key) }
      layers[key, default: []].append(entry.layer)
    }
    return order.map { key in
      let names = layers[key] ?? []
      let name = "\(names.count > 1 ? "first" : "in") '\(Format.shortened(names.first ?? "", to: 40))'"
      return (text: "\(key) (\(name))", count: names.count)
    }.sorted { $0.count > $1.count }
  }

  var json: JSON {
    var object: JSON = [
      "target": .string(device.name), "title": .string(device.title), "fits": .bool(fits),
      "problems": .array(problems.map { .string($0) }), "isa": .string(device.isa), "cores": .integer(device.cores),
      "device_ram_bytes": .integer(device.ramBytes),
      "device_flash_bytes": device.flashBytes.map { .integer($0) } ?? .null,
    ]
    if let memory {
      object.append("ram_bytes", .integer(memory.ram))
      object.append("flash_bytes", .integer(memory.flash))
      object.append("arena_bytes", .integer(memory.activations))
      object.append("packed_bytes", .integer(memory.packed))
      object.append("variable_bytes", .integer(memory.variables))
      object.append("table_bytes", .integer(memory.tables))
    }
    if let prediction {
      object.append("is_prediction", .bool(true))
      object.append("mapped", .integer(prediction.mappedCount))
      object.append("parameter_bytes", .integer(prediction.parameterBytes))
      object.append(
        "operators",
        .array(
          prediction.entries.map { entry in
            [
              "layer": .string(entry.layer), "operator": .string(entry.operation),
              "maps": .bool(entry.obstacle == nil), "reason": entry.obstacle.map { .string($0) } ?? .null,
            ]
          }))
    }
    return object
  }
}
