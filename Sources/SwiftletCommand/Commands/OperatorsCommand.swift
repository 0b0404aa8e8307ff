import ArgumentParser
import ModelFormat
import Swiftlet

/// `swiftlet operators`: what the runtime can run, from its own table.
struct OperatorsCommand: ParsableCommand, JSONAnswering {
  static let configuration = CommandConfiguration(
    commandName: "operators",
    abstract: "List the operators that the runtime has.",
    discussion: """
      Convolutions and fully connected layers also take float32 data with int8 weights. Kernels without a variant for an
      instruction set run the one for the next slower.

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
          "kernels": .array(operation.families.map { family(of: $0) }),
        ]
      }
      print(JSON.array(answer).text)
    } else if markdown {
      print(markdownTable(operators))
      print("\n" + kernelTable(operators))
    } else {
      let rows = operators.map { row in
        ["\(row.code)", row.name, "\(row.latestVersion)", row.types.map { "\($0)" }.joined(separator: " ")]
      }
      print(Format.table(["code", "operator", "up to version", "types"], rows, numeric: [0, 2]))
    }
  }

  private func family(of family: KernelFamily) -> JSON {
    ["name": .string("\(family.name)"), "instruction_sets": .array(family.variants.map { .string($0.name) })]
  }

  /// Which kernels have variants for which instruction sets of this architecture, and which operators run them.
  private func kernelTable(_ operators: [OperatorTable.Row]) -> String {
    let sets = KernelFamily.q8Convolution.variants.map { $0.name }
    var lines = [
      "| kernels | \(sets.joined(separator: " | ")) | operators |",
      "|---|" + sets.map { _ in "---|" }.joined() + "---|",
    ]
    for family in KernelFamily.allCases {
      let variants = family.variants.map { $0.name }
      let cells = sets.map { variants.contains($0) ? "x" : " " }
      let names = operators.filter { $0.families.contains(family) }.map { $0.name }
      lines.append("| \(family.name) | \(cells.joined(separator: " | ")) | \(names.joined(separator: ", ")) |")
    }
    return lines.joined(separator: "\n")
  }

  private func markdownTable(_ operators: [OperatorTable.Row]) -> String {
    let types = ["float32", "int8", "uint8", "int16", "int32", "int64", "bool", "float16", "uint32", "uint64"]
    var lines = ["| operator | \(types.joined(separator: " | ")) |", "|---|" + types.map { _ in "---|" }.joined()]
    for row in operators {
      let names = row.types.map { "\($0)" }
      let cells = types.map { names.contains($0) ? "x" : " " }
      lines.append("| \(row.name) | \(cells.joined(separator: " | ")) |")
    }
    return lines.joined(separator: "\n")
  }
}
