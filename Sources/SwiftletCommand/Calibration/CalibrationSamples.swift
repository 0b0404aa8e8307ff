import Converter
import Vision

/// Samples for a graph from files: a folder of pictures, of .npy arrays (one sample each) or of sound, or an .npz archive
/// with one array for each input (one sample for each index of the first dimension).
struct CalibrationSamples: SampleSource {
  private let source: any SampleSource

  /// Looks at names and sizes; each sample is read when it is asked for.
  ///
  /// - Parameter preprocessing: of pictures; `nil` for a 255th of each sample.
  /// - Throws: `CommandFailure` with `noInput` when nothing is there that can be read, `usage` when what is there cannot
  ///   feed the graph.
  init(_ path: String, for graph: Graph, preprocessing: PicturePreprocessing? = nil) throws {
    guard FileSystem.exists(path) else { throw CommandFailure(.noInput, file: path, "does not exist") }
    let inputs = SampleInput.inputs(of: graph)
    if FileSystem.isFolder(path) {
      source = try Self.folder(path, inputs, preprocessing)
    } else if FileSystem.ending(path) == "npz" {
      source = try ArrayArchive(path, inputs)
    } else {
      throw CommandFailure(
        .usage, file: path, "expected a folder of pictures, .npy arrays or sound, or an .npz archive")
    }
    guard source.count > 0 else { throw CommandFailure(.noInput, file: path, "holds no samples") }
  }

  private static func folder(
    _ path: String, _ inputs: [SampleInput], _ preprocessing: PicturePreprocessing?
  ) throws -> any SampleSource {
    let names = try FileSystem.list(path)
    let files = { (endings: Set<String>) in
      names.filter { endings.contains(FileSystem.ending($0)) }.map { FileSystem.path(path, $0) }
    }
    let arrays = files(["npy"])
    if !arrays.isEmpty { return try ArrayFolder(path, arrays, inputs) }
    let pictures = files(PictureFolder.endings)
    if !pictures.isEmpty { return try PictureFolder(path, pictures, inputs, preprocessing) }
    let sounds = files(SoundFrames.endings)
    if !sounds.isEmpty { return try SoundFrames(path, sounds, inputs) }
    throw CommandFailure(
      .noInput, file: path,
      names.isEmpty
        ? "is an empty folder" : "holds no pictures (.jpg, .png, .bmp), .npy arrays or sound (.wav, .raw, .pcm, .f32)")
  }

  var count: Int { source.count }
  var inputRanges: [ClosedRange<Float>?] { source.inputRanges }
  func sample(_ index: Int) throws -> [[UInt8]] { try source.sample(index) }
}
