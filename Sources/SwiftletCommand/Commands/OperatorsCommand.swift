import ArgumentParser
import ModelFormat
import Swiftlet

/// `swiftlet operators`: what the runtime can run, from its own table.
struct OperatorsCommand: ParsableCommand, JSONAnswering {
  static let configuration = CommandConfiguration(
    commandName: "operators",
    abstract: "List the operators that the runtime has.",
    discussion: """
      Example:
        swiftlet operators --json
      """)

  @Flag(help: "Answer in JSON.")
  var json = false

  func run() throws {
    let operators = OperatorTable.all
    if json {
      let answer = operators.map { operation -> JSON in
        [
          "code": .integer(operation.code), "name": .string(operation.name),
          "version": .integer(operation.latestVersion),
        ]
      }
      print(JSON.array(answer).text)
    } else {
      let rows = operators.map { ["\($0.code)", $0.name, "\($0.latestVersion)"] }
      print(Format.table(["code", "operator", "up to version"], rows, numeric: [0, 2]))
    }
  }
}
