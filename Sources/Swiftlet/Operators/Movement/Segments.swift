import CKernels
import ModelFormat

/// SEGMENT_SUM and UNSORTED_SEGMENT_SUM, _PROD, _MAX and _MIN: the rows of the input that have one segment id are combined.
/// float32 and int32, which wraps around; rows of segments without elements are 0, 1, the lowest and the highest number.
///
/// Inputs: data; ids, one for each row of a vector (SEGMENT_SUM: constant, rising from 0 or more) or for each position of the
/// leading dimensions; for the others the number of segments, a constant scalar. A computed id outside drops its row.
package enum Segments: Operator {
  package struct Plan: Sendable {
    let input, ids, output: Operand
    let operation: swl_segment_op
    let isInteger: Bool
    /// The bits of the neutral element.
    let neutral: UInt32
    let rows, rowBytes, segments, idBytes: Int
  }

  private static let sortedSum = 125

  package static func infer(_ node: Node) throws(PrepareError) {
    let isSorted = node.code.builtin == sortedSum
    try node.expect(inputs: isSorted ? 2...2 : 3...3, outputs: 1)
    let (shape, ids) = (try node.input(0).shape, try node.input(1).shape)
    guard ids.rank >= 1, ids.rank <= min(shape.rank, isSorted ? 1 : Shape.maximumRank),
      Shape(rank: ids.rank, { shape[$0] }) == ids
    else { throw PrepareError(.shapeMismatch, .input(1), found: .shape(ids), expected: .shape(shape)) }
    let segments = isSorted ? try sortedCount(node) : try node.shapeIntegers(2, count: 1)[0]
    guard segments >= 0, segments <= Int(Int32.max) else {
      throw PrepareError(
        .valueInvalid, .input(isSorted ? 1 : 2), field: "number of segments", found: .int(segments), expected: .int(0))
    }
    try node.setOutput(
      0, shape: Shape(rank: 1 + shape.rank - ids.rank) { $0 == 0 ? segments : shape[$0 - 1 + ids.rank] })
  }

  /// The last id and one, after checking that they rise.
  private static func sortedCount(_ node: Node) throws(PrepareError) -> Int {
    var last = 0
    let ids = try node.shapeIntegers(1)
    for index in 0..<ids.count {
      let id = ids[index]
      guard id >= last else {
        throw PrepareError(
          .valueInvalid, .input(1), field: "segment id", found: .int(id), expected: .int(last),
          remedy: "the ids must rise from 0 or more")
      }
      last = id
    }
    return try node.input(1).count == 0 ? 0 : last.addingSaturated(1)
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let (input, ids, output) = (try node.input(0), try node.input(1), try node.output(0))
    try node.expectType(of: input, .input(0), among: .float32, .int32)
    try node.expectType(of: output, .output(0), toBeThatOf: input)
    try node.expectType(of: ids, .input(1), among: .int32)
    let operation = operation(node.code.builtin)
    return Plan(
      input: node.operand(input), ids: node.operand(ids), output: node.operand(output), operation: operation,
      isInteger: input.type == .int32, neutral: neutral(operation, isInteger: input.type == .int32), rows: ids.count,
      rowBytes: output.shape.count(of: 1..<output.rank) * 4, segments: output.shape[0],
      idBytes: ids.type.bitWidth / 8)
  }

  private static func operation(_ code: Int) -> swl_segment_op {
    switch code {
    case 153: SWL_SEGMENT_PRODUCT
    case 154: SWL_SEGMENT_MAXIMUM
    case 157: SWL_SEGMENT_MINIMUM
    default: SWL_SEGMENT_SUM
    }
  }

  private static func neutral(_ operation: swl_segment_op, isInteger: Bool) -> UInt32 {
    let largest = Float.greatestFiniteMagnitude
    switch operation {
    case SWL_SEGMENT_PRODUCT: return isInteger ? 1 : Float(1).bitPattern
    case SWL_SEGMENT_MAXIMUM: return isInteger ? UInt32(bitPattern: .min) : (-largest).bitPattern
    case SWL_SEGMENT_MINIMUM: return isInteger ? UInt32(bitPattern: .max) : largest.bitPattern
    default: return 0
    }
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    invocation.view(plan.output, as: UInt32.self, count: plan.segments * plan.rowBytes / 4).fill(with: plan.neutral)
    unsafe swl_gather_segments(
      plan.operation, plan.isInteger, invocation.pointer(plan.input), invocation.pointer(plan.ids), plan.idBytes,
      plan.rows, plan.rowBytes, plan.segments, invocation.pointer(plan.output))
  }
}
