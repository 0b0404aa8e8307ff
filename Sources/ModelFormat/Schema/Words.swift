/// The words of a list that is separated by single spaces, as ranges of its bytes.
struct Words {
  let list: StaticString
  private var position = 0

  init(_ list: StaticString) { self.list = list }

  /// The next word, `nil` at the end.
  mutating func next() -> Range<Int>? {
    let start = position
    guard start < list.utf8CodeUnitCount else { return nil }
    let end = list.withUTF8Buffer { text in
      var end = start
      while end < text.count, unsafe text[end] != UInt8(ascii: " ") { end += 1 }
      return end
    }
    position = end + 1
    return start..<end
  }

  /// The parts of `word` between separators.
  static func split(_ list: StaticString, _ word: Range<Int>, at separator: UInt8) -> [Range<Int>] {
    var parts: [Range<Int>] = []
    var start = word.lowerBound
    for position in word where list.byte(position) == separator {
      parts.append(start..<position)
      start = position + 1
    }
    parts.append(start..<word.upperBound)
    return parts
  }

  /// The decimal number that the digits in `range` spell; 0 when there are none.
  static func number(_ list: StaticString, _ range: Range<Int>) -> Int {
    range.reduce(0) { $0 * 10 + Int(list.byte($1) - UInt8(ascii: "0")) }
  }
}

extension StaticString {
  /// - Precondition: `range` lies inside.
  func text(_ range: Range<Int>) -> Text {
    precondition(range.lowerBound >= 0 && range.upperBound <= utf8CodeUnitCount)
    var text = Text()
    unsafe text.add(utf8Start + range.lowerBound, count: range.count)
    return text
  }

  /// - Precondition: `index` lies inside.
  func byte(_ index: Int) -> UInt8 {
    precondition(index >= 0 && index < utf8CodeUnitCount)
    return unsafe utf8Start[index]
  }
}
