import ModelFormat
import Swiftlet
import TestSupport

extension MalformedModel {
  /// Convolutions, pooling, FULLY_CONNECTED and SOFTMAX.
  static let windows: [MalformedModel] = convolutions + depthwise + fullyConnected + pooling + softmax + recurrent

  private static let convolutions: [MalformedModel] = [
    MalformedModel(
      "CVE-2021-29585 stride_h 0", .prepare(.optionInvalid, .none, "stride"), ValidModels.convolution
    ) { $0.setOption(2, .int32(0)) },
    MalformedModel(
      "CVE-2021-29594 stride_w 0", .prepare(.optionInvalid, .none, "stride"), ValidModels.convolution
    ) { $0.setOption(1, .int32(0)) },
    MalformedModel(
      "CVE-2022-21741 stride_w negative", .prepare(.optionInvalid, .none, "stride"), ValidModels.convolution
    ) { $0.setOption(1, .int32(-2)) },
    MalformedModel(
      "CVE-2021-29594 dilation 0", .prepare(.optionInvalid, .none, "dilation"), ValidModels.convolution
    ) { $0.setOption(4, .int32(0)) },
    MalformedModel(
      "accepted elsewhere: dilation 2^30", .prepare(.shapeUnsupported, .none, "window extent"), ValidModels.convolution
    ) { $0.setOption(4, .int32(1 << 30)) },
    MalformedModel(
      "CVE-2023-27579 no input channels in the filter", .prepare(.shapeMismatch, .input(1), "input channels"),
      ValidModels.convolution
    ) { $0.setShape(1, [2, 3, 3, 0]) },
    MalformedModel(
      "no filters", .prepare(.shapeMismatch, .input(1), "output channels"), ValidModels.convolution
    ) {
      $0.setShape(1, [0, 3, 3, 2])
      $0.setQuantization(1, ValidModels.quantization)
    },
    MalformedModel(
      "CVE-2022-23557 bias without elements", .prepare(.shapeMismatch, .input(2), "number of elements"),
      ValidModels.convolution
    ) {
      $0.setShape(2, [0])
      $0.setQuantization(2, nil)
    },
    MalformedModel(
      "CVE-2020-15208 bias of another length", .prepare(.shapeMismatch, .input(2), "number of elements"),
      ValidModels.convolution
    ) {
      $0.setShape(2, [3])
      $0.setQuantization(2, nil)
    },
    MalformedModel(
      "CVE-2020-15208 input channels", .prepare(.shapeMismatch, .input(1), "input channels"), ValidModels.convolution
    ) { $0.setShape(0, [1, 4, 4, 3]) },
    MalformedModel(
      "window of height 0", .prepare(.optionInvalid, .none, "window size"), ValidModels.convolution
    ) { $0.setShape(1, [2, 0, 3, 2]) },
    MalformedModel(
      "accepted elsewhere: weights relabelled INT4", .format(.sizeMismatch, .tensor(1, subgraph: 0), "buffer"),
      ValidModels.convolution
    ) { $0.override(.tensor(1, subgraph: 0), field: 1, .uint8(ElementType.int4.rawValue)) },
    MalformedModel(
      "input of rank 3", .prepare(.shapeMismatch, .input(0), "rank"), ValidModels.convolution
    ) { $0.setShape(0, [4, 4, 2]) },
  ]

