import CKernels
import ModelFormat

/// BATCH_MATMUL: products of the matrices in the last two dimensions; the other dimensions broadcast.
///
/// Options: `adj_x` and `adj_y`, the left and the right matrices stand transposed. float32, int8, int16, the last also
/// with int8 right matrices; float32 with one constant matrix of int8 on the right, as a hybrid layer.
package enum BatchMatMul: Operator {
  package enum Plan: Sendable {
    case matrices(Matrices)
    /// One constant matrix on the right: a fully connected layer.
    case quantized(QuantizedConvolution)
    case hybrid(HybridConvolution)
  }

  package struct Matrices: Sendable {
    let left, right, output: Operand
    let type, rightType: ElementType
    let isa: swl_isa
    let parameters: swl_batch_matmul_params
    let gemm: swl_f32_gemm_params
    /// By batch of the output: which left and which right matrix.
    let lefts, rights: [Int]
    /// The right matrix as the kernel wants it, and the left one the right way round.
    let prepared, turned: Operand
    let grain: Int
  }

  /// Sizes of the matrices and of the broadcast dimensions before them.
  struct Geometry {
    let rows, depth, columns: Int
    let batches: Shape
    let left, right: Shape
    let outputShape: Shape?

    init(_ node: Node) throws(PrepareError) {
      try node.expect(inputs: 2...2, outputs: 1)
      let (left, right) = (try node.input(0).shape, try node.input(1).shape)
      for (index, shape) in [left, right].enumerated() {
        guard shape.rank >= 2 else {
          throw PrepareError(
            .shapeMismatch, .input(index), field: "rank", found: .int(shape.rank), expected: .int(2))
        }
      }
      let (turnsLeft, turnsRight) = (node.options.bool(0), node.options.bool(1))
      let (leftRows, leftColumns) = (left[left.rank - 2], left[left.rank - 1])
      let (rightRows, rightColumns) = (right[right.rank - 2], right[right.rank - 1])
      (rows, depth) = turnsLeft ? (leftColumns, leftRows) : (leftRows, leftColumns)
      columns = turnsRight ? rightRows : rightColumns
      let rightDepth = turnsRight ? rightColumns : rightRows
      guard rightDepth == depth else {
        throw PrepareError(
          .shapeMismatch, .input(1), field: "inner dimension", found: .int(rightDepth), expected: .int(depth))
      }
      guard let leftBatches = Shape(Array(left.dimensions.dropLast(2))),
        let rightBatches = Shape(Array(right.dimensions.dropLast(2))),
        let batches = Shape.broadcast(leftBatches, rightBatches)
      else {
        throw PrepareError(
          .shapeMismatch, .input(1), field: "leading dimensions", found: .shape(right), expected: .shape(left))
      }
      self.batches = batches
      self.left = leftBatches.padded(toRank: batches.rank)
      self.right = rightBatches.padded(toRank: batches.rank)
      outputShape = Shape(batches.dimensions + [rows, columns])
    }

    /// For every batch in order, the matrix of an operand whose leading dimensions are `operand`.
    func matrices(_ operand: Shape) -> [Int] {
      (0..<batches.elementCount).map { batch in
        var (rest, index, stride) = (batch, 0, 1)
        for axis in (0..<batches.rank).reversed() {
          let position = rest % batches[axis]
          rest /= batches[axis]
          if operand[axis] > 1 { index += position * stride }
          stride *= operand[axis]
        }
        return index
      }
    }
  }

  package static func infer(_ node: Node) throws(PrepareError) {
    try node.setOutput(0, shape: Geometry(node).outputShape)
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let (left, right, output) = (try node.input(0), try node.input(1), try node.output(0))
    try node.require(left, .input(0), among: [.float32, .int8, .int16])
    try node.require(output, .output(0), ofTypeOf: left)
    let geometry = try Geometry(node)
    if right.type == .int8 && left.type != .int8, let layer = try layer(node, geometry) { return layer }
    if left.type == .int16 && right.type == .int8 {
      try node.require(right, .input(1), among: [.int8])
    } else {
      try node.require(right, .input(1), ofTypeOf: left)
    }
    let parameters = try parameters(node, geometry, left, right, output)
    var gemm = swl_f32_gemm_params(
      depth: geometry.depth, columns: geometry.columns, weights_depth_major: !node.options.bool(1),
      minimum: -.infinity, maximum: .infinity)
    let isa = node.isa.value
    let isFloat = left.type == .float32
    let bytes = geometry.depth.multipliedSaturated(by: geometry.columns).multipliedSaturated(by: 2)
    let turnsLeft = isFloat && node.options.bool(0)
    guard geometry.batches.elementCount <= maximumMatrices else {
      throw PrepareError(
        .shapeUnsupported, .output(0), field: "matrices", found: .int(geometry.batches.elementCount),
        expected: .int(maximumMatrices))
    }
    return .matrices(
      Matrices(
        left: node.operand(left), right: node.operand(right), output: node.operand(output), type: left.type,
        rightType: right.type, isa: isa,
        parameters: parameters, gemm: gemm, lefts: geometry.matrices(geometry.left),
        rights: geometry.matrices(geometry.right),
        prepared: node.scratch(isFloat ? unsafe swl_f32_gemm_packed_bytes(isa, &gemm) : bytes),
        turned: node.scratch(turnsLeft ? geometry.rows * geometry.depth * MemoryLayout<Float>.size : 0),
        grain: max(1, 100_000 / max(1, geometry.depth.multipliedSaturated(by: geometry.columns)))))
  }

  /// The plan has two numbers for each of them, which no budget counts.
  private static let maximumMatrices = 1 << 20

  private static func parameters(
    _ node: Node, _ geometry: Geometry, _ left: Tensor, _ right: Tensor, _ output: Tensor
  ) throws(PrepareError) -> swl_batch_matmul_params {
    var parameters = swl_batch_matmul_params()
    parameters.rows = geometry.rows
    parameters.depth = geometry.depth
    parameters.columns = geometry.columns
    parameters.left_is_transposed = node.options.bool(0)
    parameters.right_is_transposed = node.options.bool(1)
    guard left.type != .float32 else { return parameters }
    guard geometry.depth <= 1 << 15 else {
      throw PrepareError(
        .shapeUnsupported, .input(0), field: "inner dimension", found: .int(geometry.depth), expected: .int(1 << 15))
    }
    parameters.left_zero_point = left.zeroPoint
    parameters.right_zero_point = right.zeroPoint
    parameters.output_zero_point = output.zeroPoint
    let ratio = try node.multiplier(Double(left.scale) * Double(right.scale) / Double(output.scale))
    guard left.type != .int16 || ratio.shift <= 7 else {
      throw PrepareError(.quantizationInvalid, .output(0), field: "scale", found: .float(output.scale))
    }
    parameters.multiplier = ratio.c
    return parameters
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    switch plan {
    case .matrices(let plan): multiply(plan, invocation)
    case .quantized(let plan): plan.run(invocation)
    case .hybrid(let plan): plan.run(invocation)
    }
  }

  private static func multiply(_ plan: Matrices, _ invocation: borrowing Invocation) {
    for batch in plan.lefts.indices {
      // The matrix before may still be prepared.
      let isNew = batch == 0 || plan.rights[batch] != plan.rights[batch - 1]
      switch plan.type {
      case .float32: multiplyFloat(plan, invocation, batch, isNew)
      case .int8: multiplyInt8(plan, invocation, batch, isNew)
      default: multiplyInt16(plan, invocation, batch, isNew)
      }
    }
  }

  private static func multiplyFloat(_ plan: Matrices, _ invocation: borrowing Invocation, _ batch: Int, _ isNew: Bool) {
    let sizes = plan.parameters
    let right =
      unsafe invocation.elements(plan.right, as: Float.self) + plan.rights[batch] * sizes.depth * sizes.columns
    var left = unsafe invocation.elements(plan.left, as: Float.self) + plan.lefts[batch] * sizes.rows * sizes.depth
    let output = unsafe invocation.elements(plan.output, as: Float.self) + batch * sizes.rows * sizes.columns
    let packed = unsafe invocation.pointer(plan.prepared)
    if sizes.left_is_transposed {
      let turned = unsafe invocation.elements(plan.turned, as: Float.self)
      unsafe swl_transpose(left, turned, sizes.depth, sizes.rows, MemoryLayout<Float>.size)
      unsafe left = turned
    }
    unsafe withUnsafePointer(to: plan.gemm) { gemm in
      if isNew { unsafe swl_f32_gemm_pack(plan.isa, gemm, right, nil, packed) }
      let input = unsafe left
      invocation.parallel(count: sizes.rows, grain: plan.grain) { begin, end, _ in
        unsafe swl_f32_gemm(plan.isa, gemm, packed, input, output, begin, end, 0, sizes.columns)
      }
    }
  }

  private static func multiplyInt8(_ plan: Matrices, _ invocation: borrowing Invocation, _ batch: Int, _ isNew: Bool) {
    let sizes = plan.parameters
    let right = unsafe invocation.elements(plan.right, as: Int8.self) + plan.rights[batch] * sizes.depth * sizes.columns
    let left = unsafe invocation.elements(plan.left, as: Int8.self) + plan.lefts[batch] * sizes.rows * sizes.depth
    let output = unsafe invocation.elements(plan.output, as: Int8.self) + batch * sizes.rows * sizes.columns
    let prepared = unsafe invocation.elements(plan.prepared, as: Int16.self)
    unsafe withUnsafePointer(to: sizes) { parameters in
      if isNew { unsafe swl_i8_batch_matmul_prepare(parameters, right, prepared) }
      invocation.parallel(count: sizes.rows, grain: plan.grain) { begin, end, _ in
        unsafe swl_i8_batch_matmul(plan.isa, parameters, left, prepared, output, begin, end)
      }
    }
  }

  private static func multiplyInt16(_ plan: Matrices, _ invocation: borrowing Invocation, _ batch: Int, _ isNew: Bool) {
    let sizes = plan.parameters
    let first = plan.rights[batch] * sizes.depth * sizes.columns
    let left = unsafe invocation.elements(plan.left, as: Int16.self) + plan.lefts[batch] * sizes.rows * sizes.depth
    let output = unsafe invocation.elements(plan.output, as: Int16.self) + batch * sizes.rows * sizes.columns
    let prepared = unsafe invocation.elements(plan.prepared, as: Int16.self)
    unsafe withUnsafePointer(to: sizes) { parameters in
      if isNew && plan.rightType == .int8 {
        unsafe swl_i8_batch_matmul_prepare(parameters, invocation.elements(plan.right, as: Int8.self) + first, prepared)
      } else if isNew {
        unsafe swl_i16_batch_matmul_prepare(
          parameters, invocation.elements(plan.right, as: Int16.self) + first, prepared)
      }
      invocation.parallel(count: sizes.rows, grain: plan.grain) { begin, end, _ in
        unsafe swl_i16_batch_matmul(plan.isa, parameters, left, prepared, output, begin, end)
      }
    }
  }
}
