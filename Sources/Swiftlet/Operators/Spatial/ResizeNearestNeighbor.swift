import CKernels
import ModelFormat

/// RESIZE_NEAREST_NEIGHBOR: each output cell is a copy of the input cell that it falls into. Any type of whole bytes.
///
/// Options: `align_corners` (then positions are rounded instead of cut) and `half_pixel_centers`.
package enum ResizeNearestNeighbor: Operator {
  package struct Plan: Sendable {
    let input, output, rowSources, columnSources: Operand
    let parameters: swl_resize_params
    let cellBytes, rows, grain: Int
  }

  package static func infer(_ node: Node) throws(PrepareError) { try ResizeGeometry.infer(node) }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let (input, output) = (try node.input(0), try node.output(0))
    guard input.type.bitWidth >= 8 else { throw PrepareError(.typeUnsupported, .input(0), found: .type(input.type)) }
    guard output.type == input.type else {
      throw PrepareError(.typeMismatch, .output(0), found: .type(output.type), expected: .type(input.type))
    }
    try node.requireSameQuantization(output, as: input, .output(0))
    let geometry = try ResizeGeometry(input, output)
    return Plan(
      input: node.operand(input), output: node.operand(output),
      rowSources: try sources(node, input.shape[1], output.shape[1]),
      columnSources: try sources(node, input.shape[2], output.shape[2]), parameters: geometry.parameters,
      cellBytes: input.shape[3].multipliedSaturated(by: input.type.bitWidth / 8), rows: geometry.rows,
      grain: geometry.grain)
  }

  private static func sources(_ node: Node, _ input: Int, _ output: Int) throws(PrepareError) -> Operand {
    let (alignsCorners, halfPixels) = (node.options.bool(0), node.options.bool(1))
    let spansCorners = alignsCorners && output > 1
    let scale = spansCorners ? Float(input - 1) / Float(output - 1) : Float(input) / Float(output)
    let offset: Float = halfPixels ? 0.5 : 0
    return unsafe try node.table(output * MemoryLayout<UInt32>.stride) { memory in
      let sources = unsafe memory.assumingMemoryBound(to: UInt32.self)
      for index in 0..<output {
        let place = (Float(index) + offset) * scale
        let cell = place.rounded(alignsCorners ? .toNearestOrAwayFromZero : .down)
        unsafe sources[index] = UInt32(min(max(Int(cell), 0), input - 1))
      }
    }
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    unsafe withUnsafePointer(to: plan.parameters) { parameters in
      invocation.parallel(count: plan.rows, grain: plan.grain) { begin, end, _ in
        unsafe swl_resize_nearest(
          parameters, invocation.elements(plan.rowSources, as: UInt32.self),
          invocation.elements(plan.columnSources, as: UInt32.self), plan.cellBytes, invocation.pointer(plan.input),
          invocation.pointer(plan.output), begin, end)
      }
    }
  }
}
