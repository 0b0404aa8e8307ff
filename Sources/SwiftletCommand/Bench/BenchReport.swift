import CPlatform
import Swiftlet

/// What `swiftlet bench` found.
struct BenchReport {
  let model: String
  let program: Program
  let loadMilliseconds: Double
  let firstMilliseconds: Double
  let measurement: Measurement
  let peakResidentBytes: Int
  let profile: StepProfile?

  var json: JSON {
    var object: JSON = [
      "model": .string(model), "isa": .string(program.options.isa.name), "threads": .integer(program.options.threads),
      "load_ms": .rounded(loadMilliseconds, places: 4), "first_ms": .rounded(firstMilliseconds, places: 4),
      "runs": .integer(measurement.count), "min_ms": .rounded(measurement.minimum, places: 4),
      "median_ms": .rounded(measurement.median, places: 4), "mean_ms": .rounded(measurement.mean, places: 4),
      "p95_ms": .rounded(measurement.percentile(95), places: 4),
      "p99_ms": .rounded(measurement.percentile(99), places: 4),
      "mmac": .rounded(program.multiplyAccumulates.reduce(0) { $0 + Double($1) } / 1e6, places: 3),
      "arena_bytes": .integer(program.arenaBytes),
      "arena_lower_bound_bytes": .integer(program.arenaLowerBoundBytes),
      "packed_bytes": .integer(program.packedBytes), "peak_rss_bytes": .integer(peakResidentBytes),
    ]
    if let profile { object.append("profile", profile.json) }
    return object
  }

  var text: String {
    let threads = program.options.threads == 1 ? "1 thread" : "\(program.options.threads) threads"
    let lines = [
      "\(model): \(program.options.isa.name), \(threads)",
      "  load    \(text(loadMilliseconds))",
      "  first   \(text(firstMilliseconds))",
      "  median  \(text(measurement.median)) over \(measurement.count) runs",
      "  spread  min \(text(measurement.minimum)), mean \(text(measurement.mean)), "
        + "p95 \(text(measurement.percentile(95))), p99 \(text(measurement.percentile(99)))",
      "  memory  arena \(ByteCount.text(program.arenaBytes)) "
        + "(lower bound \(ByteCount.text(program.arenaLowerBoundBytes))), "
        + "packed weights \(ByteCount.text(program.packedBytes)), peak of the process "
        + ByteCount.text(peakResidentBytes),
    ]
    return (lines + (profile.map { ["", $0.text] } ?? [])).joined(separator: "\n")
  }

  private func text(_ milliseconds: Double) -> String { "\(Format.fixed(milliseconds, places: 3)) ms" }
}
