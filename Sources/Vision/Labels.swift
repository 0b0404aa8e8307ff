/// The names of a network's classes.
public struct Labels: Sendable, Equatable {
  private let names: [Int: String]

  /// One more than the largest index that has a name.
  public let count: Int

  /// The name of a class; `nil` where there is none, or only a blank line.
  public subscript(index: Int) -> String? { names[index] }

  /// Names in the order of their indices.
  public init(_ names: [String]) {
    self.init(numbered: names.enumerated().map { ($0.offset, $0.element) })
  }

  /// Reads the text of a label file: a name on each line, the first line being class 0. Where every line begins with a
  /// number and the numbers rise (`0  background`, `7: car`), they are the indices. Blank lines count but name nothing.
  public init(text: String) {
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(Self.trimmed)
    let filled = lines.filter { !$0.isEmpty }
    let numbered = filled.compactMap(Self.numbered)
    let rises = zip(numbered, numbered.dropFirst()).allSatisfy { $0.index < $1.index }
    if !filled.isEmpty, numbered.count == filled.count, rises {
      self.init(numbered: numbered.map { ($0.index, $0.name) })
    } else {
      self.init(lines)
    }
  }

  /// Reads a label file.
  /// - Throws: `VisionError` for a file that cannot be read, is longer than 16 MiB, or is not UTF-8 text.
  public init(contentsOf path: String) throws(VisionError) {
    let bytes = try File.read(path, limit: 1 << 24)
    do throws(VisionError) {
      self.init(text: try Self.text(bytes, place: "label file"))
    } catch {
      throw error.naming(path)
    }
  }

  private init(numbered: [(Int, String)]) {
    names = Dictionary(numbered.filter { !$0.1.isEmpty }) { first, _ in first }
    count = (names.keys.max() ?? -1) + 1
  }

  static func text(_ bytes: [UInt8], place: String) throws(VisionError) -> String {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let body = bytes.starts(with: mark) ? bytes.dropFirst(mark.count) : bytes[...]
    guard !body.contains(0), let text = String(validating: body, as: UTF8.self) else {
      throw VisionError(
        .notText, place: place, found: "bytes that are not UTF-8 text", expected: "one label on each line",
        remedy: "check the file or convert it to UTF-8")
    }
    return text
  }

  private static func trimmed(_ line: Substring) -> String {
    let start = line.drop(while: \.isWhitespace)
    guard let end = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
    return String(start[...end])
  }

  /// "7 car" and "7: car".
  private static func numbered(_ line: String) -> (index: Int, name: String)? {
    let digits = line.prefix { $0.isASCII && $0.isNumber }
    let rest = line.dropFirst(digits.count)
    guard let index = Int(digits), index < 1 << 24, let separator = rest.first,
      separator.isWhitespace || separator == ":"
    else { return nil }
    let name = trimmed(rest.dropFirst())
    return name.isEmpty ? nil : (index, name)
  }
}
