import ModelFormat
import Vision

/// Where the names of a model's classes come from.
enum ClassNames {
  /// The labels of the file at `path`, or else those that travel in the model file; `nil` when there are none.
  static func labels(path: String?, model: ModelFile) throws(CommandFailure) -> Labels? {
    do throws(VisionError) {
      if let path { return try Labels(contentsOf: path) }
      return try embedded(in: model.model)
    } catch {
      throw CommandFailure(error, file: path ?? model.path)
    }
  }

  private static func embedded(in model: Model) throws(VisionError) -> Labels? {
    var result: Result<Labels?, VisionError> = .success(nil)
    model.bytes.withBytes(in: 0..<model.bytes.count) { bytes in
      do throws(VisionError) {
        result = .success(try Labels(inModel: bytes))
      } catch {
        result = .failure(error)
      }
    }
    return try result.get()
  }
}
