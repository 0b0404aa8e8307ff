import ModelFormat
import Swiftlet
import TestSupport

extension MalformedModel {
  /// Offsets, counts, buffers and quantization parameters as they stand in the file.
  static let file: [MalformedModel] = wire + buffers + quantization

  private static let input = FormatError.Subject.tensor(0, subgraph: 0)
  private static let weights = FormatError.Subject.tensor(1, subgraph: 0)
  private static let operation = FormatError.Subject.operator(0, subgraph: 0)
  private static let scale = "quantization.scale"

  private static let wire: [MalformedModel] = [
    MalformedModel(
      "TF #115308", .format(.outOfBounds, .file, "root"), ValidModels.chain,
      bytes: { _ in
        [0x18, 0, 0, 0, 0x54, 0x46, 0x4C, 0x33]
      }),
    MalformedModel(
      "TF #121217 vector at an odd place", .runs, ValidModels.chain,
      bytes: { model in
        model.build(shapeOf: 0, leadingTo: [2, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0], after: 3)
      }),
    MalformedModel(
      "CVE-2021-29605 shape of 2^30 dimensions", .format(.outOfBounds, input, "shape"), ValidModels.chain,
      bytes: { model in model.build(shapeOf: 0, leadingTo: [0, 0, 0, 0x40], after: 0) }),
    MalformedModel(
      "CVE-2022-23558 shape of 2^32 - 1 dimensions", .format(.outOfBounds, input, "shape"), ValidModels.chain,
      bytes: { model in model.build(shapeOf: 0, leadingTo: [255, 255, 255, 255], after: 0) }),
    MalformedModel("empty file", .format(.tooShort, .file, ""), ValidModels.chain, bytes: { _ in [] }),
    MalformedModel(
      "identifier alone", .format(.outOfBounds, .file, "root"), ValidModels.chain,
      bytes: { _ in
        [8, 0, 0, 0] + Array("TFL3".utf8)
      }),
  ]

  private static let buffers: [MalformedModel] = [
    MalformedModel(
      "TF #116632 Buffer.offset", .format(.outOfBounds, .buffer(1), "offset"), ValidModels.fullyConnected
    ) {
      $0.override(.buffer(1), field: 0, nil)
      $0.override(.buffer(1), field: 1, .uint64(.max - 7))
      $0.override(.buffer(1), field: 2, .uint64(16))
    },
    MalformedModel(
      "TF #116632 large_custom_options_offset", .format(.outOfBounds, operation, "large_custom_options_offset"),
      ValidModels.fullyConnected
    ) {
      $0.override(operation, field: 9, .uint64(.max - 7))
      $0.override(operation, field: 10, .uint64(16))
    },
    MalformedModel(
      "TF #111458 a dimension of INT_MAX", .format(.sizeMismatch, weights, "buffer"), ValidModels.fullyConnected
    ) { $0.override(weights, field: 0, .int32Vector([.max, 3])) },
    MalformedModel(
      "tflm #3761 element count", .format(.shapeOverflow, input, "shape"), ValidModels.chain
    ) { $0.override(input, field: 0, .int32Vector([.max, .max, .max])) },
    MalformedModel(
      "activation of 2^40 bytes", .prepare(.shapeMismatch, .output(0), "number of elements"), ValidModels.chain
    ) { $0.override(input, field: 0, .int32Vector([1 << 19, 1 << 19])) },
    MalformedModel(
      "negative dimension", .format(.invalidValue, input, "shape"), ValidModels.chain
    ) { $0.override(input, field: 0, .int32Vector([-2, -3])) },
    MalformedModel(
      "TF PR #127292 more bytes than elements", .format(.sizeMismatch, weights, "buffer"), ValidModels.fullyConnected
    ) { $0.subgraphs[0].tensors[1].data?.append(0) },
    MalformedModel(
      "buffer smaller than the shape needs", .format(.sizeMismatch, weights, "buffer"), ValidModels.fullyConnected
    ) { $0.subgraphs[0].tensors[1].data?.removeLast() },
    MalformedModel(
      "odd INT4 length", .format(.sizeMismatch, weights, "buffer"), ValidModels.fullyConnected
    ) {
      $0.subgraphs[0].tensors[1].type = .int4
      $0.subgraphs[0].tensors[1].shape = [1, 3]
      $0.subgraphs[0].tensors[1].data = [1]
    },
    MalformedModel(
      "buffer index", .format(.invalidIndex, weights, "buffer"), ValidModels.fullyConnected
    ) { $0.override(weights, field: 2, .uint32(99)) },
    MalformedModel("two tensors with one buffer", .runs, ValidModels.fullyConnected) {
      $0.setShape(2, [2])
      let twin = $0.constant("twin", .int32, [2], [1, 2] as [Int32])
      $0.override(.tensor(twin, subgraph: 0), field: 2, .uint32(2))
    },
    MalformedModel("two buffers with the same bytes", .runs, ValidModels.fullyConnected) {
      for buffer in [1, 3] {
        $0.override(.buffer(buffer), field: 0, nil)
        $0.override(.buffer(buffer), field: 1, .uint64(16))
        $0.override(.buffer(buffer), field: 2, .uint64(6))
      }
      $0.constant("overlapping", .int8, [6], Array(repeating: Int8(0), count: 6))
    },
    MalformedModel(
      "external_buffer", .format(.externalData, weights, "external_buffer"), ValidModels.fullyConnected
    ) {
      $0.override(weights, field: 10, .uint32(1))
    },
    MalformedModel(
      "string offsets", .format(.stringData, .tensor(4, subgraph: 0), "buffer"), ValidModels.fullyConnected
    ) { $0.constant("words", .string, [1], [1, 12, 9000, 0] as [Int32]) },
    MalformedModel(
      "unknown type", .format(.invalidValue, input, "type"), ValidModels.chain
    ) { $0.override(input, field: 1, .uint8(200)) },
  ]

