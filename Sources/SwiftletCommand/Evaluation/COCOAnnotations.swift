import FoundationEssentials

/// The annotations of a COCO instances file: which objects are in which pictures.
struct COCOAnnotations {
  struct Picture: Decodable {
    let id: Int
    let fileName: String
  }

  struct Category: Decodable {
    let id: Int
    let name: String
  }

  private struct Annotation: Decodable {
    let imageId: Int
    let categoryId: Int
    let bbox: [Double]
    let area: Double?
    let iscrowd: Int?
  }

  private struct Contents: Decodable {
    let images: [Picture]
    let annotations: [Annotation]
    let categories: [Category]
  }

  /// By rising number.
  let pictures: [Picture]
  /// By rising number.
  let categories: [Category]
  let truths: [AveragePrecision.Truth]

  /// - Throws: `noInput` for a file that cannot be read, `badData` for one that is no instances file.
  init(path: String) throws(CommandFailure) {
    let bytes = try FileSystem.read(path)
    let contents: Contents
    do {
      contents = try JSONDecoder.snakeCase.decode(Contents.self, from: Data(bytes))
    } catch {
      throw CommandFailure(
        .badData, file: path, "is no COCO instances file: expected JSON with images, annotations and categories")
    }
    pictures = contents.images.sorted { $0.id < $1.id }
    categories = contents.categories.sorted { $0.id < $1.id }
    guard !pictures.isEmpty, !categories.isEmpty else {
      throw CommandFailure(.badData, file: path, "has no \(pictures.isEmpty ? "images" : "categories")")
    }
    let known = Set(pictures.map(\.id))
    var truths: [AveragePrecision.Truth] = []
    for (index, annotation) in contents.annotations.enumerated() {
      let box = annotation.bbox
      guard box.count == 4, box.allSatisfy(\.isFinite), known.contains(annotation.imageId) else {
        throw CommandFailure(
          .badData, file: path,
          "annotation \(index): found bbox \(box) in image \(annotation.imageId), expected "
            + "[x, y, width, height] in a listed image")
      }
      truths.append(
        AveragePrecision.Truth(
          picture: annotation.imageId, category: annotation.categoryId,
          box: AveragePrecision.Rectangle(x: box[0], y: box[1], width: box[2], height: box[3]),
          area: annotation.area ?? box[2] * box[3], isCrowd: annotation.iscrowd ?? 0 != 0))
    }
    self.truths = truths
  }

  /// The folder of the pictures unless one is given: `../NAME` for `instances_NAME.json`, where it exists, else that of
  /// the file.
  static func pictureFolder(of path: String) -> String {
    let name = FileSystem.name(path)
    let folder = String(path.dropLast(name.count))
    let stem = name.split(separator: ".").first.map(String.init) ?? name
    guard let split = stem.firstIndex(of: "_") else { return folder.isEmpty ? "." : folder }
    let beside = FileSystem.path(folder.isEmpty ? "." : folder, "../\(stem[stem.index(after: split)...])")
    return FileSystem.exists(beside) ? beside : (folder.isEmpty ? "." : folder)
  }
}

extension JSONDecoder {
  /// Reads `image_id` as `imageId`.
  static var snakeCase: JSONDecoder {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return decoder
  }
}
