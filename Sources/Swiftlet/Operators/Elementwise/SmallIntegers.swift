import CKernels
import ModelFormat

/// A tensor of int4 or int2 with zero point 0 that becomes float32: rows of the first dimension, each with its scale.
struct SmallIntegers: Sendable {
  private let input, output, scales, rows: Operand
  private let params: swl_gather_params
  private let scaleCount, bits: Int

  init(_ node: Node, _ input: Tensor) throws(PrepareError) {
    guard let quantization = input.quantization, quantization.blockwise == nil,
      quantization.isSymmetric
    else { throw PrepareError(.quantizationInvalid, .input(0), field: "quantization", remedy: "it needs a scale") }
    let values = quantization.scales
    guard values.count == 1 || quantization.dimension == 0 else {
      throw PrepareError(
        .quantizationInvalid, .input(0), field: "quantized dimension", found: .int(quantization.dimension),
        expected: .int(0))
    }
    let count = values.count == 1 ? 1 : input.shape[0]
    guard count <= Int(Int32.max) else {
      throw PrepareError(.shapeUnsupported, .input(0), field: "shape", found: .shape(input.shape))
    }
    scales = unsafe try node.packed(values.count * MemoryLayout<Float>.size) { memory in
      unsafe memory.copyMemory(from: values, byteCount: values.count * MemoryLayout<Float>.size)
    }
    rows = unsafe try node.packed(count.multipliedSaturated(by: MemoryLayout<Int32>.size)) { memory in
      for row in 0..<count {
        unsafe memory.storeBytes(of: Int32(row), toByteOffset: row * MemoryLayout<Int32>.size, as: Int32.self)
      }
    }
    params = swl_gather_params(
      batches: 1, outer: 1, rows: count, indices: count, index_bytes: 4, row_bytes: input.count / max(1, count))
    scaleCount = values.count
    bits = input.type.bitWidth
    self.input = node.operand(input)
    output = node.operand(try node.output(0))
  }

  func run(_ invocation: borrowing Invocation) {
    var params = params
    unsafe swl_gather_scaled_rows(
      &params, invocation.pointer(input), bits, invocation.elements(scales, as: Float.self), scaleCount,
      invocation.pointer(rows), invocation.elements(output, as: Float.self))
  }
}
