internal import FoundationEssentials

/// Schemes for parts of a model, as a JSON file:
///
/// ```json
/// {"rules": [{"scope": "block1/*", "scheme": "int16x8"}, {"operator": "SOFTMAX", "scheme": "float32"}]}
/// ```
///
/// A rule concerns the layers whose name or first output matches `scope` (`*` stands for any text, `?` for one character)
/// and whose operator is `operator`; what a rule leaves out matches all. The last rule that concerns a layer counts.
package struct QuantizationRecipe: Sendable, Equatable, Codable {
  package struct Rule: Sendable, Equatable, Codable {
    package var scope: String?
    package var `operator`: String?
    package var scheme: LayerScheme

    package init(scope: String? = nil, operator: String? = nil, scheme: LayerScheme) {
      (self.scope, self.operator, self.scheme) = (scope, `operator`, scheme)
    }
  }

  package var rules: [Rule]

  package init(rules: [Rule]) { self.rules = rules }

  /// - Throws: `ConversionError` with `badData` that says where the text is no recipe.
  package init(json: [UInt8]) throws {
    do {
      self = try JSONDecoder().decode(QuantizationRecipe.self, from: Data(json))
    } catch let error as DecodingError {
      throw ConversionError(
        .badData, "is no recipe: \(Self.text(error))",
        remedy: #"write for example {"rules": [{"scope": "conv1*", "scheme": "int16x8"}]}"#)
    }
  }

  package var json: [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return ((try? encoder.encode(self)).map { [UInt8]($0) } ?? []) + [10]
  }

  private static func text(_ error: DecodingError) -> String {
    let (path, problem) =
      switch error {
      case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
        (context.codingPath, context.debugDescription)
      case .keyNotFound(let key, let context): (context.codingPath, "'\(key.stringValue)' is missing")
      @unknown default: ([], "\(error)")
      }
    let place = path.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
    return place.isEmpty ? problem : "\(place): \(problem)"
  }

  /// The scheme that the recipe gives to a layer; `nil` when no rule concerns it.
  package func scheme(of node: Node, in graph: Graph) -> LayerScheme? {
    let names = [node.source] + node.outputs.prefix(1).map { graph[$0].name }
    return rules.last { rule in
      (rule.operator == nil || rule.operator == node.operation.name)
        && (rule.scope.map { scope in names.contains { Self.matches(Array($0.utf8), Array(scope.utf8)) } } ?? true)
    }?.scheme
  }

  /// Rules of which no layer has scope and operator: most likely a misspelt name.
  package func unusedRules(in graph: Graph) -> [Rule] {
    rules.filter { rule in
      !graph.nodeIDs.contains { id in
        graph[id].map { QuantizationRecipe(rules: [rule]).scheme(of: $0, in: graph) != nil } ?? false
      }
    }
  }

  /// Whether `text` is what `pattern` stands for.
  private static func matches(_ text: [UInt8], _ pattern: [UInt8]) -> Bool {
    var (position, place) = (0, 0)
    // Where the last * stood, and the text that it has taken so far.
    var star: (place: Int, position: Int)?
    while position < text.count {
      if place < pattern.count, pattern[place] == UInt8(ascii: "*") {
        star = (place, position)
        place += 1
      } else if place < pattern.count, pattern[place] == UInt8(ascii: "?") || pattern[place] == text[position] {
        position += 1
        place += 1
      } else if let last = star {
        star = (last.place, last.position + 1)
        (position, place) = (last.position + 1, last.place + 1)
      } else {
        return false
      }
    }
    return pattern[place...].allSatisfy { $0 == UInt8(ascii: "*") }
  }
}

extension QuantizationPlan {
  /// A plan for `graph`: `standard` but for the layers that the recipe names.
  package init(standard: LayerScheme, recipe: QuantizationRecipe, for graph: Graph) {
    self.init(standard: standard)
    for id in graph.nodeIDs {
      if let node = graph[id], let scheme = recipe.scheme(of: node, in: graph) { overrides[id] = scheme }
    }
  }
}
