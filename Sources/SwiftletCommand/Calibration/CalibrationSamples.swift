import Converter

/// Samples for a graph from files: a folder of .npy arrays (one sample each), or an .npz archive with one array for each
/// input (one sample for each index of the first dimension).
struct CalibrationSamples: SampleSource {
  private let source: any SampleSource

  /// Looks at the names only; each sample is read when it is asked for.
  ///
  /// - Throws: `CommandFailure` with `noInput` when nothing is there that can be read, `usage` when what is there cannot
  ///   feed the graph.
  init(_ path: String, for graph: Graph) throws {
    guard FileSystem.exists(path) else { throw CommandFailure(.noInput, file: path, "does not exist") }
    let inputs = SampleInput.inputs(of: graph)
    if FileSystem.isFolder(path) {
      source = try Self.folder(path, inputs)
    } else if FileSystem.ending(path) == "npz" {
      source = try ArrayArchive(path, inputs)
    } else {
      throw CommandFailure(.usage, file: path, "--calibrate takes a folder or an .npz archive")
    }
    guard source.count > 0 else { throw CommandFailure(.noInput, file: path, "holds no samples") }
  }

  private static func folder(_ path: String, _ inputs: [SampleInput]) throws -> any SampleSource {
    let names = try FileSystem.list(path)
    let arrays = names.filter { FileSystem.ending($0) == "npy" }.map { FileSystem.path(path, $0) }
    if !arrays.isEmpty { return try ArrayFolder(path, arrays, inputs) }
    throw CommandFailure(
      .noInput, file: path,
      names.isEmpty ? "is an empty folder" : "holds no .npy arrays")
  }

  var count: Int { source.count }
  var inputRanges: [ClosedRange<Float>?] { source.inputRanges }
  func sample(_ index: Int) throws -> [[UInt8]] { try source.sample(index) }
}
