import CKernels
import ModelFormat

/// Scales and zero points of a tensor that is quantized per channel, in memory of the program.
struct ChannelTable: Sendable {
  /// All scales, then all zero points.
  private let table: Operand
  private let channels, inner: Int

  /// `nil` for a tensor that is not quantized per channel. Refuses a number of scales that is not the dimension's.
  init?(_ node: Node, _ tensor: Tensor, _ operand: PrepareError.OperandReference) throws(PrepareError) {
    guard let quantization = tensor.quantization, quantization.isPerChannel else { return nil }
    let dimension = quantization.dimension
    guard dimension >= 0, dimension < tensor.rank, tensor.shape[dimension] == quantization.scales.count,
      quantization.zeroPoints.count == quantization.scales.count
    else {
      throw PrepareError(
        .quantizationInvalid, operand, field: "number of scales", found: .int(quantization.scales.count),
        expected: .int(dimension >= 0 && dimension < tensor.rank ? tensor.shape[dimension] : 1))
    }
    channels = quantization.scales.count
    inner = max(1, tensor.shape.count(of: (dimension + 1)..<tensor.rank))
    table = unsafe try node.packed(channels * 8) { memory in
      for (index, scale) in quantization.scales.enumerated() {
        unsafe memory.storeBytes(of: scale, toByteOffset: index * 4, as: Float.self)
        unsafe memory.storeBytes(
          of: quantization.zeroPoints[index], toByteOffset: (quantization.scales.count + index) * 4, as: Int32.self)
      }
    }
  }

  func parameters(_ invocation: borrowing Invocation) -> swl_channels {
    let base = unsafe invocation.pointer(table)
    return unsafe swl_channels(
      channels: channels, inner: inner, scales: base.assumingMemoryBound(to: Float.self),
      zero_points: (base + channels * 4).assumingMemoryBound(to: Int32.self))
  }
}

extension UnaryTable {
  /// A table in memory of the program: `function` of the stored number that each byte is.
  static func operand<Entry: BitwiseCopyable>(
    _ node: Node, _ input: TensorQuantization, _ function: (Int32) -> Entry
  ) throws(PrepareError) -> Operand {
    unsafe try node.packed(256 * MemoryLayout<Entry>.stride) { memory in
      for byte in 0..<256 {
        let stored = input.type == .int8 ? Int32(Int8(truncatingIfNeeded: byte)) : Int32(byte)
        unsafe memory.storeBytes(
          of: function(stored), toByteOffset: byte * MemoryLayout<Entry>.stride, as: Entry.self)
      }
    }
  }
}
