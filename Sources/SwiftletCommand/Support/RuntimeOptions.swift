import ArgumentParser
import CPlatform
import Swiftlet

/// The options of every command that prepares a model.
struct RuntimeOptions: ParsableArguments {
  @Option(help: "Threads that an invocation may use.")
  var threads = 1

  @Option(
    help: ArgumentHelp(
      "The fastest instruction set to use: scalar, sse41, avx2, avxvnni, avx512vnni, amx, neon, dotprod or i8mm.",
      discussion: "Without it the environment variable SWIFTLET_ISA decides, then the machine. Results are the same."))
  var isa: String?

  @Option(help: "The signature to run; the first subgraph without it.")
  var signature: String?

  @Option(
    help: "The most memory that weights, activations and variables may take, in bytes or with K, M or G: 64M.",
    transform: ByteCount.parse)
  var memoryLimit: Int?

  @Option(
    help: ArgumentHelp(
      "Seconds after which an invocation is given up.",
      discussion: "Without it, 60 for models with loops or with shapes known only while running, no limit for others."))
  var timeout: Double?

  @Option(
    help: ArgumentHelp(
      "The most operators that an invocation may run in a model with loops or branches, each time counted.",
      valueName: "count"))
  var maxSteps: Int?

  @Option(help: ArgumentHelp("How deeply subgraphs may call each other.", valueName: "count"))
  var maxDepth: Int?

  @Flag(
    inversion: .prefixedNo,
    help: "Run some rows of several layers at a time where that takes much less memory. Results are the same.")
  var rowChains = true

  @Flag(
    help: ArgumentHelp(
      "Round the operands of float32 convolutions to bfloat16: faster on AMX, several times slower elsewhere.",
      discussion: "Results differ from those of float32, by less than 1 % mostly, and are the same on every machine."))
  var bfloat16 = false

  func validate() throws {
    guard maxSteps ?? 1 >= 1 else { throw ValidationError("--max-steps is \(maxSteps ?? 0), expected at least 1") }
    guard maxDepth ?? 1 >= 1 else { throw ValidationError("--max-depth is \(maxDepth ?? 0), expected at least 1") }
    guard (1...256).contains(threads) else { throw ValidationError("--threads is \(threads), expected 1 to 256") }
    if let timeout {
      guard timeout > 0, timeout <= 1e9 else {
        throw ValidationError("--timeout is \(timeout), expected a positive number")
      }
    }
    _ = try chosenISA()
  }

  /// What the options mean for preparing.
  func prepareOptions() throws -> PrepareOptions {
    var options = PrepareOptions(threads: threads)
    options.isa = try chosenISA()
    options.signature = signature
    options.chainsRows = rowChains
    options.layerPrecision = bfloat16 ? .bfloat16 : .float32
    if let maxSteps { options.limits.steps = maxSteps }
    if let maxDepth { options.limits.callDepth = maxDepth }
    options.limits.nanoseconds = deadline
    options.limits.loopNanoseconds = Self.loopDeadline
    if let memoryLimit { options.memoryBudget = memoryLimit }
    return options
  }

  /// What a loop may take that might never end.
  private static let loopDeadline: UInt64 = 60_000_000_000

  /// Nanoseconds that an invocation may take.
  var deadline: UInt64? { timeout.map { UInt64($0 * 1e9) } }

  private func chosenISA() throws -> ISA { try Self.chosenISA(isa) }

  /// What is called `name`, what the environment says without it, or the fastest.
  static func chosenISA(_ name: String? = nil) throws -> ISA {
    let environment = unsafe swl_environment("SWIFTLET_ISA").map { unsafe String(cString: $0) }
    guard let wanted = name ?? environment, !wanted.isEmpty else { return .fastest }
    guard let chosen = ISA(name: wanted) else {
      let source = name == nil ? "SWIFTLET_ISA" : "--isa"
      throw ValidationError(
        "\(source) is '\(wanted)', expected scalar, sse41, avx2, avxvnni, avx512vnni, amx, neon, dotprod or i8mm")
    }
    return chosen
  }
}
