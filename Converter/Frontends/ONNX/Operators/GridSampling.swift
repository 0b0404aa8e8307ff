internal import ModelFormat

/// GridSample: a picture read at computed places, by gathering the cells around each place; and AffineGrid, which computes
/// such places.
enum GridSampling {
  /// The place of each output along one dimension of the picture.
  private struct Line {
    let extent: Int
    /// (outputs, 1)
    let places: ValueID
  }

  /// Operands: pictures (batch, channels, rows, columns) and places (batch, rows, columns, 2) from -1 to 1, x first.
  static func sample(_ node: ONNXNode) throws -> [ValueID] {
    try node.requireFloat(0)
    try node.requireFloat(1)
    let builder = node.builder
    let (shape, grid) = (try node.shape(0), try node.shape(1))
    guard shape.count == 4 else { throw node.unsupported("input of rank \(shape.count)", "sample pictures") }
    guard grid.count == 4, grid[0] == shape[0], grid[3] == 2 else {
      throw node.malformed("places \(grid) for input \(shape)")
    }
    let count = grid[0] * grid[1] * grid[2]
    try node.requireModest(count)
    let lines = try [1, 0].map { part -> Line in
      let line = try builder.slice(
        builder.reshape(node.input(1), [count, 2]), begin: [0, part], size: [count, 1])
      return try place(node, line, extent: shape[3 - part])
    }
    let cells = try builder.reshape(
      builder.transpose(node.input(0), [0, 2, 3, 1]), [shape[0] * shape[2] * shape[3], shape[1]])
    let starts = (0..<count).map { $0 / (grid[1] * grid[2]) * shape[2] * shape[3] }
    let result: ValueID
    switch node.string("mode", default: "linear") {
    case "nearest":
      let near = try lines.map {
        Line(extent: $0.extent, places: try builder.unary(.round, limited(node, $0).places))
      }
      result = try gathered(node, cells, near, starts)
    case "linear", "bilinear":
      result = try blended(node, cells, lines.map { try corners(node, limited(node, $0)) }, starts)
    case "cubic", "bicubic": result = try blended(node, cells, lines.map { try cubic(node, $0) }, starts)
    case let mode: throw node.unsupported("mode '\(mode)'", "use linear, cubic or nearest")
    }
    return [
      try builder.transpose(
        builder.reshape(result, [grid[0], grid[1], grid[2], shape[1]]), [0, 3, 1, 2])
    ]
  }

  /// Operands: a matrix for each picture, (batch, 2, 3), or (batch, 3, 4) for volumes, and the shape of the pictures. Every
  /// cell's place, with a one behind it, times the matrix.
  static func affineGrid(_ node: ONNXNode) throws -> [ValueID] {
    try node.requireFloat(0)
    let (builder, shape) = (node.builder, try node.shape(0))
    guard let size = try node.integers(1, "size"), (4...5).contains(size.count), size[0] == shape.first,
      shape == [size[0], size.count - 2, size.count - 1], size.allSatisfy({ $0 > 0 && $0 < 1 << 24 })
    else { throw node.malformed("its size does not fit matrices \(shape)") }
    let extents = Array(size[2...])
    try node.requireModest(extents[0], extents[1], extents.count == 3 ? extents[2] : 1, size.count - 1)
    let isAligned = node.int("align_corners", default: 0) == 1
    let lines = extents.map { extent in
      (0..<extent).map { (cell: Int) -> Float in
        if isAligned { return extent == 1 ? 0 : Float(2 * cell) / Float(extent - 1) - 1 }
        return Float(2 * cell + 1) / Float(extent) - 1
      }
    }
    let count = extents.reduce(1, *)
    let places = (0..<count).flatMap { index -> [Float] in
      var (rest, place) = (index, [Float(1)])
      for (line, extent) in zip(lines, extents).reversed() {
        place.append(line[rest % extent])
        rest /= extent
      }
      // Columns come before rows.
      return Array(place[1...]) + [1]
    }
    let cells = try builder.broadcast(
      builder.constant(places, shape: [1, count, shape[2]]), to: [shape[0], count, shape[2]])
    let result = try builder.emit(.batchMatMul(transposesRight: true), [cells, node.input(0)])
    return [try builder.reshape(result, [size[0]] + extents + [shape[1]])]
  }

  /// From -1 to 1 to cells.
  private static func place(_ node: ONNXNode, _ line: ValueID, extent: Int) throws -> Line {
    let isAligned = node.int("align_corners", default: 0) == 1
    let size = Double(extent)
    let factor = isAligned ? (size - 1) / 2 : size / 2
    return Line(extent: extent, places: try node.builder.add(node.builder.mul(line, factor), (size - 1) / 2))
  }

