import CKernels
import ModelFormat

/// A packed matrix of int8 weights with a float32 bias: parts below each other, each of two matrices side by side, whose
/// vectors are quantized by themselves while running; see `swl_hybrid_matrix_add`.
struct HybridMatrix: Sendable {
  private let left, right, biases: Operand
  private let rows: Int
  private let depths: (left: Int, right: Int)
  private let scratch: Operand
  private let rule: swl_hybrid_rule
  private let isa: swl_isa

  /// `left`, `right` and `bias` are inputs of `node`; `right` and `bias` may be empty. `nil` unless all weights are int8
  /// constants with zero point 0 and biases are constants.
  init?(
    _ node: Node, left: [Int], right: [Int], bias: [Int], rowsEach: Int, depths: (Int, Int), isAsymmetric: Bool
  ) throws(PrepareError) {
    for position in left + right {
      let tensor = try node.input(position)
      guard tensor.type == .int8, tensor.isConstant else { return nil }
      try node.requireQuantization(tensor, .input(position))
      guard tensor.zeroPoint == 0, tensor.quantization?.scales.count == 1 else { return nil }
    }
    for position in bias {
      let tensor = try node.input(position)
      guard tensor.type == .float32, tensor.isConstant else { return nil }
    }
    self.depths = depths
    rows = left.count.multipliedSaturated(by: rowsEach)
    rule = isAsymmetric ? SWL_HYBRID_ASYMMETRIC : SWL_HYBRID_SYMMETRIC
    isa = node.isa.value
    guard rows.multipliedSaturated(by: depths.0 + depths.1 + 1) < Int(clamping: Int64(1) << 40) else {
      throw PrepareError(.memoryBudget, field: "elements of the weights", found: .int(rows))
    }
    self.left = try Self.pack(node, left, rowsEach: rowsEach, depth: depths.0)
    self.right = right.isEmpty ? self.left : try Self.pack(node, right, rowsEach: rowsEach, depth: depths.1)
    biases = try Self.packBiases(node, bias, rowsEach: rowsEach, rows: rows)
    scratch = node.scratch(swl_hybrid_matrix_scratch_bytes(rows, max(depths.0, depths.1)))
  }

  private static func pack(
    _ node: Node, _ positions: [Int], rowsEach: Int, depth: Int
  ) throws(PrepareError) -> Operand {
    var parts: [(weights: ConstantView<UInt8>, scale: Float)] = []
    for position in positions {
      let tensor = try node.input(position)
      guard let bytes = node.constantBytes(tensor), bytes.count >= tensor.byteCount else {
        throw PrepareError(.notConstant, .input(position))
      }
      parts.append((bytes, tensor.scale))
    }
    let rows = positions.count * rowsEach
    let size = swl_hybrid_matrix_packed_bytes(rows, depth)
    return unsafe try node.packed(size) { memory in
      unsafe memory.initializeMemory(as: UInt8.self, repeating: 0, count: size)
      for (index, part) in parts.enumerated() {
        unsafe swl_hybrid_matrix_pack(rows, depth, index * rowsEach, rowsEach, part.weights.base, part.scale, memory)
      }
    }
  }

  /// Zeros where there is no bias.
  private static func packBiases(
    _ node: Node, _ positions: [Int], rowsEach: Int, rows: Int
  ) throws(PrepareError) -> Operand {
    var parts: [ConstantView<UInt8>] = []
    let partBytes = rowsEach * MemoryLayout<Float>.size
    for position in positions {
      guard let bytes = node.constantBytes(try node.input(position)), bytes.count >= partBytes else {
        throw PrepareError(.notConstant, .input(position))
      }
      parts.append(bytes)
    }
    let size = rows * MemoryLayout<Float>.size
    return unsafe try node.packed(size) { memory in
      unsafe memory.initializeMemory(as: UInt8.self, repeating: 0, count: size)
      for (index, part) in parts.enumerated() {
        unsafe (memory + index * partBytes).copyMemory(from: part.base, byteCount: partBytes)
      }
    }
  }

  /// One row of products, of the left and, behind it, the right vector.
  func multiply(
    _ invocation: borrowing Invocation, _ vector: UnsafePointer<Float>, _ result: UnsafeMutablePointer<Float>
  ) {
    let scratch = unsafe invocation.pointer(scratch)
    unsafe result.update(from: invocation.elements(biases, as: Float.self), count: rows)
    unsafe swl_hybrid_matrix_add(
      isa, rule, rows, depths.left, invocation.pointer(left), vector, result, scratch)
    guard depths.right > 0 else { return }
    unsafe swl_hybrid_matrix_add(
      isa, rule, rows, depths.right, invocation.pointer(right), vector + depths.left, result, scratch)
  }
}
