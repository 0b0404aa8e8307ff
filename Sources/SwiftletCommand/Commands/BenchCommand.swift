import ArgumentParser
import CPlatform
import ModelFormat
import Swiftlet

/// `swiftlet bench`: how long loading and running a model take.
struct BenchCommand: ParsableCommand, JSONAnswering {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure how fast a model runs and how much memory it takes.",
    discussion: """
      load_ms is the time from opening the file to an interpreter that is ready, first_ms the first invocation. Inputs \
      are random (see 'run'), 32- and 64-bit integers zero, since they often are indices.

      Example:
        swiftlet bench mobilenet.tflite --threads 2 --seconds 5 --profile
      """)

  @Argument(help: "The model, a .tflite file.")
  var model: String

  @Option(help: "Measure for this many seconds.")
  var seconds = 2.0

  @Option(help: "Measure this many runs instead.")
  var runs: Int?

  @Option(help: "Runs before measuring, after the first.")
  var warmup = 3

  @Flag(help: "Add a table of the time and the rate of every operator.")
  var profile = false

  @Option(help: ArgumentHelp("Write a few invocations as Chrome trace JSON.", valueName: "file"))
  var trace: String?

  @Flag(help: "Answer in JSON.")
  var json = false

  @OptionGroup var runtime: RuntimeOptions

  func validate() throws {
    guard seconds > 0, seconds <= 1e6 else { throw ValidationError("--seconds is \(seconds), expected above 0") }
    guard (1...(1 << 24)).contains(runs ?? 1) else { throw ValidationError("--runs must be 1 to \(1 << 24)") }
    guard (0...(1 << 24)).contains(warmup) else { throw ValidationError("--warmup must be 0 to \(1 << 24)") }
  }

  func run() throws {
    let options = try runtime.prepareOptions()
    let start = swl_nanoseconds()
    let file = try ModelFile(path: model)
    let program = try file.prepare(options)
    let interpreter = try file.interpreter(program)
    let loaded = swl_nanoseconds()
    fillInputs(of: interpreter)
    let beforeFirst = swl_nanoseconds()
    try file.invoke(interpreter, deadline: runtime.deadline)
    let afterFirst = swl_nanoseconds()
    for _ in 0..<warmup { try file.invoke(interpreter, deadline: runtime.deadline) }
    let peakResidentBytes = Int(clamping: swl_peak_resident_bytes())  // before the samples of the measurement join
    let limit = runs.map { Measurement.Limit.runs($0) } ?? .nanoseconds(UInt64(seconds * 1e9))
    let measurement = try Measurement(of: interpreter, limit: limit)
    let report = BenchReport(
      model: model, program: program, loadMilliseconds: Double(loaded - start) / 1e6,
      firstMilliseconds: Double(afterFirst - beforeFirst) / 1e6, measurement: measurement,
      peakResidentBytes: peakResidentBytes,
      profile: profile ? try StepProfile(of: interpreter, runs: min(measurement.count, 1000)) : nil)
    if let trace {
      var events = Trace(origin: start)
      events.add("load", category: "prepare", from: start, to: loaded)
      events.add("first invoke", category: "invoke", from: beforeFirst, to: afterFirst)
      try events.add(invocations: 5, of: interpreter)
      try FileSystem.write(events.json.text, to: trace)
    }
    print(json ? report.json.text : report.text)
  }

  private func fillInputs(of interpreter: Interpreter) {
    var generator = RandomInput(seed: 0)
    for (index, tensor) in interpreter.program.inputs.enumerated() where tensor.type.bitWidth > 0 {
      let isIndex = [.int32, .int64, .uint32, .uint64].contains(tensor.type)
      let random = isIndex ? nil : generator.bytes(of: tensor.type, count: tensor.shape.elementCount)
      interpreter.setInputBytes(index, to: (random ?? [UInt8](repeating: 0, count: tensor.byteCount))[...])
    }
  }
}
