import Vision

/// What a model is measured on.
enum EvaluationDataset {
  /// Pictures of which the class is known.
  case classes(ClassifiedPictures)
  /// Pictures with boxes, and the folder that they lie in.
  case boxes(COCOAnnotations, folder: String)

  /// - Parameter images: the folder of the pictures of an instances file; `nil` for the usual place beside it.
  /// - Throws: `noInput` for what cannot be read, `badData` for what has another form.
  init(path: String, images: String? = nil) throws(CommandFailure) {
    guard FileSystem.exists(path) else { throw CommandFailure(.noInput, file: path, "No such file or directory") }
    if FileSystem.isFolder(path) {
      self = .classes(try ClassifiedPictures(folder: path))
    } else if FileSystem.ending(path) == "json" {
      let annotations = try COCOAnnotations(path: path)
      self = .boxes(annotations, folder: images ?? COCOAnnotations.pictureFolder(of: path))
    } else {
      self = .classes(try ClassifiedPictures(list: path))
    }
  }

  var pictureCount: Int {
    switch self {
    case .classes(let pictures): pictures.entries.count
    case .boxes(let annotations, _): annotations.pictures.count
    }
  }
}
