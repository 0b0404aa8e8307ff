import ModelFormat
import Swiftlet
import TestSupport

extension MalformedModel {
  /// Operators that move elements, whose constants say where to.
  static let movement: [MalformedModel] = axes + boxes + indices + sizes + blocks

  private static let axes: [MalformedModel] = [
    MalformedModel(
      "CVE-2020-15207 CONCATENATION", .prepare(.optionInvalid, .none, "axis"), ValidModels.concatenation
    ) { $0.setOption(0, .int32(-3)) },
    MalformedModel(
      "CVE-2020-15207 MEAN", .prepare(.valueInvalid, .input(1), "axis"), ValidModels.mean
    ) { $0.setValues(1, [-3]) },
    MalformedModel(
      "CVE-2021-29603 ARG_MAX", .prepare(.valueInvalid, .input(1), "axis"), ValidModels.argMax
    ) { $0.setValues(1, [2]) },
    MalformedModel(
      "CVE-2021-29603 ARG_MAX far below", .prepare(.valueInvalid, .input(1), "axis"), ValidModels.argMax
    ) { $0.setValues(1, [.min]) },
    MalformedModel(
      "CVE-2021-29603 ARG_MIN", .prepare(.valueInvalid, .input(1), "axis"), ValidModels.argMax
    ) {
      $0.subgraphs[0].operators[0].builtin = 79
      $0.setValues(1, [-3])
    },
    MalformedModel(
      "CVE-2021-37685 EXPAND_DIMS", .prepare(.valueInvalid, .input(1), "axis"), ValidModels.expandDims
    ) { $0.setValues(1, [-100_000]) },
    MalformedModel(
      "CVE-2021-29606 SPLIT_V", .prepare(.valueInvalid, .input(2), "axis"), ValidModels.splitV
    ) { $0.setValues(2, [-7]) },
    MalformedModel(
      "CVE-2021-29599 SPLIT into nothing", .prepare(.optionInvalid, .none, "num_splits"), ValidModels.split
    ) { $0.setOption(0, .int32(0)) },
    MalformedModel(
      "CVE-2021-29599 SPLIT without outputs", .prepare(.operandCount, .none, "number of outputs"), ValidModels.split
    ) {
      $0.subgraphs[0].operators[0].outputs = []
      $0.subgraphs[0].outputs = []
    },
    MalformedModel(
      "SPLIT_V sizes beyond the dimension", .prepare(.valueInvalid, .input(1), "sum of the sizes"), ValidModels.splitV
    ) { $0.setValues(1, [3, .max]) },
    MalformedModel(
      "TF PR #127292 TRANSPOSE", .prepare(.valueInvalid, .input(1), "permutation"), ValidModels.transpose
    ) { $0.setValues(1, [2, 0]) },
    MalformedModel(
      "TRANSPOSE twice the same", .prepare(.valueInvalid, .input(1), "permutation"), ValidModels.transpose
    ) { $0.setValues(1, [1, 1]) },
    MalformedModel(
      "SQUEEZE of a dimension of 3", .prepare(.shapeMismatch, .input(0), "squeezed dimension"), ValidModels.squeeze
    ) { $0.setOption(0, .int32Vector([1])) },
    MalformedModel(
      "PACK of another count", .prepare(.optionInvalid, .none, "values_count"), ValidModels.pack
    ) { $0.setOption(0, .int32(1 << 30)) },
  ]