  private static let depthwise: [MalformedModel] = [
    MalformedModel(
      "CVE-2021-29602 input without channels", .prepare(.shapeMismatch, .input(1), "output channels"),
      ValidModels.depthwise
    ) { $0.setShape(0, [1, 4, 4, 0]) },
    MalformedModel(
      "CVE-2021-29594 depthwise stride_h 0", .prepare(.optionInvalid, .none, "stride"), ValidModels.depthwise
    ) { $0.setOption(2, .int32(0)) },
    MalformedModel(
      "CVE-2021-29594 depthwise dilation 0", .prepare(.optionInvalid, .none, "dilation"), ValidModels.depthwise
    ) { $0.setOption(6, .int32(0)) },
    MalformedModel(
      "accepted elsewhere: depth_multiplier 0", .prepare(.optionInvalid, .none, "depth_multiplier"),
      ValidModels.depthwise
    ) { $0.setOption(3, .int32(0)) },
    MalformedModel(
      "accepted elsewhere: depth_multiplier 7", .prepare(.optionInvalid, .none, "depth_multiplier"),
      ValidModels.depthwise
    ) { $0.setOption(3, .int32(7)) },
    MalformedModel(
      "depthwise weights with a batch", .prepare(.shapeMismatch, .input(1), "first dimension"), ValidModels.depthwise
    ) { $0.setShape(1, [2, 3, 3, 2]) },
  ]

  private static let fullyConnected: [MalformedModel] = [
    MalformedModel(
      "CVE-2021-37680 weights dimension 0", .prepare(.shapeMismatch, .input(0), "number of elements"),
      ValidModels.fullyConnected
    ) { $0.setShape(1, [2, 0]) },
    MalformedModel(
      "accepted elsewhere: weights of shape [0,0]", .prepare(.shapeMismatch, .input(0), "number of elements"),
      ValidModels.fullyConnected
    ) { $0.setShape(1, [0, 0]) },
    MalformedModel(
      "CVE-2020-15208 depth", .prepare(.shapeMismatch, .input(0), "number of elements"), ValidModels.fullyConnected
    ) { $0.setShape(0, [1, 4]) },
    MalformedModel(
      "CVE-2022-23557 FULLY_CONNECTED", .prepare(.shapeMismatch, .input(2), "number of elements"),
      ValidModels.fullyConnected
    ) { $0.setShape(2, [0]) },
    MalformedModel(
      "CVE-2020-15211 input -1", .prepare(.operandMissing, .input(0), ""), ValidModels.fullyConnected
    ) { $0.subgraphs[0].operators[0].inputs[0] = -1 },
    MalformedModel(
      "TF PR #127292 weights -1", .prepare(.operandMissing, .input(1), ""), ValidModels.fullyConnected
    ) { $0.subgraphs[0].operators[0].inputs[1] = -1 },
    MalformedModel(
      "CVE-2022-23561 sparse weights", .runs, ValidModels.fullyConnected
    ) { $0.makeSparse(1, indices: [0, 1, 2, 0]) },
    MalformedModel(
      "CVE-2022-23560 indices beyond the dimension",
      .format(.sparsity, .tensor(1, subgraph: 0), "sparsity.array_indices"), ValidModels.fullyConnected
    ) { $0.makeSparse(1, indices: [0, 1, 9, 0]) },
    MalformedModel(
      "CVE-2022-23560 segments beyond the indices",
      .format(.sparsity, .tensor(1, subgraph: 0), "sparsity.array_segments"), ValidModels.fullyConnected
    ) { $0.makeSparse(1, segments: [0, 3, 90], indices: [0, 1, 2, 0]) },
    MalformedModel(
      "CVE-2022-23560 traversal order twice the same",
      .format(.sparsity, .tensor(1, subgraph: 0), "sparsity.traversal_order"), ValidModels.fullyConnected
    ) { $0.makeSparse(1, order: [1, 1], indices: [0, 1, 2, 0]) },
    MalformedModel(
      "unknown fused activation", .format(.invalidValue, operation, "builtin_options.fused_activation_function"),
      ValidModels.fullyConnected
    ) { $0.setOption(0, .int8(77)) },
  ]

  private static let operation = FormatError.Subject.operator(0, subgraph: 0)

