import ModelFormat
import Swiftlet

/// Whether a model runs, and everything that keeps it from running.
struct ModelVerdict {
  let path: String
  /// Empty when the model runs.
  let problems: [CommandFailure]
  /// For each device that was asked for; empty for files that cannot be read.
  let devices: [DeviceVerdict]
  private let summary: Summary?

  private struct Summary {
    let operators: Int
    let signatures: Int
    let arenaBytes: Int
    let packedBytes: Int
  }

  /// - Parameters:
  ///   - options: with a signature, only that one is prepared; else the first subgraph and each signature.
  ///   - devices: those that the model shall fit.
  init(path: String, options: PrepareOptions, devices: [Device] = []) {
    self.path = path
    do throws(CommandFailure) {
      let file = try ModelFile(path: path)
      (problems, summary) = try ModelVerdict.judge(file, options)
      self.devices = devices.map { DeviceVerdict($0, file) }
    } catch {
      (problems, summary, self.devices) = ([error], nil, [])
    }
  }

  private static func judge(
    _ file: ModelFile, _ options: PrepareOptions
  ) throws(CommandFailure) -> ([CommandFailure], Summary?) {
    let problems = problems(of: file, options)
    return (problems, problems.isEmpty ? summary(of: try file.prepare(options)) : nil)
  }

  private static func problems(of file: ModelFile, _ options: PrepareOptions) -> [CommandFailure] {
    var entries = [options.signature]
    if options.signature == nil {
      var known: Set<Int> = [0]
      entries += file.model.signatures.filter { known.insert($0.subgraph).inserted }.map(\.key)
    }
    var messages: Set<String> = []
    return entries.flatMap { signature in
      var options = options
      options.signature = signature
      return file.model.problems(options).map { CommandFailure($0, file: file.path) }
    }.filter { messages.insert($0.message).inserted }
  }

  private static func summary(of program: Program) -> Summary {
    Summary(
      operators: program.entrySubgraph.operators.count, signatures: program.model.signatures.count,
      arenaBytes: program.arenaBytes, packedBytes: program.packedBytes)
  }

  var exitCode: Int32 {
    let misfit = devices.contains { !$0.fits } ? CommandFailure.Kind.unavailable.rawValue : 0
    return max(misfit, problems.map(\.kind.rawValue).max() ?? 0)
  }

  /// One line for a model that runs; else a line for each problem. Then what there is to say of each device.
  var text: String {
    let lines: [String]
    if let summary {
      lines = [
        "\(path): runs: \(summary.operators) operators, \(ByteCount.text(summary.arenaBytes)) of activations, "
          + "\(ByteCount.text(summary.packedBytes)) of packed weights"
      ]
    } else {
      lines = ["\(path): would not run:"] + problems.map { "  \($0.message)" }
    }
    return (lines + devices.map(\.text)).joined(separator: "\n")
  }

  var json: JSON {
    var object: JSON = [
      "model": .string(path), "runs": .bool(problems.isEmpty), "exit_code": .integer(Int(exitCode)),
      "problems": .array(
        problems.map { ["code": .integer(Int($0.kind.rawValue)), "message": .string($0.message)] }),
    ]
    if let summary {
      object.append("operators", .integer(summary.operators))
      object.append("signatures", .integer(summary.signatures))
      object.append("arena_bytes", .integer(summary.arenaBytes))
      object.append("packed_bytes", .integer(summary.packedBytes))
    }
    if !devices.isEmpty { object.append("targets", .array(devices.map(\.json))) }
    return object
  }
}
