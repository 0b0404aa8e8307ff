/// Makes chains of steps that can run some rows at a time, where that makes the arena smaller.
///
/// What is alive beside a run of such steps is given; the tensors between the chains into which it is divided are whole.
/// First comes the least peak that divisions of all runs allow; then each run is divided so that within this peak layers
/// start least often. Where memory is not scarce, nothing is divided that saves little.
struct RowChaining {
  private let preparation: SubgraphPreparation
  private let runs: [RowRun]
  private let usage: MemoryUsage

  /// Steps `first`..<`end` of a run.
  struct Part {
    let first, end: Int
    var isChain: Bool { end - first > 1 }
  }

  static func apply(to preparation: SubgraphPreparation) {
    let runs = RowRun.all(in: preparation)
    guard !runs.isEmpty else { return }
    if let bandRows = preparation.program.options.bandRows {
      for run in runs {
        let layout = RowChainLayout(run.layers[...], bandRows: bandRows)
        preparation.chain(run, Part(first: 0, end: run.layers.count), layout)
      }
      preparation.removeChainedSteps()
    } else {
      RowChaining(preparation: preparation, runs: runs, usage: preparation.memoryUsage()).apply()
    }
  }

  /// Less is not worth starting layers more often, which takes some per cent of the time of small ones.
  private static let smallSaving = 128 * 1024

  /// Only runs that hold more than the rest of the model needs are divided at all, those that hold most first.
  private func apply() {
    let costs = runs.map { RowCosts($0, usage, preparation) }
    var peak = usage.peak(outside: runs)
    for run in costs.indices.sorted(by: { costs[$0].wholePeak > costs[$1].wholePeak }) {
      guard costs[run].wholePeak > peak else { break }
      peak = max(peak, costs[run].leastPeak)
    }
    let (whole, isScarce) = (usage.bytes.max() ?? 0, preparation.program.options.isa == .scalar)
    guard isScarce || whole - peak >= max(whole / 5, Self.smallSaving) else { return }
    for (run, costs) in zip(runs, costs) where costs.wholePeak > peak {
      for part in costs.division(within: peak) where part.isChain {
        preparation.chain(run, part, costs.layout(of: part, within: peak))
      }
    }
    preparation.removeChainedSteps()
  }
}

extension MemoryUsage {
  /// The most that is alive while a node runs that is in none of `runs`.
  fileprivate func peak(outside runs: [RowRun]) -> Int {
    var bytes = bytes
    for run in runs {
      for node in run.nodes { bytes[node] = 0 }
    }
    return bytes.max() ?? 0
  }
}
