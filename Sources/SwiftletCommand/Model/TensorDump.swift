import ModelFormat
import Swiftlet

/// Writes what every step of an invocation computes, for comparing layer by layer.
struct TensorDump {
  let folder: String

  /// Invokes `interpreter`, whose program was prepared without fusion, and writes each tensor right after its step.
  func run(_ interpreter: Interpreter) throws(CommandFailure) {
    try FileSystem.createFolder(folder)
    let program = interpreter.program
    let (nodes, stepNodes) = (program.entrySubgraph.operators, program.stepNodes)
    var index: [JSON] = []
    var failure: CommandFailure?
    interpreter.invoke { step in
      guard failure == nil else { return }
      let node = stepNodes[step]
      for tensor in nodes[node].outputs where tensor >= 0 {
        do throws(CommandFailure) {
          guard let bytes = interpreter.tensorBytes(tensor) else { continue }
          var entry = try write(tensor, program.prepared.tensors[tensor], bytes)
          entry.append("node", .integer(node))
          entry.append("operator", .string(program.model.operatorName(nodes[node])))
          index.append(entry)
        } catch {
          failure = error
        }
      }
    }
    if let failure { throw failure }
    try FileSystem.write(JSON.array(index).text, to: FileSystem.path(folder, "index.json"))
  }

  private func write(
    _ tensor: Int, _ description: TensorDescription, _ bytes: [UInt8]
  ) throws(CommandFailure) -> JSON {
    let array = NPY(type: description.type, shape: description.shape.dimensions, bytes: bytes)
    if let contents = try? array.contents() {
      try FileSystem.write(contents, to: FileSystem.path(folder, "\(tensor).npy"))
    }
    return [
      "tensor": .integer(tensor), "name": .string(description.name), "type": .string("\(description.type.name)"),
      "shape": .array(description.shape.dimensions.map { .integer($0) }),
    ]
  }
}
