import CKernels
import ModelFormat

/// NON_MAX_SUPPRESSION_V4 and V5: of boxes that overlap, the one with the highest score, of equal scores the first.
///
/// Inputs: boxes [N, 4] of two opposite corners; scores [N]; the number of boxes to select; the overlap from which on a
/// box is dropped, 0 to 1; the score that boxes have to exceed; in V5 the sigma of soft suppression, 0 for none. Outputs:
/// indices, filled up with 0; in V5 their scores; how many were selected. A computed overlap or sigma outside its range
/// acts as it compares: nothing is an error while running.
package enum NonMaxSuppression: AdaptableOperator {
  package struct Plan: Sendable {
    let boxes, scores, overlap, threshold, indices, count, heap: Operand
    let sigma, selectedScores: Operand?
    var boxCount, limit: Int
  }

  private static func isSoft(_ node: Node) -> Bool { node.code.builtin == 121 }

  package static func infer(_ node: Node) throws(PrepareError) {
    let isSoft = isSoft(node)
    try node.expect(inputs: isSoft ? 6...6 : 5...5, outputs: isSoft ? 3 : 2)
    let boxes = try node.input(0).shape
    guard boxes.rank == 2, boxes[1] == 4 else {
      throw PrepareError(.shapeMismatch, .input(0), found: .shape(boxes), expected: .text("[boxes,4]"))
    }
    let scores = try node.input(1).shape
    guard scores.rank == 1, scores[0] == boxes[0], scores[0] <= Int(Int32.max) else {
      throw PrepareError(.shapeMismatch, .input(1), found: .shape(scores), expected: .text("one score for each box"))
    }
    let limit = try node.shapeIntegers(2, count: 1)[0]
    guard limit >= 0 else {
      throw PrepareError(.valueInvalid, .input(2), field: "number of boxes", found: .int(limit), expected: .int(0))
    }
    for position in 0..<(isSoft ? 2 : 1) { try node.setOutput(position, shape: Shape(of: limit)) }
    try node.setOutput(isSoft ? 2 : 1, shape: .scalar)
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let isSoft = isSoft(node)
    for position in [0, 1] {
      let tensor = try node.input(position)
      guard tensor.type == .float32 else {
        throw PrepareError(.typeUnsupported, .input(position), found: .type(tensor.type), expected: .type(.float32))
      }
    }
    try check(node, 3, "overlap", 0...1)
    try check(node, 4, "score", -.infinity...(.infinity))
    if isSoft { try check(node, 5, "sigma", 0...(.infinity)) }
    let count = try node.output(isSoft ? 2 : 1)
    let limit = try node.output(0)
    let types: [(Tensor, Int, ElementType)] = [(limit, 0, .int32), (count, isSoft ? 2 : 1, .int32)]
    for (tensor, position, type) in types where tensor.type != type {
      throw PrepareError(.typeMismatch, .output(position), found: .type(tensor.type), expected: .type(type))
    }
    if isSoft, try node.output(1).type != .float32 {
      throw PrepareError(.typeMismatch, .output(1), expected: .type(.float32))
    }
    let boxes = try node.input(0)
    return Plan(
      boxes: node.operand(boxes), scores: node.operand(try node.input(1)),
      overlap: node.operand(try node.input(3)), threshold: node.operand(try node.input(4)),
      indices: node.operand(limit), count: node.operand(count),
      heap: node.scratch(boxes.shape[0].multipliedSaturated(by: MemoryLayout<swl_suppress_candidate>.stride)),
      sigma: isSoft ? node.operand(try node.input(5)) : nil,
      selectedScores: isSoft ? node.operand(try node.output(1)) : nil, boxCount: boxes.shape[0], limit: limit.count)
  }

  package static func adapt(_ plan: inout Plan, to shapes: RunTimeShapes) -> Bool {
    let (boxes, scores) = (shapes.shape(0), shapes.shape(1))
    guard boxes.rank == 2, boxes[1] == 4, scores.rank == 1, scores[0] == boxes[0], scores[0] <= Int(Int32.max),
      shapes.shape(2).elementCount == 1, let limit = shapes.integer(2), limit >= 0
    else { return false }
    for position in 3..<shapes.inputCount where shapes.shape(position).elementCount != 1 { return false }
    (plan.boxCount, plan.limit) = (boxes[0], limit)
    shapes.resize(
      scratch: plan.heap, to: boxes[0].multipliedSaturated(by: MemoryLayout<swl_suppress_candidate>.stride))
    let selected = Shape(rank: 1) { _ in limit }
    let isSoft = plan.sigma != nil
    return shapes.set(0, to: selected) && (!isSoft || shapes.set(1, to: selected))
      && shapes.set(isSoft ? 2 : 1, to: .scalar)
  }

  /// Refuses anything but one float32, constant ones outside `range`.
  private static func check(
    _ node: Node, _ position: Int, _ name: StaticString, _ range: ClosedRange<Float>
  ) throws(PrepareError) {
    let tensor = try node.input(position)
    guard tensor.type == .float32 else {
      throw PrepareError(.typeUnsupported, .input(position), found: .type(tensor.type), expected: .type(.float32))
    }
    guard tensor.count == 1 else {
      throw PrepareError(
        .shapeMismatch, .input(position), field: "number of elements", found: .int(tensor.count), expected: .int(1))
    }
    guard let value = node.constant(tensor, as: Float.self)?[0], !range.contains(value) else { return }
    throw PrepareError(
      .valueInvalid, .input(position), field: name, found: .float(value), expected: .float(range.lowerBound))
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    func number(_ operand: Operand) -> Float {
      unsafe ConstantView<Float>(invocation.pointer(operand), count: 1)[0]
    }
    var params = swl_suppress_params(
      boxes: plan.boxCount, limit: plan.limit, iou_threshold: number(plan.overlap),
      score_threshold: number(plan.threshold), sigma: plan.sigma.map { number($0) } ?? 0)
    let selected = unsafe swl_suppress_overlaps(
      &params, invocation.pointer(plan.boxes).assumingMemoryBound(to: Float.self),
      invocation.pointer(plan.scores).assumingMemoryBound(to: Float.self),
      invocation.pointer(plan.indices).assumingMemoryBound(to: Int32.self),
      plan.selectedScores.map { unsafe invocation.pointer($0).assumingMemoryBound(to: Float.self) },
      invocation.pointer(plan.heap).assumingMemoryBound(to: swl_suppress_candidate.self))
    invocation.view(plan.count, as: Int32.self, count: 1)[0] = Int32(clamping: selected)
  }
}
