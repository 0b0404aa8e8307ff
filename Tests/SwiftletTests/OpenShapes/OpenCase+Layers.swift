import ModelFormat
import TestSupport

@testable import Swiftlet

extension OpenCase {
  private static let f = ElementType.float32
  private static let eighth = QuantizationSpec.perTensor(0.125, 3)
  private static let two = QuantizationSpec.perTensor(2, 0)
  private static let sides = [11, 9]

  /// Weights of int8 without a zero point, one scale for all or one for each index of `dimension`.
  private static func weights(_ shape: [Int], _ type: ElementType = .int8, perChannel dimension: Int? = nil)
    -> OpenOperand
  {
    let count = shape.reduce(1, *)
    let scales = dimension.map { (0..<shape[$0]).map { Float($0 % 3 + 1) / 16 } } ?? [0.0625]
    return .closed(
      .constant(
        type, shape, (0..<count).map { Double($0 * 37 % 101 - 50) }, .perChannel(scales, dimension: dimension ?? 0)))
  }

  private static let biases = OpenOperand.closed(.constant(.int32, [5], [9, -9, 40, 0, 7]))

  private static func conv(
    _ name: String, _ data: OpenOperand, _ weights: OpenOperand, _ output: ElementType, stride: Int = 1,
    padding: Int8 = 0, _ quantization: QuantizationSpec? = nil, bias: OpenOperand? = nil
  ) -> OpenCase {
    OpenCase(
      "CONV_2D \(name)", 3, [data, weights] + (bias.map { [$0] } ?? []), [output], largest: [12, 11],
      least: [0: 3, 1: 3],
      options: [0: .int8(padding), 1: .int32(Int32(stride)), 2: .int32(Int32(stride))], quantization: quantization)
  }

  private static func depthwise(
    _ name: String, _ data: OpenOperand, _ weights: OpenOperand, _ output: ElementType, stride: Int = 1,
    _ quantization: QuantizationSpec? = nil
  ) -> OpenCase {
    OpenCase(
      "DEPTHWISE_CONV_2D \(name)", 4, [data, weights], [output], largest: sides,
      options: [0: .int8(0), 1: .int32(Int32(stride)), 2: .int32(Int32(stride)), 3: .int32(1)],
      quantization: quantization)
  }

  private static let convolutions: [OpenCase] = [
    conv("float32", .open(f, 1, .a, .b, 4), .constant([5, 3, 3, 4]), f, bias: .constant([5])),
    conv("float32 with stride", .open(f, 1, .a, .b, 4), .constant([5, 3, 3, 4]), f, stride: 2),
    conv("float32 1x1", .open(f, 1, .a, .b, 4), .constant([5, 1, 1, 4]), f),
    conv(
      "float32 with computed weights", .open(f, 1, .a, .b, 4), .closed(.input(f, [5, 3, 3, 4])), f),
    conv("float32 with batches", .open(f, .a, .b, 6, 2), .constant([5, 3, 3, 2]), f),
    conv("int8", .open(.int8, 1, .a, .b, 4), weights([5, 3, 3, 4], perChannel: 0), .int8, two, bias: biases),
    conv("int8 with stride", .open(.int8, 1, .a, .b, 4), weights([5, 3, 3, 4]), .int8, stride: 3, padding: 1, two),
    conv("int8 1x1", .open(.int8, 1, .a, .b, 8), weights([5, 1, 1, 8]), .int8, two),
    conv("int8 of three channels", .open(.int8, 1, .a, .b, 3), weights([40, 3, 3, 3], perChannel: 0), .int8, two),
    conv("uint8", .open(.uint8, 1, .a, .b, 4), .constant([5, 3, 3, 4], .uint8), .uint8, .perTensor(4, 100)),
    conv("int16", .open(.int16, 1, .a, .b, 4), weights([5, 3, 3, 4]), .int16, two),
    conv("hybrid", .open(f, 1, .a, .b, 4), weights([5, 3, 3, 4], perChannel: 0), f),
    conv("hybrid 1x1", .open(f, 1, .a, .b, 4), weights([5, 1, 1, 4]), f),
    depthwise("float32", .open(f, 1, .a, .b, 6), .constant([1, 3, 3, 6]), f),
    depthwise("int8", .open(.int8, 1, .a, .b, 6), weights([1, 3, 3, 6], perChannel: 3), .int8, two),
    depthwise("int8 with stride", .open(.int8, 1, .a, .b, 20), weights([1, 3, 3, 20]), .int8, stride: 2, two),
    depthwise("int16", .open(.int16, 1, .a, .b, 6), weights([1, 3, 3, 6]), .int16, two),
    depthwise("hybrid", .open(f, 1, .a, .b, 6), weights([1, 3, 3, 6]), f),
    OpenCase(
      "CONV_3D", 132, [.open(f, 1, .a, .b, 4, 2), .constant([2, 2, 2, 2, 3])], [f], largest: sides,
      options: [0: .int8(0), 1: .int32(1), 2: .int32(1), 3: .int32(1)]),
  ]