  private static let quantization: [MalformedModel] = [
    MalformedModel("scale 0", .format(.quantization, input, scale), ValidModels.convolution) { $0.setScale(0, 0) },
    MalformedModel("scale NaN", .format(.quantization, input, scale), ValidModels.convolution) { $0.setScale(0, .nan) },
    MalformedModel("scale infinite", .format(.quantization, input, scale), ValidModels.convolution) {
      $0.setScale(0, .infinity)
    },
    MalformedModel("scale negative", .format(.quantization, input, scale), ValidModels.convolution) {
      $0.setScale(0, -0.5)
    },
    MalformedModel(
      "product of scales infinite", .prepare(.quantizationInvalid, .input(1), "scale"), ValidModels.convolution
    ) {
      $0.setScale(0, 1e38)
      $0.setScale(3, 1e-38)
    },
    MalformedModel(
      "zero point outside int8", .format(.quantization, input, "quantization.zero_point"), ValidModels.convolution
    ) { $0.setQuantization(0, .perTensor(0.5, 200)) },
    MalformedModel(
      "zero point beyond 32 bits", .format(.quantization, input, "quantization.zero_point"), ValidModels.convolution
    ) { $0.setQuantization(0, .perTensor(0.5, .min)) },
    MalformedModel(
      "scales that are not the channels", .format(.quantization, weights, scale), ValidModels.convolution
    ) { $0.setQuantization(1, .perChannel([0.5, 0.5, 0.5], dimension: 0)) },
    MalformedModel(
      "quantized_dimension beyond the rank", .format(.quantization, weights, "quantization.quantized_dimension"),
      ValidModels.convolution
    ) { $0.setQuantization(1, .perChannel([0.5, 0.5], dimension: 4)) },
    MalformedModel(
      "weights quantized along their input channels",
      .prepare(.quantizationInvalid, .input(1), "quantized dimension"), ValidModels.convolution
    ) { $0.setQuantization(1, .perChannel([0.5, 0.5], dimension: 3)) },
    MalformedModel(
      "CVE-2021-37682 CONV_2D", .prepare(.quantizationInvalid, .input(0), "number of scales"), ValidModels.convolution
    ) { $0.setQuantization(0, nil) },
    MalformedModel(
      "CVE-2021-37682 weights", .prepare(.quantizationInvalid, .input(1), "quantization"), ValidModels.convolution
    ) { $0.setQuantization(1, nil) },
    MalformedModel(
      "CVE-2021-37682 FULLY_CONNECTED", .prepare(.quantizationInvalid, .output(0), "number of scales"),
      ValidModels.fullyConnected
    ) { $0.setQuantization(3, nil) },
    MalformedModel(
      "CVE-2021-37682 AVERAGE_POOL_2D", .prepare(.quantizationInvalid, .input(0), "number of scales"),
      ValidModels.averagePool
    ) { $0.setQuantization(0, nil) },
    MalformedModel(
      "CVE-2021-37682 SOFTMAX", .prepare(.quantizationInvalid, .input(0), "number of scales"),
      ValidModels.quantizedSoftmax
    ) { $0.setQuantization(0, nil) },
    MalformedModel(
      "abort elsewhere: scale of an ADD input emptied", .prepare(.quantizationInvalid, .input(0), "number of scales"),
      { ValidModels.binary(0, .int8) }
    ) { $0.override(input, in: [4], field: 2, .floatVector([])) },
    MalformedModel(
      "abort elsewhere: quantization of an ADD input removed",
      .prepare(.quantizationInvalid, .input(1), "number of scales"), { ValidModels.binary(0, .int8) }
    ) { $0.setQuantization(1, nil) },
    MalformedModel(
      "ratio of scales beyond float32", .runs,
      { ValidModels.operation(2, .uint8, [[2, 3], [2, 3]], [4, 3], OptionsSpec(10, [0: .int32(0)])) }
    ) { $0.setQuantization(0, .perTensor(0.25, 3)) },
    MalformedModel(
      "CONCATENATION whose conversion overflows", .prepare(.quantizationInvalid, .output(0), "scale"),
      { ValidModels.operation(2, .uint8, [[2, 3], [2, 3]], [4, 3], OptionsSpec(10, [0: .int32(0)])) }
    ) {
      $0.setQuantization(0, .perTensor(2e37, 255))
      $0.setQuantization(2, .perTensor(0.5, 0))
    },
  ]
}