  private static let boxes: [MalformedModel] = [
    MalformedModel(
      "CVE-2021-37686 ellipsis with a negative end", .runs, ValidModels.stridedSlice
    ) {
      $0.setOption(2, .int32(1))
      $0.setValues(2, [-10, 2])
    },
    MalformedModel(
      "STRIDED_SLICE two ellipses", .prepare(.optionInvalid, .none, "ellipsis_mask"), ValidModels.stridedSlice
    ) { $0.setOption(2, .int32(3)) },
    MalformedModel(
      "STRIDED_SLICE stride 0", .prepare(.valueInvalid, .input(3), "stride"), ValidModels.stridedSlice
    ) { $0.setValues(3, [0, 1]) },
    MalformedModel(
      "STRIDED_SLICE shrinks beyond the end", .prepare(.valueInvalid, .input(1), "begin"), ValidModels.stridedSlice
    ) {
      $0.setOption(4, .int32(1))
      $0.setValues(1, [.max, 0])
    },
    MalformedModel(
      "STRIDED_SLICE more bounds than dimensions",
      .prepare(.shapeMismatch, .input(1), "number of sliced dimensions"), ValidModels.stridedSlice
    ) { for index in 1...3 { $0.setValues(index, [0, 1, 1]) } },
    MalformedModel(
      "SLICE beyond the end", .prepare(.valueInvalid, .input(2), "size"), ValidModels.slice
    ) { $0.setValues(2, [4]) },
    MalformedModel(
      "SLICE before the start", .prepare(.valueInvalid, .input(1), "begin"), ValidModels.slice
    ) { $0.setValues(1, [-1]) },
    MalformedModel(
      "PAD by less than nothing", .prepare(.valueInvalid, .input(1), "padding"), ValidModels.pad
    ) { $0.setValues(1, [-2, 1, 0, 0]) },
    MalformedModel(
      "PAD of another rank", .prepare(.shapeMismatch, .input(1), ""), ValidModels.pad
    ) { $0.setShape(1, [3, 2]) },
    MalformedModel(
      "MIRROR_PAD wider than the input", .prepare(.valueInvalid, .input(1), "padding"), ValidModels.mirrorPad
    ) { $0.setValues(1, [2, 0, 0, 0]) },
  ]

  private static let indices: [MalformedModel] = [
    MalformedModel(
      "CVE-2021-37687 GATHER", .prepare(.valueInvalid, .input(1), "index"), ValidModels.gather
    ) { $0.setValues(1, [0, -1]) },
    MalformedModel(
      "GATHER behind the end", .prepare(.valueInvalid, .input(1), "index"), ValidModels.gather
    ) { $0.setValues(1, [0, 4]) },
    MalformedModel(
      "CVE-2021-37687 GATHER_ND", .prepare(.valueInvalid, .input(1), "index"), ValidModels.gatherND
    ) { $0.setValues(1, [0, -1]) },
    MalformedModel(
      "CVE-2021-29589 GATHER_ND", .prepare(.valueInvalid, .input(1), "index"), ValidModels.gatherND
    ) { $0.setShape(0, [0, 2]) },
    MalformedModel(
      "CVE-2020-15212 SEGMENT_SUM negative", .prepare(.valueInvalid, .input(1), "segment id"), ValidModels.segmentSum
    ) { $0.setValues(1, [-1, 0, 2]) },
    MalformedModel(
      "CVE-2020-15214 SEGMENT_SUM unsorted", .prepare(.valueInvalid, .input(1), "segment id"), ValidModels.segmentSum
    ) { $0.setValues(1, [0, 2, 1]) },
    MalformedModel(
      "CVE-2020-15213 SEGMENT_SUM huge", .prepare(.valueInvalid, .input(1), "number of segments"),
      ValidModels.segmentSum
    ) { $0.setValues(1, [0, 0, .max]) },
    MalformedModel(
      "GATHER_ND tuples longer than the rank", .prepare(.shapeMismatch, .input(1), "last dimension"),
      ValidModels.gatherND
    ) { $0.setShape(1, [2, 3]) },
    MalformedModel(
      "GATHER more batch dimensions than indices", .prepare(.optionInvalid, .none, "batch_dims"), ValidModels.gather
    ) { $0.setOption(1, .int32(7)) },
  ]

