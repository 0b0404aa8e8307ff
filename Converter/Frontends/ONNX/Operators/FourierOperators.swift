internal import ModelFormat

/// Discrete Fourier transforms as products with a constant matrix. The last dimension holds the real and the imaginary
/// part.
enum FourierOperators {
  /// Overlapping frames of a real signal, each times a window: a convolution. Operands: signal, step, window, length.
  static func shortTime(_ node: ONNXNode) throws -> [ValueID] {
    try node.requireFloat(0)
    let builder = node.builder
    let shape = try node.shape(0)
    guard shape.count == 2 || shape.count == 3 && shape[2] == 1 else {
      throw node.unsupported("a signal of shape \(shape)", "give it as (batch, samples, 1), which is real")
    }
    let stated = try node.floats(2, "window")
    guard let step = try node.integers(1, "frame_step")?.first, step > 0, step < 1 << 20,
      let length = try node.integers(3, "frame_length")?.first ?? stated?.count, length > 0, length <= shape[1],
      stated == nil || stated?.count == length
    else { throw node.malformed("its step, its window and its length do not fit a signal of \(shape[1])") }
    let window = stated ?? Array(repeating: 1, count: length)
    let bins = node.int("onesided", default: 1) == 1 ? length / 2 + 1 : length
    try node.requireModest(2, bins, length)
    let weights = (0..<bins).flatMap { bin in
      [0.0, 0.25].flatMap { turn in
        (0..<length).map { Float(wave(bin * $0, of: length, turn: turn)) * window[$0] }
      }
    }
    let frames = try builder.emit(
      .conv2D(strides: Extent(1, step), dilations: Extent(1, 1), padding: .valid),
      [
        builder.reshape(node.input(0), [shape[0], 1, shape[1], 1]),
        builder.constant(weights, shape: [2 * bins, 1, length, 1]),
        builder.constant(Array(repeating: 0, count: 2 * bins)),
      ])
    return [try builder.reshape(frames, [shape[0], builder.shape(frames)[2], bins, 2])]
  }

  /// Operands: data, length, axis.
  static func transform(_ node: ONNXNode) throws -> [ValueID] {
    try node.requireFloat(0)
    let builder = node.builder
    var data = try node.input(0)
    let rank = builder.shape(data).count
    let stated = try node.opset < 20 ? node.int("axis", default: 1) : node.integers(2, "axis")?.first ?? -2
    let axis = try node.normalized(stated, rank: rank)
    let (isInverse, isOneSided) = (node.int("inverse", default: 0) == 1, node.int("onesided", default: 0) == 1)
    let parts = builder.shape(data).last ?? 0
    guard rank > 1, axis < rank - 1, parts == 1 || parts == 2 else {
      throw node.malformed("axis \(axis) of input \(builder.shape(data))")
    }
    guard !isInverse || !isOneSided else { throw node.unsupported("an inverse of half a spectrum", "use both halves") }
    let length = try node.integers(1, "dft_length")?.first ?? builder.shape(data)[axis]
    guard length > 0, length < 1 << 20 else { throw node.malformed("length \(length)") }
    data = try resized(builder, data, axis: axis, to: length)
    let bins = isOneSided ? length / 2 + 1 : length
    try node.requireModest(2 * bins, parts * length)
    let order = Array(0..<rank - 1).filter { $0 != axis } + [axis, rank - 1]
    let outer = order.dropLast(2).map { builder.shape(data)[$0] }
    let rows = try builder.reshape(builder.transpose(data, order), outer + [length * parts])
    let product = try builder.emit(
      .fullyConnected(keepsDimensions: rank != 3),
      [
        rows, builder.constant(matrix(bins, length, parts, isInverse), shape: [2 * bins, length * parts]),
        builder.constant(Array(repeating: 0, count: 2 * bins)),
      ])
    var back = Array(repeating: 0, count: rank)
    for (position, source) in order.enumerated() { back[source] = position }
    return [try builder.transpose(builder.reshape(product, outer + [bins, 2]), back)]
  }

  private static func resized(_ builder: GraphBuilder, _ data: ValueID, axis: Int, to length: Int) throws -> ValueID {
    var size = builder.shape(data)
    var paddings = Array(repeating: (0, 0), count: size.count)
    paddings[axis] = (0, max(0, length - size[axis]))
    size[axis] = min(size[axis], length)
    return try builder.pad(builder.slice(data, begin: size.map { _ in 0 }, size: size), paddings)
  }

  /// Rows are the real and the imaginary part of each output, columns those of each input, or its real part alone.
  private static func matrix(_ bins: Int, _ length: Int, _ parts: Int, _ isInverse: Bool) -> [Float] {
    let scale = isInverse ? 1 / Double(length) : 1
    return (0..<bins).flatMap { bin in
      [0.0, 0.25].flatMap { turn in
        (0..<length).flatMap { sample in
          (0..<parts).map { part in
            let angle = isInverse ? length - bin * sample % length : bin * sample
            return Float(scale * wave(angle, of: length, turn: turn - 0.25 * Double(part)))
          }
        }
      }
    }
  }

  /// The cosine of 2 pi (steps / length + turn): a quarter turn gives minus the sine.
  private static func wave(_ steps: Int, of length: Int, turn: Double) -> Double {
    cosine(2 * Double.pi * (Double(steps % length) / Double(length) + turn))
  }
}
