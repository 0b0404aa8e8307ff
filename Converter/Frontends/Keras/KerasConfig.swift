internal import FoundationEssentials

/// A value of a model's configuration, which is JSON as Python writes it.
enum KerasConfig: Decodable, Sendable {
  case null
  case bool(Bool)
  case number(Double)
  case text(String)
  case array([KerasConfig])
  case object([String: KerasConfig])

  init(json: String) throws {
    let decoder = JSONDecoder()
    decoder.allowsJSON5 = true  // Python writes NaN and Infinity
    do {
      self = try decoder.decode(KerasConfig.self, from: Data(json.utf8))
    } catch {
      throw ConversionError(.badData, "the model's configuration is not JSON", remedy: "save the model again")
    }
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode([String: KerasConfig].self) {
      self = .object(value)
    } else if let value = try? container.decode([KerasConfig].self) {
      self = .array(value)
    } else if let value = try? container.decode(String.self) {
      self = .text(value)
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else {
      self = .number(try container.decode(Double.self))
    }
  }

  /// A member of an object; `nil` for Python's None too. What is no object has no members, and gets none.
  subscript(key: String) -> KerasConfig? {
    get {
      guard case .object(let members) = self, let value = members[key] else { return nil }
      if case .null = value { return nil }
      return value
    }
    set {
      guard case .object(var members) = self else { return }
      members[key] = newValue
      self = .object(members)
    }
  }

  var text: String? { if case .text(let text) = self { text } else { nil } }

  var elements: [KerasConfig]? { if case .array(let elements) = self { elements } else { nil } }

  var number: Double? { if case .number(let number) = self { number } else { nil } }

  var int: Int? { number.flatMap { Int(exactly: $0) } }

  /// Numbers count as true when they are not zero: Python's own rule, which configurations rely on.
  var bool: Bool? {
    switch self {
    case .bool(let value): value
    case .number(let number): number != 0
    default: nil
    }
  }

  /// A list of integers; `nil` where one of them is none.
  var ints: [Int]? {
    guard let elements else { return nil }
    let ints = elements.compactMap(\.int)
    return ints.count == elements.count ? ints : nil
  }
}
