import ArgumentParser

/// The command line: each subcommand is a thin layer over the libraries of this package.
struct RootCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "swiftlet",
    abstract: "Runs TensorFlow Lite models, and converts others to them.",
    discussion: """
      Exit codes: 0 done, 64 wrong usage, 65 bad model or data, 66 an input file is missing or unreadable, 69 the model \
      needs something that the runtime does not have (an operator, memory, time), 70 an internal error, 73 an output \
      file cannot be created, 74 one could not be written to its end.
      """,
    subcommands: [
      RunCommand.self, BenchCommand.self, DetectCommand.self, InspectCommand.self, CheckCommand.self,
      ConvertCommand.self, PackCommand.self, EvalCommand.self, CompareCommand.self,
      OperatorsCommand.self,
    ])
}

/// A command that can answer in JSON; its errors are then JSON on standard output as well.
protocol JSONAnswering {
  var json: Bool { get }
}
