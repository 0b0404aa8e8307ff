import CKernels
import ModelFormat

/// TOPK_V2: the k largest elements of each row of the last dimension and their positions, largest first, equal ones by
/// rising position.
///
/// Inputs: data of rank 1 or more; k, a constant scalar of int16, int32 or int64, of at most the last dimension. Outputs: values; positions, int32 or
/// int16.
package enum TopK: AdaptableOperator {
  package struct Plan: Sendable {
    let input, values, positions, scratch: Operand
    let type: swl_element
    let indexBytes: Int
    var rows, count, k: Int
  }

  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 2...2, outputs: 2)
    let shape = try node.input(0).shape
    guard shape.rank >= 1 else {
      throw PrepareError(.shapeMismatch, .input(0), field: "rank", found: .int(0), expected: .int(1))
    }
    let k = try count(node)
    guard k >= 0, k <= shape.last else {
      throw PrepareError(.valueInvalid, .input(1), field: "k", found: .int(k), expected: .int(shape.last))
    }
    for position in 0..<2 { try node.setOutput(position, shape: shape.replacing(shape.rank - 1, with: k)) }
  }

  private static func count(_ node: Node) throws(PrepareError) -> Int {
    let tensor = try node.input(1)
    guard tensor.type == .int16, tensor.count == 1 else { return try node.shapeIntegers(1, count: 1)[0] }
    guard let k = node.constant(tensor, as: Int16.self) else {
      throw PrepareError(.dynamicShape, .input(1), remedy: "freeze it to a constant when converting")
    }
    return Int(k[0])
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let (input, values, positions) = (try node.input(0), try node.output(0), try node.output(1))
    _ = try node.movedElementBytes(input)
    guard let type = swl_element(input.type) else {
      throw PrepareError(.typeUnsupported, .input(0), found: .type(input.type))
    }
    guard positions.type == .int32 || positions.type == .int16 else {
      throw PrepareError(.typeUnsupported, .output(1), found: .type(positions.type), expected: .type(.int32))
    }
    let limit = positions.type == .int16 ? Int(Int16.max) : Int(Int32.max)
    guard input.shape.last <= limit else {
      throw PrepareError(
        .shapeUnsupported, .input(0), field: "last dimension", found: .int(input.shape.last), expected: .int(limit))
    }
    let k = values.shape.last
    return Plan(
      input: node.operand(input), values: node.operand(values), positions: node.operand(positions),
      scratch: node.scratch(k * MemoryLayout<Int32>.size), type: type, indexBytes: positions.type.bitWidth / 8,
      rows: input.shape.count(of: 0..<input.rank - 1), count: input.shape.last, k: k)
  }

  package static func adapt(_ plan: inout Plan, to shapes: RunTimeShapes) -> Bool {
    let shape = shapes.shape(0)
    let limit = plan.indexBytes == 2 ? Int(Int16.max) : Int(Int32.max)
    guard shape.rank >= 1, shape.last <= limit, shapes.shape(1).elementCount == 1, let k = shapes.integer(1), k >= 0,
      k <= shape.last
    else { return false }
    (plan.rows, plan.count, plan.k) = (shape.count(of: 0..<shape.rank - 1), shape.last, k)
    shapes.resize(scratch: plan.scratch, to: k * MemoryLayout<Int32>.size)
    let output = shape.replacing(shape.rank - 1, with: k)
    return shapes.set(0, to: output) && shapes.set(1, to: output)
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    unsafe swl_search_top_k(
      plan.type, invocation.pointer(plan.input), plan.rows, plan.count, plan.k, invocation.pointer(plan.values),
      invocation.pointer(plan.positions), plan.indexBytes,
      invocation.pointer(plan.scratch).assumingMemoryBound(to: Int32.self))
  }
}