  private static func transposed(
    _ name: String, _ type: ElementType, _ weights: OpenOperand, _ quantization: QuantizationSpec? = nil
  ) -> OpenCase {
    OpenCase(
      "TRANSPOSE_CONV \(name)", 67, [.deciding([1, .twoA, .twoB, 3]), weights, .open(type, 1, .a, .b, 2)], [type],
      largest: sides, options: [0: .int8(1), 1: .int32(2), 2: .int32(2)], quantization: quantization)
  }

  private static func full(
    _ name: String, _ operands: [OpenOperand], _ output: ElementType, _ quantization: QuantizationSpec? = nil
  ) -> OpenCase {
    OpenCase("FULLY_CONNECTED \(name)", 9, operands, [output], largest: [72], quantization: quantization)
  }

  static let layers: [OpenCase] = convolutions + otherLayers

  private static let otherLayers: [OpenCase] =
    [
      transposed("float32", f, .constant([3, 2, 2, 2])),
      transposed("int8", .int8, weights([3, 2, 2, 2], perChannel: 0), two),
      transposed("uint8", .uint8, .constant([3, 2, 2, 2], .uint8), .perTensor(4, 100)),
      transposed("int16", .int16, weights([3, 2, 2, 2]), two), transposed("hybrid", f, weights([3, 2, 2, 2])),
      full("float32", [.open(f, .a, 4), .constant([3, 4])], f),
      full("float32 with computed weights", [.open(f, .a, 4), .closed(.input(f, [3, 4]))], f),
      full("int8", [.open(.int8, .a, 4), weights([3, 4])], .int8, two),
      full(
        "int8 with computed weights", [.open(.int8, .a, 4), .closed(.input(.int8, [3, 4], .perTensor(0.0625, 0)))],
        .int8, two),
      full("hybrid", [.open(f, .a, 4), weights([3, 4])], f),
      OpenCase(
        "FULLY_CONNECTED with open weights", 9, [.open(f, .a, 4), .open(f, .b, 4)], [f], largest: [9, 8]),
      OpenCase(
        "FULLY_CONNECTED int8 with open weights", 9,
        [.open(.int8, .a, 4), .piece(.int8, [.b, 4], .perTensor(0.0625, 0))],
        [.int8], largest: [9, 8], quantization: two),
      OpenCase("BATCH_MATMUL", 126, [.open(f, 2, .a, .b), .open(f, 2, .b, 3)], [f], largest: [9, 8]),
      OpenCase(
        "BATCH_MATMUL int8", 126, [.open(.int8, .a, .b), .open(.int8, .b, 3)], [.int8], largest: [9, 8],
        quantization: two),
      OpenCase("BATCH_MATMUL hybrid", 126, [.open(f, .a, 4), weights([4, 3])], [f], largest: [72]),
    ]

  private static func pool(_ name: String, _ code: Int, _ type: ElementType) -> OpenCase {
    OpenCase(
      name, code, [.open(type, 1, .a, .b, 3)], [type], largest: sides,
      options: [0: .int8(0), 1: .int32(1), 2: .int32(2), 3: .int32(3), 4: .int32(2)],
      quantization: type == .float32 ? nil : eighth)
  }

