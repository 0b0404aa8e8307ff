/// What is alive while the parts run into which a run of layers can be divided.
struct RowCosts {
  private let layers: [RowLayer]
  private let threads: Int
  /// Of the run's tensors.
  private let sizes: [Int]
  /// By layer: bytes alive beside the run's tensors, the layer's own scratch memory, and whether the run's input is still
  /// needed, by this layer or by somebody later.
  private let others, scratch: [Int]
  private let inputIsAlive: [Bool]

  /// Longer chains save little more.
  private static let longest = 8

  /// Multiply-adds that a layer should have to do at a time, beside which starting it takes nothing.
  private let leastProducts: Int

  /// Bytes of buffers that stay in a second-level cache beside weights.
  private static let mostBytes = 160 * 1024

  init(_ run: RowRun, _ usage: MemoryUsage, _ preparation: SubgraphPreparation) {
    layers = run.layers
    threads = preparation.program.options.threads
    leastProducts = preparation.program.options.isa == .scalar ? 20_000 : 500_000
    let sizes = run.tensors.map { align(preparation.tensor($0)?.byteCount ?? 0) }
    let last = usage.lifetimes[run.tensors[0]].last
    inputIsAlive = run.nodes.map { last >= $0 }
    var (others, scratch) = ([Int](), [Int]())
    others.reserveCapacity(layers.count)
    scratch.reserveCapacity(layers.count)
    for (index, node) in run.nodes.enumerated() {
      let own = sizes[index].addingSaturated(sizes[index + 1])
        .addingSaturated(index > 0 && last >= node ? sizes[0] : 0)
      scratch.append(usage.scratch[node])
      others.append(max(0, usage.bytes[node] - usage.scratch[node] - own))
    }
    (self.sizes, self.others, self.scratch) = (sizes, others, scratch)
  }

  // MARK: Bytes

  /// Bytes alive while `part` runs, its own scratch memory and buffers left out.
  private func tensorBytes(_ part: RowChaining.Part) -> Int {
    var other = 0
    for layer in part.first..<part.end { other = max(other, others[layer]) }
    let input = part.first > 0 && inputIsAlive[part.first] ? sizes[0] : 0
    return other.addingSaturated(input).addingSaturated(sizes[part.first]).addingSaturated(sizes[part.end])
  }

  /// Bytes of buffers and scratch memory of `part` as a chain.
  private func chainBytes(_ part: RowChaining.Part, bandRows: Int) -> Int {
    RowChainLayout.partBytes(layers, part, bandRows: bandRows).multipliedSaturated(by: threads)
  }

  private func leastRows(_ part: RowChaining.Part) -> Int {
    let rows = layers[part.end - 1].rows.output
    var products = 0
    for layer in part.first..<part.end { products = products.addingSaturated(layers[layer].products) }
    let wanted = leastProducts.multipliedSaturated(by: part.end - part.first).multipliedSaturated(by: rows)
    return min(rows, wanted / max(1, products / layers[0].batches) + 1)
  }

  /// Bytes of scratch memory and buffers of `part` in its lowest bands.
  private func leastOwnBytes(_ part: RowChaining.Part) -> Int {
    part.isChain ? chainBytes(part, bandRows: leastRows(part)) : scratch[part.first]
  }

  /// Bytes alive at once when every layer runs as a whole.
  var wholePeak: Int {
    var peak = 0
    for layer in layers.indices {
      let bytes = tensorBytes(RowChaining.Part(first: layer, end: layer + 1)).addingSaturated(scratch[layer])
      peak = max(peak, bytes)
    }
    return peak
  }

  // MARK: Divisions

  /// Where parts that end before layer `end` can begin, the shortest first: it needs no layout and often is good enough.
  private func firsts(_ end: Int) -> ReversedCollection<Range<Int>> { (max(0, end - Self.longest)..<end).reversed() }

  /// The least number of bytes alive at once that a division of the run needs, or `floor` when that is more; `Int.max`
  /// when every division needs more than `limit`.
  func leastPeak(between floor: Int, and limit: Int) -> Int {
    var best = [Int](repeating: Int.max, count: layers.count + 1)
    best[0] = floor
    for end in 1...layers.count {
      for first in firsts(end) where best[first] < best[end] {
        let part = RowChaining.Part(first: first, end: end)
        let tensors = tensorBytes(part)
        guard tensors <= limit, tensors < best[end] else { continue }
        let bytes = tensors.addingSaturated(leastOwnBytes(part))
        if bytes <= limit { best[end] = min(best[end], max(best[first], bytes)) }
      }
    }
    return best[layers.count]
  }

  /// The division of those that need at most `peak` bytes in which layers start least often.
  func division(within peak: Int) -> [RowChaining.Part] {
    var best = [(starts: Int, first: Int)](repeating: (Int.max, 0), count: layers.count + 1)
    best[0] = (0, 0)
    for end in 1...layers.count {
      for first in firsts(end) where best[first].starts < best[end].starts {
        let part = RowChaining.Part(first: first, end: end)
        guard best[first].starts.addingSaturated(leastStarts(part)) < best[end].starts, tensorBytes(part) <= peak,
          tensorBytes(part).addingSaturated(leastOwnBytes(part)) <= peak
        else { continue }
        let starts = best[first].starts + (part.isChain ? starts(part, bandRows: bandRows(of: part, within: peak)) : 0)
        if starts < best[end].starts { best[end] = (starts, first) }
      }
    }
    var parts: [RowChaining.Part] = []
    var end = layers.count
    while end > 0, best[end].starts < Int.max {
      parts.append(RowChaining.Part(first: best[end].first, end: end))
      end = best[end].first
    }
    return parts.reversed()
  }

  private func starts(_ part: RowChaining.Part, bandRows: Int) -> Int {
    (part.end - part.first).multipliedSaturated(by: layers[part.end - 1].rows.output / bandRows + 1)
  }

  private func leastStarts(_ part: RowChaining.Part) -> Int {
    part.isChain ? starts(part, bandRows: layers[part.end - 1].rows.output) : 0
  }

  /// The rows of the highest bands that fit, or the least when these need most of the memory already: the planner finds
  /// places for what is alive at other times only where some is left.
  func bandRows(of part: RowChaining.Part, within peak: Int) -> Int {
    let most = layers[part.end - 1].rows.output
    let room = min(Self.mostBytes.multipliedSaturated(by: threads), peak - peak / 4 - tensorBytes(part))
    var rows = leastRows(part)
    while rows < most {
      let more = min(most, rows * 3 / 2 + 1)
      guard chainBytes(part, bandRows: more) <= room else { break }
      rows = more
    }
    return rows
  }
}
