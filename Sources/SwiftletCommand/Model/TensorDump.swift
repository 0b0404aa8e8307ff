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
    func dump(_ step: Int) {
      guard failure == nil else { return }
      let node = stepNodes[step]
      for tensor in nodes[node].outputs where tensor >= 0 {
        do throws(CommandFailure) {
          guard let bytes = interpreter.tensorBytes(tensor) else { continue }
          var entry = try write(tensor, interpreter, bytes)
          entry.append("node", .integer(node))
          entry.append("operator", .string(program.model.operatorName(nodes[node])))
          index.append(entry)
        } catch {
          failure = error
        }
      }
    }
    do throws(InvokeError) {
      try interpreter.invoke(afterEach: dump)
    } catch {
      throw CommandFailure(error, file: "")
    }
    if let failure { throw failure }
    try FileSystem.write(JSON.array(index).text, to: FileSystem.path(folder, "index.json"))
  }

  private func write(
    _ tensor: Int, _ interpreter: Interpreter, _ bytes: [UInt8]
  ) throws(CommandFailure) -> JSON {
    let description = interpreter.program.prepared.tensors[tensor]
    let shape = interpreter.shape(of: tensor).dimensions
    let array = NPY(type: description.type, shape: shape, bytes: bytes)
    if let contents = try? array.contents() {
      try FileSystem.write(contents, to: FileSystem.path(folder, "\(tensor).npy"))
    }
    return [
      "tensor": .integer(tensor), "name": .string(description.name), "type": .string("\(description.type.name)"),
      "shape": .array(shape.map { .integer($0) }),
    ]
  }
}
