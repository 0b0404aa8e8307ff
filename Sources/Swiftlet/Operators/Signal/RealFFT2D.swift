import CKernels
import ModelFormat

/// RFFT2D: the spectra of pictures of float32, in double precision.
///
/// Inputs: the pictures along the last two dimensions; `fft_length`, two int32 or int64, each a power of two: the height and the
/// width to which pictures are cut or filled up with zeros. Output: complex64, `width / 2 + 1` numbers along the last
/// dimension.
package enum RealFFT2D: Operator {
  package struct Plan: Sendable {
    let input, output, tables, scratch: Operand
    let sizes: swl_real_fft_2d
    let pictures, scratchCount, grain: Int
  }

  /// Longer transforms, and larger pictures, are refused: products of sizes stay far below overflow.
  private static let longest = 1 << 16
  private static let largest = 1 << 24

  private static func sizes(_ node: Node) throws(PrepareError) -> swl_real_fft_2d {
    let shape = try node.input(0).shape
    guard shape.rank >= 2 else {
      throw PrepareError(.shapeMismatch, .input(0), field: "rank", found: .int(shape.rank), expected: .int(2))
    }
    let lengths = try node.shapeIntegers(1, count: 2)
    for index in 0..<2 where lengths[index].nonzeroBitCount != 1 || !(1...longest).contains(lengths[index]) {
      throw PrepareError(
        .valueInvalid, .input(1), field: "fft_length", found: .int(lengths[index]),
        expected: .text("a power of two up to 65536"))
    }
    guard lengths[0] * lengths[1] <= largest else {
      throw PrepareError(
        .valueInvalid, .input(1), field: "product of fft_length", found: .int(lengths[0] * lengths[1]),
        expected: .int(largest))
    }
    return swl_real_fft_2d(
      in_height: shape[shape.rank - 2], in_width: shape.last, height: lengths[0], width: lengths[1])
  }

  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 2...2, outputs: 1)
    let sizes = try sizes(node)
    let shape = try node.input(0).shape
    try node.setOutput(
      0,
      shape: shape.replacing(shape.rank - 2, with: sizes.height)?.replacing(shape.rank - 1, with: sizes.width / 2 + 1))
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let (input, output) = (try node.input(0), try node.output(0))
    try node.expectType(of: input, .input(0), among: .float32)
    try node.expectType(of: output, .output(0), among: .complex64)
    var sizes = try sizes(node)
    let (scratch, tables) = unsafe (
      swl_real_fft_2d_scratch_count(&sizes), swl_real_fft_2d_table_count(&sizes)
    )
    let bytes = MemoryLayout<Double>.size
    return Plan(
      input: try node.alignedOperand(input), output: node.operand(output),
      tables: unsafe try node.table(tables * bytes) { memory in
        unsafe swl_real_fft_2d_tables(&sizes, memory.assumingMemoryBound(to: Double.self))
      }, scratch: node.scratch(scratch.multipliedSaturated(by: bytes).multipliedSaturated(by: node.threads)),
      sizes: sizes,
      pictures: input.shape.count(of: 0..<input.rank - 2), scratchCount: scratch,
      grain: max(1, 1200 / (sizes.height * sizes.width)))
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    let input = unsafe invocation.elements(plan.input, as: Float.self)
    let tables = unsafe invocation.elements(plan.tables, as: Double.self)
    let scratch = unsafe invocation.elements(plan.scratch, as: Double.self)
    let output = unsafe invocation.elements(plan.output, as: Float.self)
    invocation.parallel(count: plan.pictures, grain: plan.grain) { begin, end, thread in
      unsafe withUnsafePointer(to: plan.sizes) { sizes in
        unsafe swl_f32_real_fft_2d(sizes, tables, input, scratch + thread * plan.scratchCount, output, begin, end)
      }
    }
  }
}
