import CKernels
import ModelFormat

/// BATCH_MATMUL: products of the matrices in the last two dimensions; the other dimensions broadcast.
///
/// Options: `adj_x` and `adj_y`, the left and the right matrices stand transposed. float32, int8, int16, the last also
/// with int8 right matrices; float32 with one constant matrix of int8 on the right, as a hybrid layer.
package enum BatchMatMul: AdaptableOperator {
  package enum Plan: Sendable {
    case matrices(Matrices)
    /// One constant matrix on the right: a fully connected layer.
    case quantized(QuantizedConvolution)
    case hybrid(HybridConvolution)
  }

  package struct Matrices: Sendable {
    let left, right, output: Operand
    let type: ElementType
    let isa: swl_isa
    var parameters: swl_batch_matmul_params
    var gemm: swl_f32_gemm_params
    /// The leading dimensions of the output and, with ones before them, of the operands.
    var batches, lefts, rights: Shape
    /// The right matrix as the kernel wants it, and the left one the right way round.
    var prepared = Operand(slot: -1)
    var turned = Operand(slot: -1)
    var grain = 1

    /// Takes the sizes from `geometry`. Returns the bytes of the right matrix as the kernel wants it, and of the left one
    /// turned round.
    mutating func follow(_ geometry: Geometry) -> (prepared: Int, turned: Int) {
      (batches, lefts, rights) = (geometry.batches, geometry.left, geometry.right)
      (parameters.rows, parameters.depth, parameters.columns) = (geometry.rows, geometry.depth, geometry.columns)
      (gemm.depth, gemm.columns) = (geometry.depth, geometry.columns)
      grain = max(1, 100_000 / max(1, geometry.depth.multipliedSaturated(by: geometry.columns)))
      guard type == .float32 else { return (unsafe swl_batch_matmul_prepared_bytes(isa, &parameters), 0) }
      let turned = geometry.rows.multipliedSaturated(by: geometry.depth)
        .multipliedSaturated(by: MemoryLayout<Float>.size)
      return (unsafe swl_f32_gemm_packed_bytes(isa, &gemm), parameters.left_is_transposed ? turned : 0)
    }
  }

  /// Sizes of the matrices and of the broadcast dimensions before them.
  struct Geometry {
    let rows, depth, columns: Int
    let batches: Shape
    let left, right: Shape
    let outputShape: Shape?

    init(_ node: Node) throws(PrepareError) {
      try node.expect(inputs: 2...2, outputs: 1)
      try self.init(try node.input(0).shape, try node.input(1).shape, node.options)
    }

    init(_ left: Shape, _ right: Shape, _ options: OptionTable) throws(PrepareError) {
      guard left.rank >= 2, right.rank >= 2 else {
        let (position, rank) = left.rank < 2 ? (0, left.rank) : (1, right.rank)
        throw PrepareError(.shapeMismatch, .input(position), field: "rank", found: .int(rank), expected: .int(2))
      }
      let (turnsLeft, turnsRight) = (options.bool(0), options.bool(1))
      let (leftRows, leftColumns) = (left[left.rank - 2], left[left.rank - 1])
      let (rightRows, rightColumns) = (right[right.rank - 2], right[right.rank - 1])
      (rows, depth) = turnsLeft ? (leftColumns, leftRows) : (leftRows, leftColumns)
      columns = turnsRight ? rightRows : rightColumns
      let rightDepth = turnsRight ? rightColumns : rightRows
      guard rightDepth == depth else {
        throw PrepareError(
          .shapeMismatch, .input(1), field: "inner dimension", found: .int(rightDepth), expected: .int(depth))
      }
      guard let leftBatches = Shape(rank: left.rank - 2, { left[$0] }),
        let rightBatches = Shape(rank: right.rank - 2, { right[$0] }),
        let batches = Shape.broadcast(leftBatches, rightBatches)
      else {
        throw PrepareError(
          .shapeMismatch, .input(1), field: "leading dimensions", found: .shape(right), expected: .shape(left))
      }
      self.batches = batches
      self.left = leftBatches.padded(toRank: batches.rank)
      self.right = rightBatches.padded(toRank: batches.rank)
      let (rows, columns) = (rows, columns)
      outputShape = Shape(rank: batches.rank + 2) { axis in
        axis < batches.rank ? batches[axis] : axis == batches.rank ? rows : columns
      }
    }
  }

  package static func infer(_ node: Node) throws(PrepareError) {
    try node.setOutput(0, shape: Geometry(node).outputShape)
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let (left, right, output) = (try node.input(0), try node.input(1), try node.output(0))
    try node.require(left, .input(0), among: .float32, .int8, .int16)
    try node.require(output, .output(0), ofTypeOf: left)
    let geometry = try Geometry(node)
    if right.type == .int8 && (left.type != .int8 || (right.quantization?.scales.count ?? 0) > 1),
      let layer = try layer(node, geometry)
    {
      return layer
    }
    if left.type == .int16 && right.type == .int8 {
      try node.require(right, .input(1), among: .int8)
    } else {
      try node.require(right, .input(1), ofTypeOf: left)
    }
    guard geometry.batches.elementCount <= maximumMatrices else {
      throw PrepareError(
        .shapeUnsupported, .output(0), field: "matrices", found: .int(geometry.batches.elementCount),
        expected: .int(maximumMatrices))
    }
    let gemm = swl_f32_gemm_params(
      depth: geometry.depth, columns: geometry.columns, weights_depth_major: !node.options.bool(1),
      minimum: -.infinity, maximum: .infinity)
    var plan = Matrices(
      left: node.operand(left), right: node.operand(right), output: node.operand(output), type: left.type,
      isa: node.isa.value, parameters: try parameters(node, geometry, left, right, output), gemm: gemm,
      batches: geometry.batches, lefts: geometry.left, rights: geometry.right)
    let bytes = plan.follow(geometry)
    plan.prepared = node.scratch(bytes.prepared)
    plan.turned = node.scratch(bytes.turned)
    return .matrices(plan)
  }

  package static func adapt(_ plan: inout Plan, to shapes: RunTimeShapes) -> Bool {
    do throws(PrepareError) {
      let geometry = try Geometry(shapes.shape(0), shapes.shape(1), shapes.options)
      let rows = geometry.batches.elementCount.multipliedSaturated(by: geometry.rows)
      switch plan {
      case .matrices(var matrices):
        guard geometry.batches.elementCount <= maximumMatrices,
          matrices.type == .float32 || geometry.depth <= maximumDepth
        else { return false }
        let bytes = matrices.follow(geometry)
        shapes.resize(scratch: matrices.prepared, to: bytes.prepared)
        shapes.resize(scratch: matrices.turned, to: bytes.turned)
        plan = .matrices(matrices)
      case .quantized(var layer):
        let products = shapes.shape(0).elementCount.multipliedSaturated(by: geometry.columns)
        layer.adapt(toRows: rows, products: products, shapes)
        plan = .quantized(layer)
      case .hybrid(var layer):
        layer.adapt(toRows: rows, shapes)
        plan = .hybrid(layer)
      }
      return shapes.set(0, to: geometry.outputShape)
    } catch {
      return false
    }
  }

  /// All are walked through, empty ones too, which no budget counts.
  private static let maximumMatrices = 1 << 20

  /// Products of 8 bits are summed in 32.
  private static let maximumDepth = 1 << 15

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
    guard geometry.depth <= maximumDepth else {
      throw PrepareError(
        .shapeUnsupported, .input(0), field: "inner dimension", found: .int(geometry.depth),
        expected: .int(maximumDepth))
    }
    try node.requireQuantization(left, .input(0))
    try node.requireQuantization(right, .input(1))
    try node.requireQuantization(output, .output(0))
    parameters.left_is_wide = left.type == .int16
    parameters.right_is_wide = right.type == .int16
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
    var former = -1
    for batch in 0..<plan.batches.elementCount {
      let product = Product(
        batch: batch, left: matrix(batch, plan.batches, plan.lefts), right: matrix(batch, plan.batches, plan.rights),
        isNew: batch == 0 || former != matrix(batch, plan.batches, plan.rights))
      former = product.right
      if plan.type == .float32 {
        multiplyFloat(plan, invocation, product)
      } else {
        multiplyIntegers(plan, invocation, product)
      }
    }
  }

  /// Numbers of the matrices of one product. Unless `isNew`, the right one is still prepared.
  private struct Product {
    let batch, left, right: Int
    let isNew: Bool
  }

  /// The matrix that an operand whose leading dimensions are `operand` has for `batch`.
  private static func matrix(_ batch: Int, _ batches: Shape, _ operand: Shape) -> Int {
    var (rest, index, stride) = (batch, 0, 1)
    var axis = batches.rank
    while axis > 0 {  // a reversed range would allocate in debug builds
      axis -= 1
      let position = rest % batches[axis]
      rest /= batches[axis]
      if operand[axis] > 1 { index += position * stride }
      stride *= operand[axis]
    }
    return index
  }

  private static func multiplyFloat(_ plan: Matrices, _ invocation: borrowing Invocation, _ product: Product) {
    let sizes = plan.parameters
    let right =
      unsafe invocation.elements(plan.right, as: Float.self) + product.right * sizes.depth * sizes.columns
    var left = unsafe invocation.elements(plan.left, as: Float.self) + product.left * sizes.rows * sizes.depth
    let output = unsafe invocation.elements(plan.output, as: Float.self) + product.batch * sizes.rows * sizes.columns
    let packed = unsafe invocation.pointer(plan.prepared)
    if sizes.left_is_transposed {
      let turned = unsafe invocation.elements(plan.turned, as: Float.self)
      let size = MemoryLayout<Float>.size
      let axes = (
        swl_copy_axis(count: sizes.depth, source_stride: sizes.rows * size, destination_stride: size),
        swl_copy_axis(count: sizes.rows, source_stride: size, destination_stride: sizes.depth * size)
      )
      let input = unsafe left
      unsafe withUnsafePointer(to: axes) { axes in
        unsafe swl_copy_strided(
          input, turned, UnsafeRawPointer(axes).assumingMemoryBound(to: swl_copy_axis.self), 2, size, 0, sizes.depth)
      }
      unsafe left = turned
    }
    unsafe withUnsafePointer(to: plan.gemm) { gemm in
      if product.isNew { unsafe swl_f32_gemm_pack(plan.isa, gemm, right, nil, packed) }
      let input = unsafe left
      invocation.parallel(count: sizes.rows, grain: plan.grain) { begin, end, _ in
        unsafe swl_f32_gemm(plan.isa, gemm, packed, input, output, begin, end, 0, sizes.columns)
      }
    }
  }

  private static func multiplyIntegers(_ plan: Matrices, _ invocation: borrowing Invocation, _ product: Product) {
    let sizes = plan.parameters
    let (element, rightElement) = (sizes.left_is_wide ? 2 : 1, sizes.right_is_wide ? 2 : 1)
    let left = unsafe invocation.pointer(plan.left) + product.left * sizes.rows * sizes.depth * element
    let right = unsafe invocation.pointer(plan.right) + product.right * sizes.depth * sizes.columns * rightElement
    let output = unsafe invocation.pointer(plan.output) + product.batch * sizes.rows * sizes.columns * element
    let prepared = unsafe invocation.elements(plan.prepared, as: Int16.self)
    unsafe withUnsafePointer(to: sizes) { parameters in
      if product.isNew { unsafe swl_batch_matmul_prepare(plan.isa, parameters, right, prepared) }
      invocation.parallel(count: sizes.rows, grain: plan.grain) { begin, end, _ in
        unsafe swl_batch_matmul(plan.isa, parameters, left, prepared, output, begin, end)
      }
    }
  }
}
