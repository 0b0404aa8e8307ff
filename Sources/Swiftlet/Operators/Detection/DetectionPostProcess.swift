import CKernels
import ModelFormat

/// TFLite_Detection_PostProcess: decodes the boxes of a single-shot detector and suppresses those that overlap.
///
/// Inputs, float32 or uint8: box encodings [1, N, 4 or more], class scores [1, N, classes, with or without a background class
/// in front], anchors [N, 4] (y, x, h, w). Outputs, float32: boxes [1, M, 4] (top, left, bottom, right), classes [1, M],
/// scores [1, M], and the number of detections [1], with M = `max_detections` * `max_classes_per_detection`; rows behind the
/// last detection are 0. Equal scores keep the order of the boxes.
package enum DetectionPostProcess: Operator {
  package struct Plan: Sendable {
    let params: swl_detection_params
    let encodings, scores, anchors: Operand
    let boxes, classes, outputScores, count: Operand
    let usesRegularSuppression: Bool
    let rows: Int
    let scratch: Scratch
  }

  struct Scratch: Sendable {
    let boxes, best, candidates, ranking, merged: Operand
  }

  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 3...3, outputs: 4)
    let rows = try DetectionOptions(node).rows
    try node.setOutput(0, shape: Shape(of: 1, rows, 4))
    try node.setOutput(1, shape: Shape(of: 1, rows))
    try node.setOutput(2, shape: Shape(of: 1, rows))
    try node.setOutput(3, shape: Shape(of: 1))
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let options = try DetectionOptions(node)
    let encodings = try node.input(0)
    let scores = try node.input(1)
    let anchors = try node.input(2)
    for position in 0..<4 {
      let output = try node.output(position)
      guard output.type == .float32 else {
        throw PrepareError(
          .typeUnsupported, .output(position), found: .type(output.type), expected: .type(.float32))
      }
    }
    try requireShapes(encodings.shape, scores.shape, anchors.shape, options)
    let boxes = encodings.shape[1]
    let rowLength = scores.shape[2]
    guard boxes.multipliedSaturated(by: rowLength) <= Int(Int32.max) else {
      throw PrepareError(.shapeUnsupported, .input(1), found: .shape(scores.shape))
    }
    guard boxes.multipliedSaturated(by: options.maxDetections) <= maximumComparisons else {
      throw PrepareError(
        .optionInvalid, field: "max_detections", found: .int(options.maxDetections),
        expected: .int(maximumComparisons / boxes))
    }
    let params = swl_detection_params(
      boxes: boxes, box_length: encodings.shape[2], classes: options.classes, first_class: rowLength - options.classes,
      row_length: rowLength, max_detections: options.maxDetections, max_classes: options.maxClasses,
      max_per_class: options.detectionsPerClass, y_scale: options.scales.y, x_scale: options.scales.x,
      h_scale: options.scales.h, w_scale: options.scales.w, score_threshold: options.scoreThreshold,
      iou_threshold: options.overlapThreshold, encodings: try source(encodings, 0), scores: try source(scores, 1),
      anchors: try source(anchors, 2))
    let candidate = MemoryLayout<swl_candidate>.stride
    return Plan(
      params: params, encodings: node.operand(encodings), scores: node.operand(scores), anchors: node.operand(anchors),
      boxes: node.operand(try node.output(0)), classes: node.operand(try node.output(1)),
      outputScores: node.operand(try node.output(2)), count: node.operand(try node.output(3)),
      usesRegularSuppression: options.usesRegularSuppression, rows: options.rows,
      scratch: Scratch(
        boxes: node.scratch(boxes * MemoryLayout<swl_box>.stride),
        best: node.scratch(boxes * 4), candidates: node.scratch(boxes * candidate),
        ranking: node.scratch(max(options.maxDetections, options.classes) * candidate),
        merged: node.scratch(options.maxDetections * candidate)))
  }

  /// Every box is compared with every detection: some seconds.
  private static let maximumComparisons = 1 << 30

  private static func requireShapes(
    _ encodings: Shape, _ scores: Shape, _ anchors: Shape, _ options: DetectionOptions
  ) throws(PrepareError) {
    guard encodings.rank == 3, encodings[0] == 1, encodings[2] >= 4 else {
      throw PrepareError(
        .shapeMismatch, .input(0), found: .shape(encodings), expected: .text("[1, boxes, 4 or more]"))
    }
    guard scores.rank == 3, scores[0] == 1, scores[1] == encodings[1] else {
      throw PrepareError(
        .shapeMismatch, .input(1), found: .shape(scores), expected: .text("[1, boxes, classes]"))
    }
    guard anchors.rank == 2, anchors[0] == encodings[1], anchors[1] == 4 else {
      throw PrepareError(.shapeMismatch, .input(2), found: .shape(anchors), expected: .text("[boxes, 4]"))
    }
    guard scores[2] == options.classes || scores[2] - 1 == options.classes else {
      throw PrepareError(
        .optionInvalid, field: "num_classes", found: .int(options.classes), expected: .int(scores[2]))
    }
  }

  private static func source(_ tensor: Tensor, _ position: Int) throws(PrepareError) -> swl_detection_source {
    guard tensor.type == .float32 || tensor.type == .uint8 else {
      throw PrepareError(
        .typeUnsupported, .input(position), found: .type(tensor.type), expected: .type(.float32))
    }
    guard tensor.type == .float32 || tensor.scale > 0 else {
      throw PrepareError(.quantizationInvalid, .input(position), field: "scale", found: .float(tensor.scale))
    }
    return swl_detection_source(
      is_u8: tensor.type == .uint8, scale: tensor.scale, zero_point: Float(tensor.zeroPoint))
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    var params = plan.params
    let scratch = plan.scratch
    let candidate = swl_candidate.self
    var memory = unsafe swl_detection_scratch(
      boxes: invocation.pointer(scratch.boxes).assumingMemoryBound(to: swl_box.self),
      best: invocation.pointer(scratch.best).assumingMemoryBound(to: Float.self),
      candidates: invocation.pointer(scratch.candidates).assumingMemoryBound(to: candidate),
      ranking: invocation.pointer(scratch.ranking).assumingMemoryBound(to: candidate),
      merged: invocation.pointer(scratch.merged).assumingMemoryBound(to: candidate))
    var output = unsafe swl_detection_output(
      rows: plan.rows, boxes: invocation.pointer(plan.boxes).assumingMemoryBound(to: swl_box.self),
      classes: invocation.pointer(plan.classes).assumingMemoryBound(to: Float.self),
      scores: invocation.pointer(plan.outputScores).assumingMemoryBound(to: Float.self),
      count: invocation.pointer(plan.count).assumingMemoryBound(to: Float.self))
    unsafe swl_detection_decode(
      &params, invocation.pointer(plan.encodings), invocation.pointer(plan.anchors), memory.boxes)
    if plan.usesRegularSuppression {
      unsafe swl_detection_regular(&params, invocation.pointer(plan.scores), &memory, &output)
    } else {
      unsafe swl_detection_fast(&params, invocation.pointer(plan.scores), &memory, &output)
    }
  }
}