  static let pictures: [OpenCase] = [
    pool("AVERAGE_POOL_2D", 1, f), pool("AVERAGE_POOL_2D int8", 1, .int8), pool("MAX_POOL_2D", 17, f),
    pool("MAX_POOL_2D uint8", 17, .uint8), pool("L2_POOL_2D", 12, f),
    OpenCase("RESIZE_BILINEAR", 23, [.open(f, 1, .a, .b, 2), .ints(7, 5)], [f], largest: sides),
    OpenCase(
      "RESIZE_BILINEAR to a computed size", 23, [.open(.int8, 1, 4, 3, 2), .deciding([.a, .b])], [.int8],
      largest: sides, quantization: eighth),
    OpenCase("RESIZE_NEAREST_NEIGHBOR", 97, [.open(f, 1, .a, .b, 2), .deciding([.b, .a])], [f], largest: sides),
    OpenCase("SPACE_TO_DEPTH", 26, [.open(f, 1, .twoA, .twoB, 3)], [f], largest: sides, options: [0: .int32(2)]),
    OpenCase("DEPTH_TO_SPACE", 5, [.open(f, 1, .a, .b, 8)], [f], largest: sides, options: [0: .int32(2)]),
    OpenCase(
      "SPACE_TO_BATCH_ND", 38, [.open(f, 1, .twoA, .twoBAnd1, 3), .ints(2, 2), .closed(.pairs(0, 0, 1, 0))], [f],
      largest: sides),
    OpenCase(
      "BATCH_TO_SPACE_ND", 37, [.open(f, 4, .a, .b, 3), .ints(2, 2), .closed(.pairs(0, 1, 0, 0))], [f],
      largest: sides),
    OpenCase(
      "BATCH_TO_SPACE_ND without crops", 37, [.open(f, 4, .a, .b, 3), .ints(2, 2), .closed(.pairs(0, 0, 0, 0))], [f],
      largest: sides),
    OpenCase(
      "TFLite_Detection_PostProcess", 32, [.open(f, 1, .a, 4), .open(f, 1, .a, 3), .open(f, .a, 4)], [f, f, f, f],
      largest: [72], custom: "TFLite_Detection_PostProcess",
      customOptions: [
        "max_detections": .int(3), "max_classes_per_detection": .int(1), "num_classes": .int(2),
        "nms_score_threshold": .float(0.1), "nms_iou_threshold": .float(0.5), "y_scale": .float(10),
        "x_scale": .float(10), "h_scale": .float(5), "w_scale": .float(5),
      ]),
    OpenCase(
      name: "Convolution2DTransposeBias", code: 32, custom: "Convolution2DTransposeBias", largest: sides,
      model: { sides in SpatialTests.transposedWithBias([1, sides[0], sides[1], 3]).builder() },
      open: { [0: [1, $0[0], $0[1], 3]] }),
    OpenCase(
      "PosenetDecoderOp", 32, [.open(f, 1, .a, .b, 17), .open(f, 1, .a, .b, 34), .open(f, 1, .a, .b, 64)],
      [f, f, f, f], largest: sides, custom: "PosenetDecoderOp",
      customOptions: [
        "max_detections": .int(2), "score_threshold": .float(0.5), "stride": .int(16), "nms_radius": .float(10),
      ]),
    OpenCase(
      "NON_MAX_SUPPRESSION_V4", 120,
      [.open(f, .a, 4), .open(f, .a), .scalar(5), .closed(.constant(f, [], [0.5])), .closed(.constant(f, [], [-9]))],
      [.int32, .int32],
      largest: [72]),
    OpenCase(
      "NON_MAX_SUPPRESSION_V5", 121,
      [
        .open(f, .a, 4), .open(f, .a), .scalar(5), .closed(.constant(f, [], [0.5])), .closed(.constant(f, [], [-9])),
        .closed(.constant(f, [], [0.25])),
      ], [.int32, f, .int32], largest: [72]),
  ]
}
