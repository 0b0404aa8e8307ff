/// Pieces of HTML and SVG.
enum Markup {
  /// `text` with the characters escaped that mean something in HTML. Control characters, which HTML cannot hold, become
  /// replacement characters.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\n", "\t": result.unicodeScalars.append(scalar)
      case "\u{0}"..<" ", "\u{7F}"..<"\u{A0}": result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// A coordinate with at most one decimal.
  static func number(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return tenths % 10 == 0 ? "\(tenths / 10)" : Format.fixed(value, places: 1)
  }

  /// A table whose cells are markup; columns in `numeric` are aligned to the right.
  static func table(
    _ id: String, _ heading: [String], _ rows: [(attributes: String, cells: [String])], numeric: Set<Int>
  )
    -> String
  {
    func row(_ tag: String, _ cells: [String], _ attributes: String) -> String {
      let cells = cells.enumerated().map { column, cell in
        "<\(tag)\(numeric.contains(column) ? " class=\"number\"" : "")>\(cell)</\(tag)>"
      }
      return "<tr\(attributes)>\(cells.joined())</tr>"
    }
    let body = rows.map { row("td", $0.cells, $0.attributes) }.joined(separator: "\n")
    return """
      <table id="\(id)"><thead>\(row("th", heading, ""))</thead><tbody>
      \(body)
      </tbody></table>
      """
  }
}
