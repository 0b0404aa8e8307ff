import ModelFormat
import Swiftlet

/// Which file belongs to which input of a model.
struct InputBinding {
  /// By input; `nil` for inputs without a file.
  let files: [InputFile?]
  /// By input, for messages.
  let names: [String]

  /// Reads the files of `arguments`, each "FILE" for the next input without one or "NAME=FILE".
  init(_ arguments: [String], to file: ModelFile, signature: String?) throws(CommandFailure) {
    let names = try file.inputNames(signature: signature)
    var files: [InputFile?] = Array(repeating: nil, count: names.count)
    var unnamed: [String] = []
    for argument in arguments {
      guard let (input, path) = try InputBinding.split(argument, names, file.path) else {
        unnamed.append(argument)
        continue
      }
      guard files[input] == nil else {
        throw CommandFailure(.usage, "--input \(argument): input '\(names[input][0])' has been given a file already")
      }
      files[input] = try InputFile(path: path)
    }
    for path in unnamed {
      guard let free = files.firstIndex(where: { $0 == nil }) else {
        throw CommandFailure(.usage, "--input \(path): the model has \(names.count) inputs and all have a file")
      }
      files[free] = try InputFile(path: path)
    }
    self.files = files
    self.names = names.map { $0[0] }
  }

  /// The input and path of "NAME=FILE"; `nil` for a path alone.
  private static func split(
    _ argument: String, _ names: [[String]], _ model: String
  ) throws(CommandFailure) -> (Int, String)? {
    // Names and paths may hold further equals signs: the first split whose left side is a name counts.
    for mark in argument.indices where argument[mark] == "=" {
      let name = String(argument[..<mark])
      if let input = names.firstIndex(where: { $0.contains(name) }) {
        return (input, String(argument[argument.index(after: mark)...]))
      }
    }
    guard argument.contains("="), !FileSystem.exists(argument) else { return nil }
    let known = names.map { "'\($0[0])'" }.joined(separator: ", ")
    throw CommandFailure(
      .usage, file: model, "has no input as in '\(argument)'; it has \(known.isEmpty ? "none" : known)")
  }

  /// How many invocations a sequence has: the first dimension of every array given.
  func sequenceLength() throws(CommandFailure) -> Int {
    var length: Int?
    for file in files {
      guard let file, case .array(let array) = file.contents else { continue }
      guard let first = array.shape.first, first > 0, length == nil || length == first else {
        let expected = length.map { "\($0) invocations" } ?? "at least one invocation"
        throw CommandFailure(
          .badData, file: file.path,
          "found \(array.type.name)\(array.shape.text), expected \(expected) in the first dimension for --sequence")
      }
      length = first
    }
    guard let length else { throw CommandFailure(.usage, "--sequence needs an input from a .npy file") }
    return length
  }

  /// Shapes of arrays that replace the stored shapes of inputs. With `steps`, arrays have one more dimension in front.
  func shapes(replacing subgraph: Subgraph, steps: Int?) throws(CommandFailure) -> [Int: Shape] {
    var shapes: [Int: Shape] = [:]
    for (input, file) in files.enumerated() {
      guard let file, case .array(let array) = file.contents else { continue }
      let info = subgraph.tensors[subgraph.inputs[input]]
      let dimensions = steps == nil ? array.shape : Array(array.shape.dropFirst())
      guard dimensions != info.shape, info.shapeSignature.contains(-1) else { continue }
      let fits =
        dimensions.count == info.shapeSignature.count
        && zip(dimensions, info.shapeSignature).allSatisfy { $1 < 0 || $0 == $1 }
      guard fits, let shape = Shape(dimensions) else { continue }
      shapes[input] = shape
    }
    return shapes
  }
}
