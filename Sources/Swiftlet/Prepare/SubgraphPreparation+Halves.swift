internal import CKernels
internal import ModelFormat

/// Constants that stand as float16 in the file and go through DEQUANTIZE: weights are widened one at a time while they are
/// packed, others when somebody reads them.
extension SubgraphPreparation {
  /// Takes a node out that widens float16 of the file. False when it is another node.
  func widenLater(_ index: Int) -> Bool {
    let node = graph.nodes[index]
    guard Selection.hasFloatLayers, values == nil, node.code.builtin == Self.dequantize, node.inputs.count == 1,
      node.outputs.count == 1, case .constant(.file(let range)) = graph.tensors[node.inputs[0]].storage,
      graph.tensors[node.inputs[0]].type == .float16
    else { return false }
    let output = graph.tensors[node.outputs[0]]
    guard output.type == .float32, output.shape?.elementCount == range.count / 2,
      !graph.outputs.contains(node.outputs[0])
    else { return false }
    output.storage = .constant(.halves(range))
    output.halvesBuffer = graph.tensors[node.inputs[0]].info.buffer
    node.isRemoved = true
    return true
  }

  private static let dequantize = 6

  /// The float32 numbers of a constant that stands as float16 in the file. `nil` when there is no memory for them.
  func widen(_ index: Int, _ range: Range<Int>) -> OwnedBytes? {
    guard Selection.hasFloatLayers else { return nil }
    do throws(PrepareError) {
      let bytes = try program.allocate(2 * range.count)
      unsafe swl_f16_to_f32(
        program.options.isa.value, model.bytes.base + range.lowerBound,
        bytes.base.assumingMemoryBound(to: Float.self), range.count / 2)
      graph.tensors[index].storage = .constant(.owned(bytes))
      return bytes
    } catch {
      program.failure = error
      return nil
    }
  }
}

extension Node {
  /// The float16 numbers of a constant that has not been widened; `nil` for other tensors.
  func halves(_ tensor: Tensor) -> ConstantView<UInt8>? {
    guard !preparation.isFolding,
      case .constant(.halves(let range)) = preparation.graph.tensors[tensor.index].storage
    else { return nil }
    return unsafe ConstantView(model.bytes.base + range.lowerBound, count: range.count)
  }

  /// Memory of `byteCount` bytes for the time in which weights are packed, the same for all of them.
  func packingBuffer(_ byteCount: Int) throws(PrepareError) -> PackingBuffer {
    try preparation.program.growPackingBuffer(to: byteCount)
    return preparation.program.packingBuffer
  }
}
