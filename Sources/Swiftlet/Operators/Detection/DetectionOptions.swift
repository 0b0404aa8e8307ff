import ModelFormat

/// The options of TFLite_Detection_PostProcess, a FlexBuffer map.
struct DetectionOptions {
  let maxDetections, maxClasses, detectionsPerClass, classes: Int
  let usesRegularSuppression: Bool
  let scoreThreshold, overlapThreshold: Float
  let scales: (y: Float, x: Float, h: Float, w: Float)

  /// Detections that the outputs have room for.
  var rows: Int { maxDetections.multipliedSaturated(by: maxClasses) }

  init(_ node: Node) throws(PrepareError) {
    let map = try node.customOptionMap()
    func int(_ key: StaticString, default standard: Int? = nil) throws(PrepareError) -> Int {
      guard let value = try Self.value(key, { () throws(FormatError) in try map.int(key) }) ?? standard else {
        throw PrepareError(.optionInvalid, field: key, remedy: "the option is missing")
      }
      guard value > 0, value <= Int(Int32.max) else {
        throw PrepareError(.optionInvalid, field: key, found: .int(value), expected: .text("a positive number"))
      }
      return value
    }
    func float(_ key: StaticString) throws(PrepareError) -> Float {
      guard let value = try Self.value(key, { () throws(FormatError) in try map.float(key) }) else {
        throw PrepareError(.optionInvalid, field: key, remedy: "the option is missing")
      }
      return value
    }
    func scale(_ key: StaticString) throws(PrepareError) -> Float {
      let value = try float(key)
      guard value > 0, value.isFinite else {
        throw PrepareError(.optionInvalid, field: key, found: .float(value), expected: .text("a positive number"))
      }
      return value
    }
    maxDetections = try int("max_detections")
    maxClasses = try int("max_classes_per_detection")
    detectionsPerClass = try int("detections_per_class", default: 100)
    classes = try int("num_classes")
    usesRegularSuppression =
      try Self.value("use_regular_nms", { () throws(FormatError) in try map.bool("use_regular_nms") }) ?? false
    scoreThreshold = try float("nms_score_threshold")
    overlapThreshold = try float("nms_iou_threshold")
    guard overlapThreshold > 0, overlapThreshold <= 1 else {
      throw PrepareError(
        .optionInvalid, field: "nms_iou_threshold", found: .float(overlapThreshold),
        expected: .text("above 0, at most 1"))
    }
    scales = (try scale("y_scale"), try scale("x_scale"), try scale("h_scale"), try scale("w_scale"))
  }

  private static func value<Value>(
    _ key: StaticString, _ read: () throws(FormatError) -> Value?
  ) throws(PrepareError) -> Value? {
    do { return try read() } catch {
      throw PrepareError(.optionInvalid, field: key, remedy: "the option cannot be read")
    }
  }
}

extension Node {
  /// `custom_options` as a FlexBuffer map.
  func customOptionMap() throws(PrepareError) -> FlexBuffer {
    do { return try FlexBuffer(model.bytes, in: preparation.graph.nodes[index].customOptions) } catch {
      throw PrepareError(.optionInvalid, field: "custom_options", expected: .text("a FlexBuffer map"))
    }
  }
}