  private static let sizes: [MalformedModel] = [
    MalformedModel(
      "CVE-2020-15208 CONCATENATION", .prepare(.shapeMismatch, .input(1), ""), ValidModels.concatenation
    ) { $0.setShape(1, [2, 4]) },
    MalformedModel(
      "CVE-2021-29601", .prepare(.shapeUnsupported, .output(0), "concatenated dimension"), ValidModels.concatenation
    ) {
      $0.setShape(0, [1 << 30, 3])
      $0.setShape(1, [1 << 30, 3])
    },
    MalformedModel(
      "TF #124982 RESHAPE to more elements", .prepare(.shapeMismatch, .output(0), "number of elements"),
      ValidModels.reshape
    ) { $0.setValues(1, [3, 2, 5, 7, 9]) },
    MalformedModel(
      "TF #124982 RESHAPE to rank 9", .prepare(.valueInvalid, .input(1), "new shape"), ValidModels.reshape
    ) { $0.setValues(1, [6, 1, 1, 1, 1, 1, 1, 1, 1]) },
    MalformedModel(
      "CVE-2021-29592 shape without a buffer", .format(.readBeforeWritten, operation, "inputs"), ValidModels.reshape
    ) { $0.override(.tensor(1, subgraph: 0), field: 2, nil) },
    MalformedModel(
      "RESHAPE with two unknowns", .prepare(.shapeMismatch, .input(1), "new shape"), ValidModels.reshape
    ) { $0.setValues(1, [-1, -1]) },
    MalformedModel(
      "RESHAPE whose product overflows", .prepare(.valueInvalid, .input(1), "new shape"), ValidModels.reshape
    ) { $0.setValues(1, [.max, .max, .max]) },
    MalformedModel(
      "RESIZE_BILINEAR to nothing", .prepare(.valueInvalid, .input(1), "size"), ValidModels.resize
    ) { $0.setValues(1, [0, 4]) },
    MalformedModel(
      "BROADCAST_TO another shape", .prepare(.shapeMismatch, .input(1), "shape"), ValidModels.broadcastTo
    ) { $0.setValues(1, [2, 4]) },
    MalformedModel(
      "TILE less than nothing", .prepare(.valueInvalid, .input(1), "multiple"), ValidModels.tile
    ) { $0.setValues(1, [-2, 1]) },
    MalformedModel("CVE-2021-37689 sum over no axis", .runs, ValidModels.sum) { $0.setShape(1, [0]) },
  ]

  private static let blocks: [MalformedModel] = [
    MalformedModel(
      "CVE-2021-29587", .prepare(.optionInvalid, .none, "block_size"), ValidModels.spaceToDepth
    ) { $0.setOption(0, .int32(0)) },
    MalformedModel(
      "CVE-2021-29595", .prepare(.optionInvalid, .none, "block_size"), ValidModels.depthToSpace
    ) { $0.setOption(0, .int32(0)) },
    MalformedModel(
      "DEPTH_TO_SPACE block 2^30", .prepare(.optionInvalid, .none, "block_size"), ValidModels.depthToSpace
    ) { $0.setOption(0, .int32(1 << 30)) },
    MalformedModel(
      "CVE-2021-29593", .prepare(.valueInvalid, .input(1), "block size"), ValidModels.batchToSpace
    ) { $0.setValues(1, [0, 2]) },
    MalformedModel(
      "CVE-2021-29597", .prepare(.valueInvalid, .input(1), "block size"), ValidModels.spaceToBatch
    ) { $0.setValues(1, [2, 0]) },
    MalformedModel(
      "TF PR #127292 crops 2x1", .prepare(.shapeMismatch, .input(2), ""), ValidModels.batchToSpace
    ) { $0.setShape(2, [2, 1]) },
    MalformedModel(
      "crops wider than the result", .prepare(.valueInvalid, .input(2), "crop"), ValidModels.batchToSpace
    ) { $0.setValues(2, [.max, .max, 0, 0]) },
    MalformedModel("CVE-2021-29600", .runs, ValidModels.oneHot) { $0.setShape(0, [0]) },
    MalformedModel(
      "ONE_HOT of negative depth", .prepare(.valueInvalid, .input(1), "depth"), ValidModels.oneHot
    ) { $0.setValues(1, [-1]) },
    MalformedModel(
      "CVE-2021-29596 table without rows", .prepare(.valueInvalid, .input(0), "index"), ValidModels.embeddingLookup
    ) { $0.setShape(1, [0, 2]) },
    MalformedModel(
      "SCATTER_ND outside", .prepare(.valueInvalid, .input(0), "index"), ValidModels.scatterND
    ) { $0.setValues(0, [0, -5]) },
    MalformedModel(
      "SCATTER_ND of another shape", .prepare(.shapeMismatch, .input(1), ""), ValidModels.scatterND
    ) { $0.setShape(1, [3]) },
  ]

  private static let operation = FormatError.Subject.operator(0, subgraph: 0)
}
