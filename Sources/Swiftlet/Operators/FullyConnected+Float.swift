import CKernels
import ModelFormat

/// FULLY_CONNECTED on float32. Constant weights are packed while preparing, computed ones in every run. One row is shared
/// among the threads by columns, several by rows.
package struct FloatMatrixProduct: Sendable {
  private let parameters: swl_f32_gemm_params
  private let isa: swl_isa
  private let input, output, packed: Operand
  private let computed: ComputedFloatWeights?
  private let columnStep, rowGrain, columnGrain: Int
  var rows: Int

  init(
    _ node: Node, _ geometry: FullyConnected.Geometry, _ limits: ActivationLimits
  ) throws(PrepareError) {
    try OperatorTable.requireLayers(Selection.hasFloatLayers)
    try FloatWeights.requireFloatOutput(node)
    var parameters = swl_f32_gemm_params(
      depth: geometry.depth, columns: geometry.units, weights_depth_major: false, minimum: limits.minimum,
      maximum: limits.maximum)
    let isa = node.isa.value
    let packedBytes = unsafe swl_f32_gemm_packed_bytes(isa, &parameters)
    if let constants = try FloatWeights(constantsOf: node, channels: geometry.units, channelsLast: false) {
      packed = try node.kept(packedBytes) { () throws(PrepareError) in
        try Self.pack(node, isa, parameters, constants, packedBytes)
      }
      computed = nil
    } else {
      packed = node.scratch(packedBytes)
      computed = try ComputedFloatWeights(node)
    }
    self.parameters = parameters
    self.isa = isa
    input = node.operand(try node.input(0))
    output = node.operand(try node.output(0))
    rows = geometry.rows
    columnStep = swl_f32_gemm_column_step(isa)
    rowGrain = max(1, Self.productsWorthAThread / max(1, geometry.depth.multipliedSaturated(by: geometry.units)))
    columnGrain = max(1, Self.productsWorthAThread / max(1, geometry.depth.multipliedSaturated(by: columnStep)))
  }

  private static func packingKey(
    _ node: Node, _ parameters: swl_f32_gemm_params
  ) throws(PrepareError) -> PackingKey? {
    guard try node.input(1).type == .float32, let weights = node.floatBuffer(ofInput: 1), weights.index > 0,
      let bias = node.floatBuffer(ofInput: 2)
    else { return nil }
    return PackingKey(
      kind: .floatMatrix, weights: weights.index, bias: bias.index,
      numbers: [parameters.depth, parameters.columns, 0, 0, 0, 0, 0, 0, 0, 0], scales: nil,
      halves: (weights.isHalf ? 1 : 0) | (bias.isHalf ? 2 : 0))
  }

  private static let productsWorthAThread = 100_000

  private static func pack(
    _ node: Node, _ isa: swl_isa, _ parameters: swl_f32_gemm_params, _ constants: FloatWeights, _ byteCount: Int
  ) throws(PrepareError) -> Operand {
    let key = try packingKey(node, parameters)
    return unsafe try node.packedLater(byteCount, key: key) { packed in
      unsafe constants.withPointers { weights, bias in
        unsafe withUnsafePointer(to: parameters) { unsafe swl_f32_gemm_pack(isa, $0, weights, bias, packed) }
      }
    }
  }

  func run(_ invocation: borrowing Invocation) {
    guard Selection.hasFloatLayers else { return }
    let input = unsafe UnsafePointer(invocation.pointer(input).assumingMemoryBound(to: Float.self))
    let output = unsafe invocation.pointer(output).assumingMemoryBound(to: Float.self)
    let packed = unsafe invocation.pointer(packed)
    unsafe withUnsafePointer(to: parameters) { parameters in
      unsafe computed?.withPointers(invocation) { weights, bias in
        unsafe swl_f32_gemm_pack(isa, parameters, weights, bias, packed)
      }
      let columns = unsafe parameters.pointee.columns
      if rows == 1 {
        let panels = (columns + columnStep - 1) / columnStep
        invocation.parallel(count: panels, grain: columnGrain) { begin, end, _ in
          unsafe swl_f32_gemm(
            isa, parameters, packed, input, output, 0, 1, begin * columnStep, min(end * columnStep, columns))
        }
      } else {
        invocation.parallel(count: rows, grain: rowGrain) { begin, end, _ in
          unsafe swl_f32_gemm(isa, parameters, packed, input, output, begin, end, 0, columns)
        }
      }
    }
  }
}
