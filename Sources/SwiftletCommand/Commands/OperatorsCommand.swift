import ArgumentParser
import ModelFormat
import Swiftlet

/// `swiftlet operators`: what the runtime can run, from its own table.
struct OperatorsCommand: ParsableCommand, JSONAnswering {
  static let configuration = CommandConfiguration(
    commandName: "operators",
    abstract: "List the operators that the runtime has.",
    discussion: """
      Convolutions and fully connected layers also take float32 data with int8 weights.

      Example:
        swiftlet operators --json
        swiftlet operators --markdown
      """)

  @Flag(help: "Answer in JSON.")
  var json = false

  @Flag(help: "Print a Markdown table of operators by type.")
  var markdown = false

  func run() throws {
    let operators = OperatorTable.all
    if json {
      let answer = operators.map { operation -> JSON in
        [
          "code": .integer(operation.code), "name": .string(operation.name),
          "version": .integer(operation.latestVersion),
          "types": .array(operation.types.map { .string("\($0)") }),
        ]
      }
      print(JSON.array(answer).text)
    } else if markdown {
      print(markdownTable(operators))
    } else {
      let rows = operators.map { row in
        ["\(row.code)", row.name, "\(row.latestVersion)", row.types.map { "\($0)" }.joined(separator: " ")]
      }
      print(Format.table(["code", "operator", "up to version", "types"], rows, numeric: [0, 2]))
    }
  }

  private func markdownTable(_ operators: [OperatorTable.Row]) -> String {
    let types = ["float32", "int8", "uint8", "int16", "int32", "int64", "bool", "float16"]
    var lines = ["| operator | \(types.joined(separator: " | ")) |", "|---|" + types.map { _ in "---|" }.joined()]
    for row in operators {
      let names = row.types.map { "\($0)" }
      let cells = types.map { names.contains($0) ? "x" : " " }
      lines.append("| \(row.name) | \(cells.joined(separator: " | ")) |")
    }
    return lines.joined(separator: "\n")
  }
}
