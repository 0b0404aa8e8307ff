import CKernels
import ModelFormat

/// Sizes of a resize of (batch, height, width, channels) to the height and width in input 1.
struct ResizeGeometry {
  let parameters: swl_resize_params
  /// Output rows of all pictures, and how many a thread should get at least.
  let rows, grain: Int

  static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 2...2, outputs: 1)
    let input = try node.input(0)
    try node.require(input, .input(0), rank: 4)
    guard try node.input(1).isConstant else {
      throw PrepareError(.dynamicShape, .input(1), remedy: "freeze the size to a constant when converting")
    }
    let size = try node.integers(1)
    guard size.count == 2 else {
      throw PrepareError(
        .shapeMismatch, .input(1), field: "number of elements", found: .int(size.count), expected: .int(2))
    }
    for index in 0...1 {
      let side = size[index]
      guard side > 0, side <= maximumSide else {
        throw PrepareError(.valueInvalid, .input(1), field: "size", found: .int(side), expected: .int(maximumSide))
      }
    }
    for axis in 1...2 {
      guard input.shape[axis] > 0, input.shape[axis] <= maximumSide else {
        throw PrepareError(
          .shapeUnsupported, .input(0), field: "size", found: .int(input.shape[axis]), expected: .int(maximumSide))
      }
    }
    try node.setOutput(0, shape: Shape(of: input.shape[0], size[0], size[1], input.shape[3]))
  }

  /// Positions are exact in float32 and in 1/1024 of a cell up to here.
  private static let maximumSide = 1 << 20

  init(_ input: Tensor, _ output: Tensor) throws(PrepareError) {
    let shape = input.shape
    parameters = swl_resize_params(
      in_height: shape[1], in_width: shape[2], channels: shape[3], out_height: output.shape[1],
      out_width: output.shape[2])
    rows = output.count == 0 ? 0 : output.shape[0] * output.shape[1]
    grain = max(1, 40_000 / max(1, output.count / max(1, rows)))
  }
}
