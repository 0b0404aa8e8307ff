extension PicturePreprocessing: CustomStringConvertible {
  /// Reads `colors=bgr,mean=103.9/116.8/123.7,std=1`: the keys `fit`, `filter`, `colors`, `mean` and `std` in any order;
  /// those left out keep their standard, numbers of the channels are separated by `/`.
  /// - Throws: `VisionError` for an unknown key or value.
  public init(text: String) throws(VisionError) {
    for part in text.split(separator: ",") {
      let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map { String($0) }
      guard pair.count == 2 else { throw Self.unknown(String(part), expected: "KEY=VALUE") }
      switch pair[0] {
      case "fit": fit = try Self.choice(pair)
      case "filter": filter = try Self.choice(pair)
      case "colors": colors = try Self.choice(pair)
      case "mean": mean = try Self.numbers(pair)
      case "std":
        deviation = try Self.numbers(pair)
        guard !deviation.contains(0) else { throw Self.unknown(String(part), expected: "numbers other than 0") }
      default: throw Self.unknown(String(part), expected: "fit, filter, colors, mean or std")
      }
    }
    for numbers in [mean, deviation] where numbers.count != 1 && numbers.count != colors.channels {
      throw Self.unknown(
        "\(numbers.count) numbers for \(colors.channels) channels", expected: "one number, or one for each channel")
    }
  }

  /// As `init(text:)` reads it, every key given.
  public var description: String {
    "fit=\(fit.rawValue),filter=\(filter.rawValue),colors=\(colors.rawValue),mean=\(Self.text(mean)),"
      + "std=\(Self.text(deviation))"
  }

  private static func text(_ numbers: [Double]) -> String {
    numbers.map { number in Int(exactly: number).map { "\($0)" } ?? "\(number)" }.joined(separator: "/")
  }

  private static func choice<Choice: RawRepresentable & CaseIterable>(
    _ pair: [String]
  ) throws(VisionError) -> Choice where Choice.RawValue == String {
    if let choice = Choice(rawValue: pair[1]) { return choice }
    throw unknown(
      pair.joined(separator: "="), expected: Choice.allCases.map(\.rawValue).joined(separator: ", "))
  }

  private static func numbers(_ pair: [String]) throws(VisionError) -> [Double] {
    let numbers = pair[1].split(separator: "/", omittingEmptySubsequences: false).map { Double($0) }
    guard numbers.allSatisfy({ $0?.isFinite ?? false }) else {
      throw unknown(pair.joined(separator: "="), expected: "numbers separated by /")
    }
    return numbers.compactMap { $0 }
  }

  private static func unknown(_ found: String, expected: String) -> VisionError {
    VisionError(
      .corrupt, place: "preprocessing", found: "'\(found)'", expected: expected,
      remedy: "write for example fit=stretch,colors=bgr,mean=0,std=255")
  }
}