  /// Places outside as the padding mode has them.
  private static func limited(_ node: ONNXNode, _ line: Line) throws -> Line {
    let builder = node.builder
    let isAligned = node.int("align_corners", default: 0) == 1
    let size = Double(line.extent)
    var places = line.places
    switch node.string("padding_mode", default: "zeros") {
    case "zeros": return line
    case "border": break
    case "reflection":
      let (low, span) = isAligned ? (0, size - 1) : (-0.5, size)
      if span > 0 {
        // There and back: within a period of twice the span.
        let offset = try builder.emit(
          Operation(.floorMod), [builder.add(places, -low), builder.scalar(2 * span)])
        let distance = try builder.unary(.abs, builder.add(offset, -span))
        places = try builder.sub(builder.scalar(low + span), distance)
      }
    case let mode: throw node.unsupported("padding_mode '\(mode)'", "use zeros, border or reflection")
    }
    let inside = try builder.minimum(builder.maximum(places, builder.scalar(0)), builder.scalar(size - 1))
    return Line(extent: line.extent, places: inside)
  }

  /// Cells along one dimension, and how much each of them counts.
  private typealias Taps = [(line: Line, weight: ValueID)]

  /// The two cells around each place, by how near they are.
  private static func corners(_ node: ONNXNode, _ line: Line) throws -> Taps {
    let builder = node.builder
    let low = try builder.unary(.floor, line.places)
    let fraction = try builder.sub(line.places, low)
    return [
      (Line(extent: line.extent, places: low), try builder.sub(builder.scalar(1), fraction)),
      (Line(extent: line.extent, places: try builder.add(low, 1)), fraction),
    ]
  }

  /// The four cells around each place, weighted by cubic convolution with a = -0.75 (Keys, 1981). Each cell that lies
  /// outside is looked up as the padding mode has it.
  private static func cubic(_ node: ONNXNode, _ line: Line) throws -> Taps {
    let builder = node.builder
    let a = -0.75
    let low = try builder.unary(.floor, line.places)
    let fraction = try builder.sub(line.places, low)
    return try (-1...2).map { offset in
      let cell = try limited(node, Line(extent: line.extent, places: builder.add(low, Double(offset))))
      let x = try builder.unary(.abs, builder.add(fraction, -Double(offset)))
      let isNear = (0...1).contains(offset)
      let factors = isNear ? [a + 2, -a - 3, 0, 1] : [a, -5 * a, 8 * a, -4 * a]
      let weight = try factors.dropFirst().reduce(builder.scalar(factors[0])) { sum, factor in
        try builder.add(builder.mul(sum, x), factor)
      }
      return (line: cell, weight: weight)
    }
  }

  private static func blended(
    _ node: ONNXNode, _ cells: ValueID, _ taps: [Taps], _ starts: [Int]
  ) throws -> ValueID {
    let builder = node.builder
    var sum: ValueID?
    for row in taps[0] {
      for column in taps[1] {
        let weight = try builder.mul(row.weight, column.weight)
        let part = try builder.mul(gathered(node, cells, [row.line, column.line], starts), weight)
        sum = try sum.map { try builder.add($0, part) } ?? part
      }
    }
    return sum ?? cells
  }

  /// The cells at whole places, (outputs, channels); zeros for those outside.
  private static func gathered(
    _ node: ONNXNode, _ cells: ValueID, _ lines: [Line], _ starts: [Int]
  ) throws -> ValueID {
    let builder = node.builder
    var index = builder.integers(starts, shape: [starts.count, 1])
    var isInside: ValueID?
    for (line, stride) in zip(lines, [lines[1].extent, 1]) {
      let last = Double(line.extent - 1)
      let near = try builder.minimum(builder.maximum(line.places, builder.scalar(0)), builder.scalar(last))
      index = try builder.add(index, builder.mul(builder.cast(near, to: .int32), Double(stride)))
      let isNear = try builder.compare(.equal, near, line.places)
      isInside = try isInside.map { try builder.emit(Operation(.logicalAnd), [$0, isNear]) } ?? isNear
    }
    let found = try builder.emit(.gather(axis: 0), [cells, builder.reshape(index, [starts.count])])
    guard node.string("padding_mode", default: "zeros") == "zeros", let isInside else { return found }
    return try builder.select(isInside, found, builder.scalar(0))
  }
}
