import CPlatform
import Swiftlet

/// How long invocations take, in nanoseconds, by rising duration.
struct Measurement {
  let sorted: [UInt64]

  /// When to stop: after a number of runs, or after a time and at least one run.
  enum Limit {
    case runs(Int)
    case nanoseconds(UInt64)
  }

  init(_ samples: [UInt64]) {
    precondition(!samples.isEmpty)
    sorted = samples.sorted()
  }

  /// Invokes again and again. Between the two clock readings of a run nothing else happens, and the loop allocates
  /// nothing: samples go into memory that was there before.
  init(of interpreter: Interpreter, limit: Limit) throws(InvokeError) {
    let (most, duration) =
      switch limit {
      case .runs(let count): (count, UInt64.max)
      case .nanoseconds(let duration): (1 << 20, duration)
      }
    var samples = [UInt64](repeating: 0, count: most)
    var count = 0
    var progress = Progress()
    let begin = swl_nanoseconds()
    repeat {
      let start = swl_nanoseconds()
      try interpreter.invoke()
      samples[count] = swl_nanoseconds() - start
      count += 1
      progress.update("\(count) runs")
    } while count < most && swl_nanoseconds() - begin < duration
    progress.finish()
    self.init(Array(samples[..<count]))
  }

  var count: Int { sorted.count }
  var minimum: Double { milliseconds(sorted[0]) }
  var mean: Double { sorted.reduce(0) { $0 + milliseconds($1) } / Double(count) }

  /// The middle run, or the mean of the two in the middle.
  var median: Double {
    let middle = count / 2
    return count % 2 == 1
      ? milliseconds(sorted[middle]) : (milliseconds(sorted[middle - 1]) + milliseconds(sorted[middle])) / 2
  }

  /// The smallest run that at least `percent` of all runs do not exceed (nearest rank).
  func percentile(_ percent: Int) -> Double {
    milliseconds(sorted[max(0, (count * percent + 99) / 100 - 1)])
  }

  private func milliseconds(_ nanoseconds: UInt64) -> Double { Double(nanoseconds) / 1e6 }
}
