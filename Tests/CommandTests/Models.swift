import ModelFormat
import TestSupport

/// Small models for the command line.
enum Models {
  /// RESHAPE of float32[2,3] to float32[3,2].
  static func reshape(batch: Bool = false) -> [UInt8] {
    var model = ModelBuilder()
    let input = model.tensor("numbers", .float32, [2, 3], signature: batch ? [-1, 3] : [])
    let shape = model.constant("shape", .int32, [2], batch ? [-1, 1] : [3, 2] as [Int32])
    let output = model.tensor("turned", .float32, batch ? [6, 1] : [3, 2], signature: batch ? [-1, 1] : [])
    model.operation(22, inputs: [input, shape], outputs: [output])
    model.setInputs([input], outputs: [output])
    model.signatures = [SignatureSpec("serve", inputs: [("x", input)], outputs: [("y", output)])]
    return model.build()
  }

  /// CONV_2D of float32[1,4,4,1] with two 3x3 filters, SAME padding.
  static func convolution() -> [UInt8] {
    var model = ModelBuilder()
    let input = model.tensor("picture", .float32, [1, 4, 4, 1])
    let weights = model.constant("weights", .float32, [2, 3, 3, 1], (0..<18).map { Float($0) })
    let bias = model.constant("bias", .float32, [2], [0, 1] as [Float])
    let output = model.tensor("features", .float32, [1, 4, 4, 2])
    let options = OptionsSpec(1, [0: .int8(0), 1: .int32(1), 2: .int32(1), 4: .int32(1), 5: .int32(1)])
    model.operation(3, inputs: [input, weights, bias], outputs: [output], options: options)
    model.setInputs([input], outputs: [output])
    return model.build()
  }

  /// RESHAPE of a picture [1,height,width,channels] to one row.
  static func picture(
    _ type: ElementType, height: Int, width: Int, channels: Int, quantization: QuantizationSpec? = nil
  ) -> [UInt8] {
    var model = ModelBuilder()
    let count = height * width * channels
    let input = model.tensor("picture", type, [1, height, width, channels], quantization: quantization)
    let shape = model.constant("shape", .int32, [2], [1, Int32(count)])
    let output = model.tensor("row", type, [1, count], quantization: quantization)
    model.operation(22, inputs: [input, shape], outputs: [output])
    model.setInputs([input], outputs: [output])
    return model.build()
  }

  /// A BlazeFace network that finds one face in the middle of every picture, a quarter of the square wide.
  static func face() -> [UInt8] {
    var regressors = [Float](repeating: 0, count: 896 * 16)
    var logits = [Float](repeating: -100, count: 896)
    // The cell right of and below the centre, whose own centre is half a cell off.
    let anchor = 2 * (8 * 16 + 8)
    logits[anchor] = 100
    regressors.replaceSubrange(anchor * 16..<anchor * 16 + 4, with: [-4, -4, 32, 32])
    var model = ModelBuilder()
    let input = model.tensor("input", .float32, [1, 128, 128, 3])
    let first = model.constant("regressors", .float32, [1, 896, 16], regressors)
    let second = model.constant("classificators", .float32, [1, 896, 1], logits)
    model.setInputs([input], outputs: [first, second])
    return model.build()
  }

  /// A single-shot detector that finds class 1 in the middle of every picture with a score of .9, and class 0 in the
  /// upper left quarter with .6.
  static func singleShot() -> [UInt8] {
    var model = ModelBuilder()
    let input = model.tensor("picture", .uint8, [1, 8, 8, 3], quantization: .perTensor(1 / 128, 128))
    let boxes = model.constant("boxes", .float32, [1, 2, 4], [Float](repeating: 0, count: 8))
    let scores = model.constant("scores", .float32, [1, 2, 3], [0, 0.1, 0.9, 0, 0.6, 0.2] as [Float])
    let anchors = model.constant("anchors", .float32, [2, 4], [0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.5, 0.5] as [Float])
    let outputs = [
      model.tensor("found:0", .float32, [1, 2, 4]), model.tensor("found:1", .float32, [1, 2]),
      model.tensor("found:2", .float32, [1, 2]), model.tensor("found:3", .float32, [1]),
    ]
    let options = flexBuffer([
      "max_detections": .int(2), "max_classes_per_detection": .int(1), "num_classes": .int(2),
      "nms_score_threshold": .float(0.01), "nms_iou_threshold": .float(0.6), "y_scale": .float(10),
      "x_scale": .float(10), "h_scale": .float(5), "w_scale": .float(5),
    ])
    model.operation(
      32, custom: "TFLite_Detection_PostProcess", inputs: [boxes, scores, anchors], outputs: outputs,
      customOptions: options)
    model.setInputs([input], outputs: outputs)
    return model.build()
  }

  /// Returns what the previous invocation was given: a variable of int8[2].
  static func delay() -> [UInt8] {
    var model = ModelBuilder()
    let input = model.tensor("now", .int8, [2])
    let handle = model.tensor("handle", .resource, [])
    let output = model.tensor("before", .int8, [2])
    model.operation(142, inputs: [], outputs: [handle], options: OptionsSpec(111, [0: .string(""), 1: .string("v")]))
    model.operation(143, inputs: [handle], outputs: [output])
    model.operation(144, inputs: [handle, input], outputs: [])
    model.setInputs([input], outputs: [output])
    return model.build()
  }

  /// Two operators that no runtime has and one that does not fit its input.
  static func unsupported() -> [UInt8] {
    var model = ModelBuilder()
    let input = model.tensor("input", .float32, [4])
    let first = model.tensor("first", .float32, [4])
    let shape = model.constant("shape", .int32, [1], [5] as [Int32])
    let second = model.tensor("second", .float32, [5])
    let third = model.tensor("third", .float32, [5])
    model.operation(32, custom: "Mystery", inputs: [input], outputs: [first])
    model.operation(22, inputs: [first, shape], outputs: [second])
    model.operation(32, custom: "Riddle", inputs: [second], outputs: [third])
    model.setInputs([input], outputs: [third])
    return model.build()
  }
}