  private static let pooling: [MalformedModel] = [
    MalformedModel(
      "CVE-2021-29586 stride_h 0", .prepare(.optionInvalid, .none, "stride"), ValidModels.averagePool
    ) { $0.setOption(2, .int32(0)) },
    MalformedModel(
      "CVE-2021-29586 stride_w 0", .prepare(.optionInvalid, .none, "stride"), ValidModels.maxPool
    ) { $0.setOption(1, .int32(0)) },
    MalformedModel(
      "CVE-2021-37684 pool divisor 0", .prepare(.optionInvalid, .none, "window size"), ValidModels.averagePool
    ) { $0.setOption(4, .int32(0)) },
    MalformedModel(
      "accepted elsewhere: filter 0", .prepare(.optionInvalid, .none, "window size"), ValidModels.averagePool
    ) { $0.setOption(3, .int32(0)) },
    MalformedModel(
      "accepted elsewhere: filter 2^30", .prepare(.optionInvalid, .none, "filter_width"), ValidModels.averagePool
    ) { $0.setOption(3, .int32(1 << 30)) },
    MalformedModel(
      "sum of a window beyond 32 bits", .prepare(.shapeUnsupported, .none, "elements of a window"),
      {
        let options = OptionsSpec(5, [0: .int8(1), 1: .int32(1), 2: .int32(1), 3: .int32(2), 4: .int32(400)])
        var model = ValidModels.unary(1, .int16, [1, 400, 400, 1], [1, 1, 399, 1], options)
        for index in 0..<2 { model.setQuantization(index, ValidModels.quantization) }
        return model
      }
    ) { $0.setOption(3, .int32(400)) },
    MalformedModel(
      "unknown padding", .format(.invalidValue, operation, "builtin_options.padding"), ValidModels.averagePool
    ) { $0.setOption(0, .int8(5)) },
  ]

  private static let recurrent: [MalformedModel] = [
    MalformedModel("CVE-2021-29598", .prepare(.optionInvalid, .none, "rank"), ValidModels.svdf) {
      $0.setOption(0, .int32(0))
    },
    MalformedModel("CVE-2021-37681 no variable", .prepare(.variableInvalid, .input(4), ""), ValidModels.svdf) {
      $0.subgraphs[0].tensors[3].isVariable = false
      $0.subgraphs[0].inputs.append(3)
    },
    MalformedModel("CVE-2021-37681 no state", .prepare(.operandMissing, .input(4), ""), ValidModels.svdf) {
      $0.subgraphs[0].operators[0].inputs[4] = -1
    },
  ]

  private static let softmax: [MalformedModel] = [
    MalformedModel(
      "accepted elsewhere: beta 1e38", .prepare(.optionInvalid, .none, "beta"), ValidModels.softmax
    ) { $0.setOption(0, .float(1e38)) },
    MalformedModel(
      "beta NaN", .format(.invalidValue, operation, "builtin_options.beta"), ValidModels.softmax
    ) { $0.setOption(0, .float(.nan)) },
    MalformedModel(
      "beta infinite", .prepare(.optionInvalid, .none, "beta"), ValidModels.quantizedSoftmax
    ) { $0.setOption(0, .float(.infinity)) },
  ]
}

extension ModelBuilder {
  /// Stores the constant matrix `index` as compressed rows with as many elements as there are indices.
  fileprivate mutating func makeSparse(
    _ index: Int, order: [Int32] = [0, 1], segments: [Int32] = [0, 3, 4], indices: [UInt16]
  ) {
    let levels = [
      TableSpec([0: .int8(0), 1: .int32(2)]),
      TableSpec([
        0: .int8(1), 2: .uint8(1), 3: .table(TableSpec([0: .int32Vector(segments)])), 4: .uint8(2),
        5: .table(TableSpec([0: .uint16Vector(indices)])),
      ]),
    ]
    subgraphs[0].tensors[index].data = Array(repeating: 1, count: indices.count)
    override(
      .tensor(index, subgraph: 0), field: 6,
      .table(TableSpec([0: .int32Vector(order), 2: .tableVector(levels)])))
  }
}
