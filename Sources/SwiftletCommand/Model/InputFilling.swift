import ModelFormat
import Swiftlet
import Vision

/// The bytes of every input for all steps of a run, in the input's type and shape.
struct InputFilling {
  /// What inputs without a file get.
  enum Rest {
    case refused
    case zero
    case random(seed: UInt64)
  }

  /// By input: `steps` times the bytes of the input.
  let bytes: [[UInt8]]

  init(_ binding: InputBinding, for program: Program, rest: Rest, preprocessing: PicturePreprocessing?, steps: Int?)
    throws(CommandFailure)
  {
    var bytes: [[UInt8]] = []
    for (index, tensor) in program.inputs.enumerated() {
      guard let file = binding.files[index] else {
        bytes.append([])
        continue
      }
      bytes.append(
        try InputFilling.bytes(of: file, for: tensor, name: binding.names[index], preprocessing, steps: steps))
    }
    let missing = binding.files.indices.filter { binding.files[$0] == nil }
    try InputFilling.fill(&bytes, missing, binding.names, program, rest, steps: steps ?? 1)
    self.bytes = bytes
  }

  /// Writes the values of invocation `step` into the inputs.
  func set(_ step: Int, in interpreter: Interpreter) throws(PrepareError) {
    for (index, tensor) in interpreter.program.inputs.enumerated() {
      if tensor.type == .string {
        if !bytes[index].isEmpty { try interpreter.setInput(index, toStringTable: bytes[index]) }
        continue
      }
      let count = tensor.byteCount
      interpreter.setInputBytes(index, to: bytes[index][(step * count)..<((step + 1) * count)])
    }
  }

  private static func fill(
    _ bytes: inout [[UInt8]], _ missing: [Int], _ names: [String], _ program: Program, _ rest: Rest, steps: Int
  ) throws(CommandFailure) {
    switch rest {
    case .refused:
      guard let first = missing.first else { return }
      let tensor = program.inputs[first]
      throw CommandFailure(
        .usage,
        "input '\(names[first])' (\(tensor.type.name)\(tensor.shape.text)) has no value; give --input, --random-input or --zero-input"
      )
    case .zero:
      for index in missing { bytes[index] = [UInt8](repeating: 0, count: program.inputs[index].byteCount * steps) }
    case .random(let seed):
      var generator = RandomInput(seed: seed)
      for _ in 0..<steps {
        for index in missing {
          let tensor = program.inputs[index]
          guard let step = generator.bytes(of: tensor.type, count: tensor.shape.elementCount) else {
            throw CommandFailure(.unavailable, "input '\(names[index])': no random values of type \(tensor.type.name)")
          }
          bytes[index] += step
        }
      }
    }
  }

  /// The bytes of `file`, which must have exactly the type and shape of `tensor`.
  private static func bytes(
    of file: InputFile, for tensor: TensorDescription, name: String, _ preprocessing: PicturePreprocessing?, steps: Int?
  ) throws(CommandFailure) -> [UInt8] {
    let wanted = (steps.map { [$0] } ?? []) + tensor.shape.dimensions
    let expected = "expected \(tensor.type.name)\(wanted.text) for input '\(name)'"
    switch file.contents {
    case .array(let array):
      guard array.type == tensor.type, array.shape == wanted else {
        throw CommandFailure(.badData, file: file.path, "found \(array.type.name)\(array.shape.text), \(expected)")
      }
      return array.bytes
    case .raw(let bytes):
      if tensor.type == .string && steps == nil { return bytes }
      let count = tensor.byteCount.multipliedReportingOverflow(by: steps ?? 1)
      guard !count.overflow, bytes.count == count.partialValue else {
        throw CommandFailure(
          .badData, file: file.path, "found \(bytes.count) bytes, \(expected), \(count.partialValue) bytes")
      }
      return bytes
    case .picture(let image):
      guard steps == nil, let input = PictureFeed(tensor, preprocessing: preprocessing) else {
        throw CommandFailure(
          .badData, file: file.path,
          "found a picture, \(expected), which is not one: give a .npy array")
      }
      return input.bytes(of: image)
    }
  }
}

extension [Int] {
  /// A shape as messages show it: "[1,224,224,3]".
  var text: String { "[" + map { "\($0)" }.joined(separator: ",") + "]" }
}
