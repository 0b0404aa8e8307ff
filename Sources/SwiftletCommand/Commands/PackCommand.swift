import ArgumentParser
import ModelFormat
import Swiftlet

/// `swiftlet pack`: stores weights in a model file as the kernels read them.
struct PackCommand: ParsableCommand, JSONAnswering {
  static let configuration = CommandConfiguration(
    commandName: "pack",
    abstract: "Store a model's weights as the kernels of an instruction set read them, so that loading only maps them.",
    discussion: """
      The packed weights join the file's metadata; the model itself stays as it is, and every other runtime loads it. They \
      are used by programs with the same instruction set and ignored by all others, and where the model has changed since. \
      Packed weights that are damaged are refused. Packing a packed file replaces what it holds.

      The file is written beside its name and renamed when it is whole. Exits with 65 when the model is damaged, 66 when it \
      cannot be read, 69 when it has no weights that could be packed, 74 when the output cannot be written.

      Example:
        swiftlet pack mobilenet.tflite -o mobilenet.packed.tflite
        swiftlet pack mobilenet.tflite -o mobilenet.tflite --isa avx2 --isa avx512vnni
      """)

  @Argument(help: "The model, a .tflite file.")
  var model: String

  @Option(name: .shortAndLong, help: "Where to write the packed file; may be the model itself.")
  var output: String

  @Option(
    name: .customLong("isa"),
    help: ArgumentHelp(
      "An instruction set that this machine has: scalar, sse41, avx2, avxvnni, avx512vnni, amx, neon, dotprod or i8mm.",
      discussion: "May be repeated. Without it, the fastest that this machine has.", valueName: "name"),
    transform: parse)
  var instructionSets: [ISA] = []

  @Flag(help: "Answer in JSON.")
  var json = false

  func run() throws {
    var chosen: [ISA] = []
    for isa in instructionSets.isEmpty ? [.fastest] : instructionSets where !chosen.contains(isa) { chosen.append(isa) }
    var progress = Progress()
    let file = try ModelFile(path: model)
    let packed = try PackedModel(file, for: chosen) { progress.update("packing \(model) for \($0.name)") }
    progress.update("writing \(output)")
    try FileSystem.replace(output, with: packed.bytes)
    progress.finish()
    print(json ? report(packed).text : text(packed))
  }

  /// The instruction set of this name, which the machine must have: packing may compute constants with its kernels.
  private static func parse(_ name: String) throws -> ISA {
    guard let isa = ISA(name: name), isa.name == name else {
      let known = ISA.runnable.map(\.name).joined(separator: ", ")
      throw ValidationError("--isa is '\(name)'; this machine has \(known)")
    }
    return isa
  }

  private func text(_ packed: PackedModel) -> String {
    let lines = packed.blocks.map { block in
      "  \(block.isa.name): \(block.layers) layers, \(ByteCount.text(block.byteCount))"
    }
    let sizes = "\(ByteCount.text(packed.originalByteCount)) -> \(ByteCount.text(packed.bytes.count))"
    return (["\(output): \(sizes)"] + lines).joined(separator: "\n")
  }

  private func report(_ packed: PackedModel) -> JSON {
    [
      "output": .string(output), "original_bytes": .integer(packed.originalByteCount),
      "bytes": .integer(packed.bytes.count),
      "packed": .array(
        packed.blocks.map { block in
          [
            "isa": .string(block.isa.name), "layers": .integer(block.layers), "bytes": .integer(block.byteCount),
          ]
        }),
    ]
  }
}
