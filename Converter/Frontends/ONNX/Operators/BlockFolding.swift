internal import ModelFormat
internal import ONNXFormat

/// Col2Im: blocks of a picture, one beside the other, added up where they overlap.
enum BlockFolding {
  /// Operands: (batch, channels x cells of a block, blocks), the picture's extents, a block's extents. Each channel by
  /// itself is a transposed convolution whose filter puts every cell in its place.
  static func columnsToPicture(_ node: ONNXNode) throws -> [ValueID] {
    try node.requireFloat(0)
    let (builder, shape) = (node.builder, try node.shape(0))
    guard let picture = try node.integers(1, "image_shape"), let block = try node.integers(2, "block_shape"),
      picture.allSatisfy({ $0 > 0 && $0 < 1 << 24 })
    else { throw node.malformed("its image_shape or block_shape does not fit") }
    let windows = try node.windows(kernel: block, extents: picture)
    guard (1...3).contains(block.count) else {
      throw node.unsupported("blocks of \(block.count) dimensions", "use pictures of 1 to 3 dimensions")
    }
    let counts = zip(picture, windows).map { extent, window in
      let reached = extent + window.before + window.after - window.reach
      return reached < 0 ? 0 : reached / window.stride + 1
    }
    let cells = try count(node, block)
    guard shape.count == 3, counts.allSatisfy({ $0 > 0 }), shape[1] % cells == 0, shape[1] > 0,
      try count(node, counts) == shape[2]
    else { throw node.malformed("columns \(shape) do not fit a picture \(picture) of blocks \(block)") }
    try node.requireModest(cells, cells)
    let channels = shape[0] * (shape[1] / cells)
    var places = Array(repeating: Float(0), count: cells * cells)
    for cell in 0..<cells { places[cell * cells + cell] = 1 }
    // Rows behind the last block, which a stride left out.
    var rest = Onnx_AttributeProto()
    rest.name = "output_padding"
    rest.ints = zip(zip(picture, counts), windows).map { sizes, window in
      Int64(sizes.0 + window.before + window.after - window.reach - (sizes.1 - 1) * window.stride)
    }
    var proto = node.proto
    proto.attribute.append(rest)
    let columns = try builder.reshape(node.input(0), [channels, cells] + counts)
    let filter = builder.constant(places, shape: [cells, 1] + block)
    let sums = try ConvolutionOperators.convTranspose(
      ONNXNode(proto: proto, builder: builder, opset: node.opset, inputs: [columns, filter]))
    return [try builder.reshape(sums[0], [shape[0], shape[1] / cells] + picture)]
  }

  private static func count(_ node: ONNXNode, _ extents: [Int]) throws -> Int {
    try extents.reduce(1) { product, extent in
      let (next, isTooMuch) = product.multipliedReportingOverflow(by: extent)
      guard !isTooMuch else { throw node.malformed("extents \(extents) are more than there can be") }
      return next
    }
  }
}
