/// How good a model is on a dataset.
struct EvaluationResult {
  enum Figures {
    /// How many pictures had their class first, and among the first five.
    case classes(top1: Int, top5: Int)
    case boxes(AveragePrecision, names: [String])
  }

  let model: String
  let dataset: String
  let pictures: Int
  /// Of all invocations.
  let milliseconds: Double
  let preprocessing: String
  let figures: Figures

  /// The one number that a recipe is judged by, 0...1: top-1 accuracy, or the mean average precision.
  var score: Double {
    switch figures {
    case .classes(let top1, _): Double(top1) / Double(max(1, pictures))
    case .boxes(let precision, _): precision.mean() ?? 0
    }
  }

  var scoreName: String {
    switch figures {
    case .classes: "top-1"
    case .boxes: "mAP"
    }
  }

  var text: String {
    let time = milliseconds > 0 ? ", \(Format.fixed(milliseconds / Double(max(1, pictures)), places: 2)) ms each" : ""
    let heading = "\(model) on \(dataset): \(pictures) pictures\(time)"
    let rule = preprocessing.isEmpty ? [] : ["  preprocessing \(preprocessing)"]
    return ([heading] + lines + rule).joined(separator: "\n")
  }

  private var lines: [String] {
    switch figures {
    case .classes(let top1, let top5):
      return [
        "  top-1  \(share(top1))  (\(top1) of \(pictures))", "  top-5  \(share(top5))  (\(top5) of \(pictures))",
      ]
    case .boxes(let precision, _):
      let row = { (name: String, value: Double?) in "  \(name)  \(Self.text(value))" }
      return [
        row("mAP .50:.95", precision.mean()), row("AP50       ", precision.mean(threshold: 0)),
        row("AP75       ", precision.mean(threshold: 5)), row("small      ", precision.mean(.small)),
        row("medium     ", precision.mean(.medium)), row("large      ", precision.mean(.large)),
        "  recall       \(Self.text(precision.meanRecall(limit: 0))), \(Self.text(precision.meanRecall(limit: 1))), "
          + "\(Self.text(precision.meanRecall())) with 1, 10, 100 boxes",
      ]
    }
  }

  private func share(_ count: Int) -> String {
    Format.fixed(Double(count) / Double(max(1, pictures)), places: 4)
  }

  private static func text(_ value: Double?) -> String { value.map { Format.fixed($0, places: 4) } ?? "-" }

  var json: JSON {
    var object: JSON = [
      "model": .string(model), "dataset": .string(dataset), "pictures": .integer(pictures),
      "inference_ms": .rounded(milliseconds / Double(max(1, pictures)), places: 4),
      "preprocessing": .string(preprocessing),
    ]
    switch figures {
    case .classes(let top1, let top5):
      object.append("top1", .number(Double(top1) / Double(max(1, pictures))))
      object.append("top5", .number(Double(top5) / Double(max(1, pictures))))
    case .boxes(let precision, let names):
      for (key, value) in Self.boxFigures(precision) { object.append(key, value.map { .number($0) } ?? .null) }
      let classes = zip(names, precision.perCategory).compactMap { name, value in
        value.map { JSON.Member(key: name, value: .number($0)) }
      }
      object.append("classes", .object(classes))
    }
    return object
  }

  /// In the order of the challenge's own table.
  private static func boxFigures(_ precision: AveragePrecision) -> [(String, Double?)] {
    [
      ("map", precision.mean()), ("ap50", precision.mean(threshold: 0)), ("ap75", precision.mean(threshold: 5)),
      ("ap_small", precision.mean(.small)), ("ap_medium", precision.mean(.medium)),
      ("ap_large", precision.mean(.large)), ("ar1", precision.meanRecall(limit: 0)),
      ("ar10", precision.meanRecall(limit: 1)), ("ar100", precision.meanRecall()),
      ("ar_small", precision.meanRecall(.small)), ("ar_medium", precision.meanRecall(.medium)),
      ("ar_large", precision.meanRecall(.large)),
    ]
  }
}
