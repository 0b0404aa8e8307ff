/// Prints what models need of a library, one thing a line: the number of a built-in operator, the name of a custom one, and
/// as "has:Name" the parts of `Selection`.
@main
struct ListOperators {
  static func main() throws {
    var lines: Set<String> = []
    for path in CommandLine.arguments.dropFirst() {
      let model = try Model(path: path)
      for code in model.operatorCodes {
        lines.insert(code.builtin == OperatorCode.custom ? code.customName : String(code.builtin))
      }
      for part in Needs(model).parts { lines.insert("has:" + part) }
    }
    print(lines.sorted().joined(separator: "\n"))
  }
}
