import FoundationEssentials

/// Boxes of a COCO results file, as other tools write them.
struct COCOResults {
  private struct Entry: Decodable {
    let imageId: Int
    let categoryId: Int
    let bbox: [Double]
    let score: Double
  }

  let found: [AveragePrecision.Found]

  /// - Throws: `noInput` for a file that cannot be read, `badData` for one that is no results file.
  init(path: String) throws(CommandFailure) {
    let bytes = try FileSystem.read(path)
    let entries: [Entry]
    do {
      entries = try JSONDecoder.snakeCase.decode([Entry].self, from: Data(bytes))
    } catch {
      throw CommandFailure(
        .badData, file: path, "is no COCO results file: expected a list of image_id, category_id, bbox and score")
    }
    var found: [AveragePrecision.Found] = []
    for (index, entry) in entries.enumerated() {
      guard entry.bbox.count == 4, (entry.bbox + [entry.score]).allSatisfy(\.isFinite) else {
        throw CommandFailure(
          .badData, file: path, "entry \(index): found bbox \(entry.bbox), expected [x, y, width, height]")
      }
      let box = AveragePrecision.Rectangle(
        x: entry.bbox[0], y: entry.bbox[1], width: entry.bbox[2], height: entry.bbox[3])
      found.append(
        AveragePrecision.Found(
          picture: entry.imageId, category: entry.categoryId, box: box, score: entry.score))
    }
    self.found = found
  }

  /// How good the boxes are.
  /// - Throws: `badData` when `dataset` holds no boxes.
  func evaluate(on dataset: EvaluationDataset, results: String, path: String) throws(CommandFailure) -> EvaluationResult
  {
    guard case .boxes(let annotations, _) = dataset else {
      throw CommandFailure(.usage, file: path, "boxes are measured against a COCO instances file (.json)")
    }
    let precision = AveragePrecision(
      categories: annotations.categories.map(\.id), truths: annotations.truths, found: found)
    return EvaluationResult(
      model: results, dataset: path, pictures: annotations.pictures.count, milliseconds: 0, preprocessing: "",
      figures: .boxes(precision, names: annotations.categories.map(\.name)))
  }
}
