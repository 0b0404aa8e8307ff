import CKernels
import ModelFormat

extension BatchMatMul {
  /// The product as a fully connected layer with int8 weights, quantized per tensor or per column: possible when the right
  /// operand is one constant matrix and the left ones are not transposed. `nil` otherwise.
  static func layer(_ node: Node, _ geometry: Geometry) throws(PrepareError) -> Plan? {
    let (left, right) = (try node.input(0), try node.input(1))
    guard right.isConstant, geometry.right.elementCount == 1, !node.options.bool(0) else { return nil }
    let isTransposed = node.options.bool(1)
    let rows = geometry.batches.elementCount.multipliedSaturated(by: geometry.rows)
    let columnDimension = right.rank - (isTransposed ? 2 : 1)
    guard left.type != .float32 else {
      guard try HybridConvolution.isPossible(node) else { return nil }
      return .hybrid(
        try HybridConvolution(
          node, swl_f32_conv_params(rows: rows, depth: geometry.depth, units: geometry.columns, .none),
          channelDimension: columnDimension, isDepthMajor: !isTransposed))
    }
    let layer = swl_q8_fully_connected(
      Int32(clamping: rows), Int32(clamping: geometry.depth), Int32(clamping: geometry.columns))
    return .quantized(
      try QuantizedConvolution(
        node, isTransposed ? .ordinary : .depthMajor, layer, channelDimension: columnDimension,
        products: left.count.multipliedSaturated(by: geometry.columns), .none))
  }
}
