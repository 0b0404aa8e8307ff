internal import ModelFormat

/// Constants that the file stores sparsely.
extension SubgraphPreparation {
  /// Takes a DENSIFY of such a constant out. False when it is another node.
  func expandLater(_ index: Int) -> Bool {
    let node = graph.nodes[index]
    guard Selection.hasSparseTensors, values == nil, node.code.builtin == Self.densify, node.inputs.count == 1,
      node.outputs.count == 1, case .constant(.sparse(let info)) = graph.tensors[node.inputs[0]].storage
    else { return false }
    let output = graph.tensors[node.outputs[0]]
    guard output.type == info.type, !graph.outputs.contains(node.outputs[0]) else { return false }
    output.storage = .constant(.sparse(info))
    node.isRemoved = true
    return true
  }

  private static let densify = 124

  /// All elements of a sparse constant. `nil` when there is no memory for them, or its form is not supported.
  func expand(_ index: Int, _ info: TensorInfo) -> OwnedBytes? {
    guard Selection.hasSparseTensors else { return nil }
    do throws(PrepareError) {
      let bytes = try program.allocate(tensor(index)?.byteCount ?? 0)
      guard unsafe info.expandSparse(into: bytes.base) else {
        program.release(bytes)
        throw PrepareError.sparse(.none)
      }
      graph.tensors[index].storage = .constant(.owned(bytes))
      return bytes
    } catch {
      program.failure = error
      return nil
    }
  }
}
