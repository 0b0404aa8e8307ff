import ModelFormat
import Swiftlet
import Vision

/// The outputs of a run, and how they are written and shown.
struct RunReport {
  let file: ModelFile
  let program: Program
  /// How many invocations there were, when the outputs have a dimension for them.
  let steps: Int?
  /// The names of classes, if they are known.
  let labels: Labels?
  /// By output: the bytes of all steps.
  private(set) var bytes: [[UInt8]]
  /// With the shapes of the last invocation.
  private var outputs: [TensorDescription]
  private var nanoseconds: UInt64 = 0

  init(file: ModelFile, program: Program, steps: Int?, labels: Labels?) {
    self.file = file
    self.program = program
    self.steps = steps
    self.labels = labels
    outputs = program.outputs
    bytes = Array(repeating: [], count: outputs.count)
  }

  mutating func add(outputsOf interpreter: Interpreter, nanoseconds: UInt64) throws(CommandFailure) {
    for index in bytes.indices {
      let output = interpreter.outputDescription(index)
      guard bytes[index].isEmpty || output.shape == outputs[index].shape else {
        throw CommandFailure(
          .badData, file: file.path,
          "output \(index) is \(output.shape.text), but \(outputs[index].shape.text) an invocation before: --sequence "
            + "needs equal shapes")
      }
      outputs[index] = output
      bytes[index] += interpreter.outputBytes(index)
    }
    self.nanoseconds += nanoseconds
  }

  private var milliseconds: Double { Double(nanoseconds) / 1e6 }

  private func shape(_ index: Int) -> [Int] { (steps.map { [$0] } ?? []) + outputs[index].shape.dimensions }

  private func values(_ index: Int) -> TensorValues {
    TensorValues(description: outputs[index], bytes: bytes[index])
  }

  /// The best classes; `nil` for outputs that are not scores of the labelled classes.
  private func top(_ index: Int) -> TopClasses? {
    guard steps == nil, let labels else { return nil }
    return TopClasses(values(index), labels: labels)
  }

  /// "0.npy", or "0.bin" for types that NumPy does not have.
  private func fileName(_ index: Int) -> String {
    NPY.descriptor(of: outputs[index].type) == nil ? "\(index).bin" : "\(index).npy"
  }

  func write(to folder: String) throws(CommandFailure) {
    try FileSystem.createFolder(folder)
    for index in bytes.indices {
      let array = NPY(type: outputs[index].type, shape: shape(index), bytes: bytes[index])
      let contents = (try? array.contents()) ?? bytes[index]
      try FileSystem.write(contents, to: FileSystem.path(folder, fileName(index)))
    }
  }

  /// A line for each output with its first elements, and the best classes.
  var text: String {
    var lines = bytes.indices.map { index in
      let output = outputs[index]
      let values = values(index)
      let shown = (0..<min(values.count, 8)).map { values.text($0) }.joined(separator: " ")
      let rest = values.count > 8 ? " ..." : ""
      let line = "output \(index) '\(output.name)' \(output.type.name)\(shape(index).text): \(shown)\(rest)"
      return top(index).map { "\(line)\n\($0.text)" } ?? line
    }
    lines.append("\(steps ?? 1) invocation\(steps ?? 1 == 1 ? "" : "s") in \(Format.fixed(milliseconds, places: 3)) ms")
    return lines.joined(separator: "\n")
  }

  /// `values` are the stored elements of outputs with at most 1024; longer ones are in the files. `top` are the
  /// best classes.
  var json: JSON {
    let described = bytes.indices.map { index -> JSON in
      let output = outputs[index]
      let values = values(index)
      var object: JSON = [
        "index": .integer(index), "name": .string(output.name), "type": .string("\(output.type.name)"),
        "shape": .array(shape(index).map { .integer($0) }),
      ]
      if values.count <= 1024 {
        object.append("values", .array((0..<values.count).map { values.stored($0).map { .number($0) } ?? .null }))
      }
      if let top = top(index) { object.append("top", top.json) }
      return object
    }
    return [
      "model": .string(file.path), "isa": .string(program.options.isa.name),
      "threads": .integer(program.options.threads), "invocations": .integer(steps ?? 1),
      "inference_ms": .rounded(milliseconds / Double(steps ?? 1), places: 4), "outputs": .array(described),
    ]
  }
}
