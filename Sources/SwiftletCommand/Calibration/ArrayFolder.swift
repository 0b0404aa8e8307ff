import Converter

/// One sample for each .npy file of a folder, for models with one input.
struct ArrayFolder: SampleSource {
  private let paths: [String]
  private let input: SampleInput

  init(_ folder: String, _ paths: [String], _ inputs: [SampleInput]) throws(CommandFailure) {
    guard inputs.count == 1 else {
      throw CommandFailure(
        .usage, file: folder,
        "the model has \(inputs.count) inputs and .npy files hold one: give an .npz archive with the arrays "
          + inputs.map { "'\($0.name)'" }.joined(separator: ", "))
    }
    self.paths = paths
    input = inputs[0]
  }

  var count: Int { paths.count }

  func sample(_ index: Int) throws -> [[UInt8]] {
    let contents = try FileSystem.read(paths[index])
    do throws(NPYError) {
      return [try input.bytes(of: NPY(contents: contents))]
    } catch {
      throw CommandFailure(.badData, file: paths[index], error.message)
    }
  }
}
