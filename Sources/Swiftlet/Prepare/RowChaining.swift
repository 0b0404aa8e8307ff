/// Makes chains of steps that can run some rows at a time, where that makes the arena smaller.
///
/// What is alive beside a run of such steps is given; the tensors between the chains into which it is divided are whole.
/// First comes the least peak that divisions of all runs allow; then each run is divided so that within this peak layers
/// start least often. Where memory is not scarce, nothing is divided that saves little: most models show by the sizes of
/// their tensors alone that they would save too little.
struct RowChaining {
  private let preparation: SubgraphPreparation
  private let usage: MemoryUsage
  private let runs: [RowRun]
  /// More bytes alive at once would save too little.
  private let limit: Int

  /// Steps `first`..<`end` of a run.
  struct Part {
    let first, end: Int
    var isChain: Bool { end - first > 1 }
  }

  /// - Returns: whether there are chains now, so that `planner` no longer says what is alive when.
  static func apply(to preparation: SubgraphPreparation, _ planner: MemoryPlanner) -> Bool {
    let options = preparation.program.options
    if let bandRows = options.bandRows {
      let runs = RowRun.all(in: preparation) { _ in true }
      for run in runs {
        preparation.chain(run, Part(first: 0, end: run.layers.count), bandRows: bandRows)
      }
      preparation.removeChainedSteps()
      return !runs.isEmpty
    }
    var limit = Int.max
    let bytes = planner.bytesByNode
    if options.isa != .scalar {
      let whole = bytes.max() ?? 0
      limit = whole - max(whole / 5, smallSaving)
      guard limit > 0 else { return false }
    }
    return RowChaining(preparation, planner, bytes, limit)?.apply() ?? false
  }

  /// Less is not worth starting layers more often, which takes some per cent of the time of small ones.
  private static let smallSaving = 128 * 1024

  /// `nil` when there is nothing to divide.
  private init?(_ preparation: SubgraphPreparation, _ planner: MemoryPlanner, _ bytes: [Int], _ limit: Int) {
    let floor = preparation.bytesOutsideRows(bytes)
    guard floor <= limit else { return nil }
    runs = RowRun.all(in: preparation) { bytes[$0] > floor }
    guard !runs.isEmpty else { return nil }
    usage = MemoryUsage(bytes: bytes, scratch: preparation.scratchByNode, lifetimes: planner.lifetimes)
    self.preparation = preparation
    self.limit = limit
  }

  /// Only runs that hold more than the rest of the model needs are divided at all, those that hold most first.
  private func apply() -> Bool {
    var peak = usage.peak(outside: runs)
    guard peak <= limit else { return false }
    let costs = runs.map { RowCosts($0, usage, preparation) }
    let wholePeaks = costs.map { $0.wholePeak }
    for run in costs.indices.sorted(by: { wholePeaks[$0] > wholePeaks[$1] }) {
      guard wholePeaks[run] > peak else { break }
      peak = costs[run].leastPeak(between: peak, and: limit)
      guard peak <= limit else { return false }
    }
    var hasChains = false
    for run in runs.indices where wholePeaks[run] > peak {
      for part in costs[run].division(within: peak) where part.isChain {
        preparation.chain(runs[run], part, bandRows: costs[run].bandRows(of: part, within: peak))
        hasChains = true
      }
    }
    preparation.removeChainedSteps()
    return hasChains
  }
}

extension SubgraphPreparation {
  /// The most of `bytes`, by node, where no step runs that could be in a chain.
  fileprivate func bytesOutsideRows(_ bytes: [Int]) -> Int {
    var bytes = bytes
    for step in steps where step.rowwise != nil { bytes[step.node] = 0 }
    return bytes.max() ?? 0
  }
}

/// What is alive while each node of a subgraph runs.
struct MemoryUsage {
  /// By node: bytes of the arena, and those of them that are the node's scratch memory.
  let bytes, scratch: [Int]
  /// By tensor.
  let lifetimes: [TensorLifetime]

  /// The most that is alive while a node runs that is in none of `runs`.
  fileprivate func peak(outside runs: [RowRun]) -> Int {
    var bytes = bytes
    for run in runs {
      for node in run.nodes { bytes[node] = 0 }
    }
    return bytes.max() ?? 0
  }
}
