import ModelFormat
import Swiftlet
import TestSupport

extension MalformedModel {
  /// int16 activations with int8 weights, weights of four bits, and weights quantized by blocks.
  static let types: [MalformedModel] = wide + small + blocks

  private static let wide: [MalformedModel] = [
    MalformedModel(
      "float bias of an int16 layer", .prepare(.typeUnsupported, .input(2), ""), { ValidModels.wideFullyConnected() }
    ) { $0.subgraphs[0].tensors[2].type = .float64 },
    MalformedModel(
      "int64 bias declared as int32", .prepare(.typeMismatch, .input(2), ""), { ValidModels.wideFullyConnected() }
    ) { $0.setOption(4, .int8(2)) },
    MalformedModel(
      "int64 bias of an int8 layer", .prepare(.typeUnsupported, .input(2), ""), { ValidModels.fullyConnected() }
    ) {
      $0.subgraphs[0].tensors[2].type = .int64
      $0.subgraphs[0].tensors[2].data = [UInt8](repeating: 0, count: 16)
    },
    MalformedModel(
      "zero point of int16 activations", .prepare(.quantizationInvalid, .input(0), "zero point"),
      { ValidModels.wideFullyConnected() }
    ) { $0.setQuantization(0, .perTensor(0.5, 3)) },
    MalformedModel(
      "zero point of an int16 output", .prepare(.quantizationInvalid, .output(0), "zero point"),
      { ValidModels.wideFullyConnected() }
    ) { $0.setQuantization(3, .perTensor(0.5, 3)) },
    MalformedModel(
      "int16 weights", .prepare(.typeUnsupported, .input(1), ""), { ValidModels.wideFullyConnected() }
    ) {
      $0.subgraphs[0].tensors[1].type = .int16
      $0.subgraphs[0].tensors[1].data = [UInt8](repeating: 0, count: 12)
    },
    MalformedModel("biases beyond 48 bits", .runs, { ValidModels.wideFullyConnected() }) {
      $0.subgraphs[0].tensors[2].data =
        [UInt8](repeating: 255, count: 7) + [127] + [UInt8](repeating: 0, count: 7) + [128]
    },
  ]

  private static let small: [MalformedModel] = [
    MalformedModel(
      "int4 weights one byte short", .format(.sizeMismatch, .tensor(1, subgraph: 0), "buffer"),
      { ValidModels.smallFullyConnected() }
    ) { $0.subgraphs[0].tensors[1].data?.removeLast() },
    MalformedModel(
      "three scales for two channels of int4", .format(.quantization, .tensor(1, subgraph: 0), "quantization.scale"),
      { ValidModels.smallFullyConnected() }
    ) { $0.setQuantization(1, .perChannel([1, 1, 1], dimension: 0)) },
    MalformedModel(
      "scales for the depth of int4 weights", .prepare(.quantizationInvalid, .input(1), "number of scales"),
      { ValidModels.smallFullyConnected() }
    ) { $0.setQuantization(1, .perChannel([1, 1, 1], dimension: 1)) },
    MalformedModel(
      "zero point of int4 weights", .prepare(.quantizationInvalid, .input(1), "zero point"),
      { ValidModels.smallFullyConnected() }
    ) { $0.setQuantization(1, .perTensor(0.5, 1)) },
  ]

  private static let blocks: [MalformedModel] = [
    MalformedModel(
      "blocks that do not divide a row", .prepare(.quantizationInvalid, .input(1), "block size"),
      { ValidModels.blockwise() }
    ) { $0.setBlocks(scales: 3, zeroPoints: -1, size: 12) },
    MalformedModel(
      "blocks of odd size", .prepare(.quantizationInvalid, .input(1), "block size"), { ValidModels.blockwise() }
    ) { $0.setBlocks(scales: 3, zeroPoints: -1, size: 2) },
    MalformedModel(
      "zero points of blocks", .prepare(.quantizationInvalid, .input(1), "zero points of blocks"),
      { ValidModels.blockwise() }
    ) { $0.setBlocks(scales: 3, zeroPoints: 3, size: 4) },
    MalformedModel(
      "too few scales of blocks", .prepare(.quantizationInvalid, .input(1), "number of scales"),
      { ValidModels.blockwise() }
    ) { $0.setShape(3, [2, 1]) },
    MalformedModel(
      "weights as their own scales", .prepare(.quantizationInvalid, .input(1), "scales of blocks"),
      { ValidModels.blockwise() }
    ) { $0.setBlocks(scales: 1, zeroPoints: -1, size: 4) },
    MalformedModel(
      "scales of blocks that are zero", .prepare(.quantizationInvalid, .input(1), "scales of blocks"),
      { ValidModels.blockwise() }
    ) { $0.setShape(3, [2, 2]) },
  ]
}
