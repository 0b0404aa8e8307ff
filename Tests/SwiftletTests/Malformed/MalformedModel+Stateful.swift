import ModelFormat
import Swiftlet
import TestSupport

extension MalformedModel {
  /// SVDF, LSTM, TRANSPOSE_CONV and BATCH_MATMUL.
  static let stateful: [MalformedModel] = filters + lstm + products

  private static let filters: [MalformedModel] = [
    MalformedModel("SVDF rank that does not divide", .prepare(.optionInvalid, .none, "rank"), ValidModels.rankTwoSVDF) {
      $0.setOption(0, .int32(3))
    },
    MalformedModel(
      "SVDF state of another size", .prepare(.shapeMismatch, .input(4), "number of elements"), ValidModels.rankTwoSVDF
    ) { $0.setShape(4, [1, 19]) },
    MalformedModel("SVDF features differ", .prepare(.shapeMismatch, .input(1), "shape"), ValidModels.rankTwoSVDF) {
      $0.setShape(1, [4, 2])
    },
    MalformedModel(
      "CVE-2022-23557 SVDF", .prepare(.shapeMismatch, .input(3), "number of elements"), ValidModels.rankTwoSVDF
    ) { $0.setShape(3, [0]) },
  ]

  private static let lstm: [MalformedModel] = [
    MalformedModel("LSTM state not variable", .prepare(.variableInvalid, .input(18), ""), ValidModels.lstm) {
      $0.subgraphs[0].tensors[13].isVariable = false
      $0.subgraphs[0].inputs.append(13)
    },
    MalformedModel(
      "LSTM cell state of another size", .prepare(.shapeMismatch, .input(19), "number of elements"), ValidModels.lstm
    ) { $0.setShape(14, [1, 3]) },
    MalformedModel(
      "LSTM cell scale not a power of two", .prepare(.quantizationInvalid, .input(19), "scale"), ValidModels.lstm
    ) { $0.setQuantization(14, .perTensor(0.0003, 0)) },
    MalformedModel(
      "LSTM cell scale too coarse", .prepare(.quantizationInvalid, .input(19), "scale"), ValidModels.lstm
    ) { $0.setQuantization(14, .perTensor(1 / 256, 0)) },
    MalformedModel(
      "LSTM without intermediates", .prepare(.quantizationInvalid, .none, "intermediates"), ValidModels.lstm
    ) {
      $0.subgraphs[0].operators[0].intermediates = []
    },
    MalformedModel("LSTM weights of another shape", .prepare(.shapeMismatch, .input(2), "shape"), ValidModels.lstm) {
      $0.setShape(2, [4, 2])
    },
    MalformedModel("LSTM with half an input gate", .prepare(.operandCount, .input(5), ""), ValidModels.lstm) {
      $0.subgraphs[0].operators[0].inputs[1] = -1
    },
    MalformedModel("LSTM with half a peephole", .prepare(.operandCount, .input(9), ""), ValidModels.lstm) {
      $0.subgraphs[0].operators[0].inputs[9] = 9
    },
    MalformedModel("LSTM cell clip negative", .prepare(.optionInvalid, .none, "cell_clip"), ValidModels.lstm) {
      $0.setOption(1, .float(-1))
    },
    MalformedModel("LSTM without a bias", .prepare(.operandMissing, .input(13), ""), ValidModels.lstm) {
      $0.subgraphs[0].operators[0].inputs[13] = -1
    },
    MalformedModel(
      "CVE-2021-37682 LSTM weights", .prepare(.quantizationInvalid, .input(6), "number of scales"), ValidModels.lstm
    ) { $0.setQuantization(6, nil) },
  ]

  private static let products: [MalformedModel] = [
    MalformedModel(
      "CVE-2021-29588 TRANSPOSE_CONV stride 0", .prepare(.optionInvalid, .none, "stride"),
      ValidModels.transposeConvolution
    ) { $0.setOption(2, .int32(0)) },
    MalformedModel(
      "TRANSPOSE_CONV output shape", .prepare(.shapeMismatch, .input(0), "output shape"),
      ValidModels.transposeConvolution
    ) { $0.setValues(0, [1, 8, 4, 3]) },
    MalformedModel(
      "TRANSPOSE_CONV output shape negative", .prepare(.valueInvalid, .input(0), "output shape"),
      ValidModels.transposeConvolution
    ) { $0.setValues(0, [1, -4, 4, 3]) },
    MalformedModel(
      "TRANSPOSE_CONV channels", .prepare(.shapeMismatch, .input(1), "shape"), ValidModels.transposeConvolution
    ) { $0.setShape(2, [1, 2, 2, 2]) },
    MalformedModel(
      "BATCH_MATMUL inner dimension", .prepare(.shapeMismatch, .input(1), "inner dimension"), ValidModels.batchMatMul
    ) { $0.setShape(1, [2, 4]) },
    MalformedModel("BATCH_MATMUL vector", .prepare(.shapeMismatch, .input(0), "rank"), ValidModels.batchMatMul) {
      $0.setShape(0, [3])
    },
  ]
}
