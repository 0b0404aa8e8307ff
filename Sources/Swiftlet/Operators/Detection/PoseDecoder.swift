import CKernels
import ModelFormat

/// PosenetDecoderOp: the poses of people from heatmaps and offsets, as Coral's PoseNet and BodyPix models end.
///
/// Inputs, float32 or uint8, all [1, height, width, channels]: scores of 17 keypoints as logits; offsets to the nearest keypoint
/// of each kind; offsets along the 16 edges of the skeleton and back; for masks, offsets to the keypoints of one's own person.
/// All offsets are in pixels, those of rows before those of columns. Outputs, float32: (row, column) in pixels of each keypoint,
/// [1, poses, 17, 2]; their scores; the poses' scores, best first; how many there are; for masks, [1, poses, height, width].
/// Options: `max_detections`, `score_threshold`, `stride` and `nms_radius` in pixels.
///
/// The algorithm is that of PersonLab (arXiv:1803.08225). Coral's library reads the way from the left eye to the nose from
/// other channels than it is stored in; this decoder does not.
package enum PoseDecoder: Operator {
  package struct Plan: Sendable {
    var sources: [Source]
    let candidates, poses: Operand
    let keypoints, keypointScores, poseScores, count: Operand
    let masks: Operand?
    let parameters: swl_pose_params
    var height, width: Int
  }

  /// An input, and the float32 copy of it in the scale that the kernel wants.
  struct Source: Sendable {
    let input, copy: Operand
    let isByte: Bool
    let scale: Float
    let zeroPoint: Int32
    var count: Int
  }

  private static func limit(_ node: Node) throws(PrepareError) -> Int {
    try node.signalOption("max_detections", in: 1...(1 << 16))
  }

  package static func infer(_ node: Node) throws(PrepareError) {
    let hasMasks = node.inputCount == 4
    try node.expect(inputs: 3...4, outputs: hasMasks ? 5 : 4)
    let scores = try node.input(0).shape
    let (keypoints, edges) = (Int(SWL_POSE_KEYPOINTS), Int(SWL_POSE_EDGES))
    let channels: InlineArray<4, Int> = [keypoints, 2 * keypoints, 4 * edges, 2 * keypoints]
    for position in 0..<node.inputCount {
      let shape = try node.input(position).shape
      guard shape.rank == 4, shape[0] == 1, shape[3] == channels[position], shape[1] == scores[1], shape[2] == scores[2]
      else {
        throw PrepareError(
          .shapeMismatch, .input(position), field: "channels, or size of the heatmaps", found: .shape(shape),
          expected: .int(channels[position]))
      }
    }
    let limit = try limit(node)
    try node.setOutput(0, shape: Shape(of: 1, limit, keypoints, 2))
    try node.setOutput(1, shape: Shape(of: 1, limit, keypoints))
    try node.setOutput(2, shape: Shape(of: 1, limit))
    try node.setOutput(3, shape: Shape(of: 1))
    if hasMasks { try node.setOutput(4, shape: Shape(of: 1, limit, scores[1], scores[2])) }
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    for position in 0..<node.outputCount {
      try node.expectType(of: try node.output(position), .output(position), among: .float32)
    }
    let stride = try node.signalOption("stride", in: 1...(1 << 16))
    var sources: [Source] = []
    for position in 0..<node.inputCount {
      sources.append(try source(node, position, scale: position == 0 ? 1 : 1 / Float(stride)))
    }
    let (scores, limit) = (try node.input(0), try limit(node))
    guard scores.count <= Int(Int32.max) else {
      throw PrepareError(.shapeUnsupported, .input(0), found: .shape(scores.shape))
    }
    return Plan(
      sources: sources,
      candidates: node.scratch(scores.count.multipliedSaturated(by: MemoryLayout<swl_pose_candidate>.stride)),
      poses: node.scratch(limit * MemoryLayout<swl_pose>.stride), keypoints: node.operand(try node.output(0)),
      keypointScores: node.operand(try node.output(1)), poseScores: node.operand(try node.output(2)),
      count: node.operand(try node.output(3)), masks: node.outputCount == 5 ? node.operand(try node.output(4)) : nil,
      parameters: try parameters(node, limit, Float(stride)), height: scores.shape[1], width: scores.shape[2])
  }

  package static func replan(_ plan: inout Plan, _ node: Node) throws(PrepareError) {
    let scores = try node.input(0)
    guard scores.count <= Int(Int32.max) else {
      throw PrepareError(.shapeUnsupported, .input(0), found: .shape(scores.shape))
    }
    (plan.height, plan.width) = (scores.shape[1], scores.shape[2])
    node.resize(
      scratch: plan.candidates, to: scores.count.multipliedSaturated(by: MemoryLayout<swl_pose_candidate>.stride))
    for position in plan.sources.indices {
      let count = try node.input(position).count
      plan.sources[position].count = count
      node.resize(scratch: plan.sources[position].copy, to: count.multipliedSaturated(by: MemoryLayout<Float>.size))
    }
  }

  private static func parameters(
    _ node: Node, _ limit: Int, _ stride: Float
  ) throws(PrepareError) -> swl_pose_params {
    let threshold = try node.realOption("score_threshold", in: 0...1)
    let radius = try node.realOption("nms_radius", in: 0...1e6)
    // The logit, a little below infinity at 1 and above minus infinity at 0.
    let logarithm = swl_f32_unary_value(swl_unary(op: SWL_UNARY_LOG, p: 0, q: 0), 1 / (threshold + 1e-6) - 1)
    return swl_pose_params(
      limit: limit, root_score: logarithm.isNaN ? .infinity : -logarithm, pose_score: threshold,
      radius: radius / stride, stride: stride)
  }

  private static func source(_ node: Node, _ position: Int, scale: Float) throws(PrepareError) -> Source {
    let tensor = try node.input(position)
    try node.expectType(of: tensor, .input(position), among: .float32, .uint8)
    var (scale, zeroPoint): (Float, Int32) = (scale, 0)
    if tensor.type == .uint8 {
      let quantization = try node.quantizationPerTensor(tensor, .input(position))
      (scale, zeroPoint) = (scale * quantization.scale, quantization.zeroPoint)
    }
    return Source(
      input: try node.alignedOperand(tensor),
      copy: node.scratch(tensor.count.multipliedSaturated(by: MemoryLayout<Float>.size)), isByte: tensor.type == .uint8,
      scale: scale, zeroPoint: zeroPoint, count: tensor.count)
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    for index in plan.sources.indices {
      let source = plan.sources[index]
      unsafe swl_pose_scale(
        invocation.pointer(source.input), source.isByte, source.scale, source.zeroPoint, source.count,
        invocation.elements(source.copy, as: Float.self))
    }
    var field = unsafe swl_pose_field(
      scores: invocation.elements(plan.sources[0].copy, as: Float.self),
      short_offsets: invocation.elements(plan.sources[1].copy, as: Float.self),
      mid_offsets: invocation.elements(plan.sources[2].copy, as: Float.self), height: plan.height, width: plan.width)
    var parameters = plan.parameters
    let keypoints = unsafe invocation.elements(plan.keypoints, as: Float.self)
    let count = unsafe swl_decode_poses(
      &parameters, &field, invocation.pointer(plan.candidates).assumingMemoryBound(to: swl_pose_candidate.self),
      invocation.pointer(plan.poses).assumingMemoryBound(to: swl_pose.self), keypoints,
      invocation.elements(plan.keypointScores, as: Float.self), invocation.elements(plan.poseScores, as: Float.self))
    invocation.view(plan.count, as: Float.self, count: 1)[0] = Float(count)
    guard let masks = plan.masks else { return }
    unsafe swl_pose_masks(
      invocation.elements(plan.sources[3].copy, as: Float.self), plan.height, plan.width, keypoints, count,
      parameters.limit, parameters.stride, invocation.elements(masks, as: Float.self))
  }
}

extension Node {
  /// The number that `custom_options` has under `key`, within `range`.
  fileprivate func realOption(_ key: StaticString, in range: ClosedRange<Float>) throws(PrepareError) -> Float {
    let map = try customOptionMap()
    let value: Float?
    do { value = try map.float(key) } catch {
      throw PrepareError(.optionInvalid, field: key, remedy: "the option cannot be read")
    }
    guard let value else { throw PrepareError(.optionInvalid, field: key, remedy: "the option is missing") }
    guard range.contains(value) else {
      throw PrepareError(
        .optionInvalid, field: key, found: .float(value),
        expected: .float(value < range.lowerBound ? range.lowerBound : range.upperBound))
    }
    return value
  }
}
