/// Where the rows between the layers of a `RowChain` lie in the memory of one thread.
struct RowChainLayout {
  let bandRows: Int
  /// By layer: rows of its output that are kept; 0 for the last layer, which writes to its tensor.
  let capacities: [Int]
  let offsets: [Int]
  let scratchOffset: Int
  /// Bytes for each thread, a multiple of 64.
  let partBytes: Int

  /// For bands of `bandRows` rows of the last layer.
  init(_ layers: ArraySlice<RowLayer>, bandRows: Int) {
    self.bandRows = bandRows
    var counts = [bandRows]
    for layer in layers.dropFirst().reversed() {
      let count = counts[counts.count - 1]
      counts.append(layer.rows.inputCount(ofRows: count))
    }
    counts.reverse()
    var end = align(layers.count.multipliedSaturated(by: Self.cursorBytes))
    var scratch = 0
    var offsets: [Int] = []
    for (layer, count) in zip(layers, counts) {
      offsets.append(end)
      scratch = max(scratch, align(layer.plan.scratchBytes(rows: count)))
      guard offsets.count < layers.count else { break }
      end = end.addingSaturated(align(layer.outputRowBytes.multipliedSaturated(by: count)))
    }
    self.offsets = offsets
    counts[counts.count - 1] = 0
    capacities = counts
    scratchOffset = end
    partBytes = end.addingSaturated(scratch)
  }

  /// The `partBytes` of the layout of `part` of `layers`, without laying it out.
  static func partBytes(_ layers: [RowLayer], _ part: RowChaining.Part, bandRows: Int) -> Int {
    var count = bandRows
    var scratch = layers[part.end - 1].plan.scratchBytes(rows: count)
    var end = align((part.end - part.first).multipliedSaturated(by: cursorBytes))
    for index in (part.first..<part.end - 1).reversed() {
      count = layers[index + 1].rows.inputCount(ofRows: count)
      scratch = max(scratch, layers[index].plan.scratchBytes(rows: count))
      end = end.addingSaturated(align(layers[index].outputRowBytes.multipliedSaturated(by: count)))
    }
    return end.addingSaturated(align(scratch))
  }

  /// What `RowChain` remembers of each layer: four numbers.
  private static let cursorBytes = 4 * MemoryLayout<Int>.stride
}
