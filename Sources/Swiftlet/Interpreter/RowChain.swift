/// Layers that run together, some rows at a time: between two of them there are never more rows than the second needs for
/// its next ones, so the tensors between them have no place in the arena.
///
/// Every row between is computed once for each thread that needs it, in the order of the rows: what the next rows need
/// again stays where it is or moves to the front of its buffer. A thread takes a range of the rows of the last layer and
/// has buffers of its own.
struct RowChain: Sendable {
  private let stages: [Stage]
  private let input, output, area: Operand
  /// Rows of the last layer that are computed at a time.
  let bandRows: Int
  /// Bytes of buffers and scratch memory for each thread.
  let partBytes: Int
  private let scratchOffset: Int
  /// Rows of the last layer in all pictures, and how many of them take about ten microseconds.
  private let rows, grain: Int

  private struct Stage {
    let layer: RowLayer
    /// Where the rows that the layer computes lie in a thread's memory, and how many fit; nothing for the last layer.
    let offset, capacity: Int
  }

  /// Which rows of its output a layer has in its buffer and computes next.
  private struct Cursor {
    /// The first row in the buffer, and the one behind the last.
    var first = 0
    var end = 0
    /// The first row that is still needed.
    var needed = 0
    /// The rows to be computed now are `next`..<`end`, once they have been.
    var next = 0
  }

  /// `area` has `layout.partBytes` for each thread.
  init(_ layers: [RowLayer], _ layout: RowChainLayout, input: Operand, output: Operand, area: Operand, grain: Int) {
    stages = layers.indices.map { index in
      Stage(layer: layers[index], offset: layout.offsets[index], capacity: layout.capacities[index])
    }
    (self.input, self.output, self.area) = (input, output, area)
    bandRows = layout.bandRows
    partBytes = layout.partBytes
    scratchOffset = layout.scratchOffset
    rows = layers[0].batches * layers[layers.count - 1].rows.output
    self.grain = grain
  }

  func run(_ invocation: borrowing Invocation) {
    let area = unsafe invocation.pointer(area)
    invocation.parallel(count: rows, grain: grain) { begin, end, part in
      let memory = unsafe area + part * partBytes
      let pictureRows = stages[stages.count - 1].layer.rows.output
      var begin = begin
      while begin < end {
        let picture = begin / pictureRows
        let last = min(end, (picture + 1) * pictureRows)
        unsafe run(begin - picture * pictureRows..<last - picture * pictureRows, of: picture, memory, invocation)
        begin = last
      }
    }
  }

  /// Computes rows `rows` of the last layer.
  private func run(
    _ rows: Range<Int>, of picture: Int, _ memory: UnsafeMutableRawPointer, _ invocation: borrowing Invocation
  ) {
    let cursors = unsafe memory.assumingMemoryBound(to: Cursor.self)
    unsafe cursors.initialize(repeating: Cursor(), count: stages.count)
    var begin = rows.lowerBound
    while begin < rows.upperBound {
      let end = min(begin + bandRows, rows.upperBound)
      unsafe advance(cursors, to: begin..<end)
      for index in stages.indices { unsafe compute(index, cursors, of: picture, memory, invocation) }
      begin = end
    }
  }

  /// Finds which rows each layer has to compute so that the last one can compute `rows`.
  private func advance(_ cursors: UnsafeMutablePointer<Cursor>, to rows: Range<Int>) {
    var wanted = rows
    var index = stages.count - 1
    unsafe cursors[index].next = rows.lowerBound
    unsafe cursors[index].end = rows.upperBound
    while index > 0 {
      let needed = stages[index].layer.rows.inputs(of: wanted)
      index -= 1
      unsafe cursors[index].needed = needed.lowerBound
      let next = unsafe max(cursors[index].end, needed.lowerBound)
      unsafe cursors[index].next = next
      unsafe cursors[index].end = max(cursors[index].end, needed.upperBound)
      guard next < needed.upperBound else {
        // What is there is enough, so no layer before has anything to do.
        while index > 0 {
          index -= 1
          unsafe cursors[index].next = cursors[index].end
        }
        return
      }
      wanted = next..<needed.upperBound
    }
  }

  /// Computes the rows of layer `index` that `advance` has found.
  private func compute(
    _ index: Int, _ cursors: UnsafeMutablePointer<Cursor>, of picture: Int, _ memory: UnsafeMutableRawPointer,
    _ invocation: borrowing Invocation
  ) {
    let cursor = unsafe cursors + index
    let wanted = unsafe cursor.pointee.next..<max(cursor.pointee.next, cursor.pointee.end)
    guard !wanted.isEmpty else { return }
    let layer = stages[index].layer
    let needed = layer.rows.inputs(of: wanted)
    let source =
      unsafe index == 0
      ? invocation.pointer(input) + (picture * layer.rows.input + needed.lowerBound) * layer.inputRowBytes
      : memory + stages[index - 1].offset + (needed.lowerBound - cursors[index - 1].first) * layer.inputRowBytes
    let firstRow = picture * layer.rows.output + wanted.lowerBound
    let target =
      unsafe index == stages.count - 1
      ? invocation.pointer(output) + firstRow * layer.outputRowBytes
      : room(cursor, for: wanted, in: memory + stages[index].offset, stages[index])
    unsafe layer.plan.run(
      RowBand(
        input: UnsafeRawPointer(source), inputRows: needed.count, paddingAbove: layer.rows.padding(above: wanted),
        output: target, outputRows: wanted.count, firstRow: firstRow, scratch: memory + scratchOffset), invocation)
  }

  /// Where `wanted` goes in a buffer. Moves the rows that are still needed to the front when there is no room behind them.
  private func room(
    _ cursor: UnsafeMutablePointer<Cursor>, for wanted: Range<Int>, in buffer: UnsafeMutableRawPointer, _ stage: Stage
  ) -> UnsafeMutableRawPointer {
    let (first, needed, bytes) = unsafe (cursor.pointee.first, cursor.pointee.needed, stage.layer.outputRowBytes)
    if needed >= wanted.lowerBound {
      unsafe cursor.pointee.first = wanted.lowerBound
    } else if wanted.upperBound - first > stage.capacity {
      unsafe buffer.copyMemory(
        from: buffer + (needed - first) * bytes, byteCount: (wanted.lowerBound - needed) * bytes)
      unsafe cursor.pointee.first = needed
    }
    return unsafe buffer + (wanted.lowerBound - cursor.pointee.first) * bytes
  }
}
