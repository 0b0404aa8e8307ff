import ModelFormat
import Swiftlet

extension ModelInspection {
  var json: JSON {
    [
      "model": .string(file.path), "bytes": .integer(file.model.bytes.count),
      "description": .string(file.model.description), "subgraph": .string(subgraph.name),
      "subgraphs": .integer(file.model.subgraphs.count), "runs": .bool(program != nil),
      "problems": .array(problems.map { .string($0.message) }),
      "signatures": .array(file.model.signatures.map { signature(of: $0) }),
      "metadata": .array(file.model.metadata.map { .string($0.name) }),
      "preprocessing": (try? file.preprocessing()).flatMap { $0 }.map { .string("\($0)") } ?? .null,
      "inputs": .array(subgraph.inputs.map { .integer($0) }), "outputs": .array(subgraph.outputs.map { .integer($0) }),
      "macs": .integer(totalMultiplyAccumulates), "constant_bytes": .integer(constantBytes),
      "operators": .array(operators.map { json(of: $0) }), "tensors": .array(tensors.map { json(of: $0) }),
      "memory": memory,
    ]
  }

  private func signature(of signature: Signature) -> JSON {
    func named(_ tensors: [SignatureTensor]) -> JSON {
      .array(tensors.map { ["name": .string($0.name), "tensor": .integer($0.tensor)] })
    }
    return [
      "key": .string(signature.key), "subgraph": .integer(signature.subgraph), "inputs": named(signature.inputs),
      "outputs": named(signature.outputs),
    ]
  }

  private func json(of operation: InspectedOperator) -> JSON {
    [
      "index": .integer(operation.index), "name": .string(operation.name), "code": .integer(operation.code.builtin),
      "version": .integer(operation.code.version), "inputs": .array(operation.inputs.map { .integer($0) }),
      "outputs": .array(operation.outputs.map { .integer($0) }), "macs": .integer(operation.multiplyAccumulates),
      "is_step": operation.isStep.map { .bool($0) } ?? .null,
      "is_chained": .bool(operation.isChained),
      "problem": operation.problem.map { .string($0) } ?? .null,
    ]
  }

  private func json(of tensor: InspectedTensor) -> JSON {
    [
      "index": .integer(tensor.index), "name": .string(tensor.name), "type": .string("\(tensor.type.name)"),
      "shape": .array(tensor.shape.map { .integer($0) }), "kind": .string(tensor.kind.rawValue),
      "bytes": .integer(tensor.byteCount), "arena_offset": tensor.arenaOffset.map { .integer($0) } ?? .null,
      "quantization": quantization(of: tensor),
    ]
  }

  private func quantization(of tensor: InspectedTensor) -> JSON {
    guard let quantization = tensor.quantization else { return .null }
    return [
      "scales": .array(quantization.scales.map { .number(Double($0)) }),
      "zero_points": .array(quantization.zeroPoints.map { .integer(Int($0)) }),
      "dimension": .integer(quantization.dimension),
      "block_size": quantization.blockwise.map { .integer($0.blockSize) } ?? .null,
    ]
  }

  private var memory: JSON {
    guard let program else { return .null }
    let blocks = program.prepared.plan.blocks.map { block -> JSON in
      [
        "tensors": .array(block.tensors.map { .integer($0) }), "offset": .integer(block.offset),
        "bytes": .integer(block.byteCount), "first": .integer(block.first), "last": .integer(block.last),
      ]
    }
    return [
      "arena_bytes": .integer(program.arenaBytes), "lower_bound_bytes": .integer(program.arenaLowerBoundBytes),
      "variable_bytes": .integer(program.variableBytes), "packed_bytes": .integer(program.packedBytes),
      "blocks": .array(blocks),
    ]
  }
}
