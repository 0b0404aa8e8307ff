/// Why a model cannot be converted: in one line, which layer, what was found, and what to do about it.
package struct ConversionError: Error, Equatable {
  package enum Kind: Sendable {
    /// The model is damaged or contradicts itself.
    case badData
    /// A file that cannot be read.
    case noInput
    /// The model is sound, but asks for what the converter does not have.
    case unavailable
    /// An option of the caller does not fit the model.
    case usage
  }

  package var kind: Kind
  /// The layer's name and operator in the source model; empty when the whole file is meant.
  package var layer: String
  package var problem: String
  package var remedy: String

  package init(_ kind: Kind, layer: String = "", _ problem: String, remedy: String = "") {
    self.kind = kind
    self.layer = layer
    self.problem = problem
    self.remedy = remedy
  }

  package var message: String {
    var text = layer.isEmpty ? problem : "layer '\(layer)': \(problem)"
    if !remedy.isEmpty { text += "; \(remedy)" }
    return text
  }
}
