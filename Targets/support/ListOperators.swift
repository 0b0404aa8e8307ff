/// Prints the operators of models, one a line: the number of a built-in one, the name of a custom one.
@main
struct ListOperators {
  static func main() throws {
    var lines: Set<String> = []
    for path in CommandLine.arguments.dropFirst() {
      for code in try Model(path: path).operatorCodes {
        lines.insert(code.builtin == OperatorCode.custom ? code.customName : String(code.builtin))
      }
    }
    print(lines.sorted().joined(separator: "\n"))
  }
}
