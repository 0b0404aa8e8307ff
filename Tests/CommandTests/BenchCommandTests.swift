import Foundation
import Testing

@testable import SwiftletCommand

@Suite struct BenchCommandTests {
  let files: TemporaryFolder
  let model: String

  init() throws {
    files = try TemporaryFolder()
    model = try files.write(Models.convolution(), to: "model.tflite")
  }

  static let keys: Set<String> = [
    "model", "isa", "threads", "load_ms", "first_ms", "runs", "min_ms", "median_ms", "mean_ms", "p95_ms", "p99_ms",
    "arena_bytes", "arena_lower_bound_bytes", "packed_bytes", "peak_rss_bytes", "mmac",
  ]

  @Test func answersInJSON() throws {
    let bench = try Command("bench", model, "--runs", "10", "--warmup", "1", "--json")
    #expect(bench.exitCode == 0, "\(bench.error)")
    let answer = try bench.json()
    #expect(Set(answer.keys) == Self.keys)
    #expect(answer["runs"] as? Int == 10)
    #expect(answer["model"] as? String == model)
    let times = try ["min_ms", "median_ms", "p95_ms", "p99_ms"].map { try #require(answer[$0] as? Double) }
    #expect(times == times.sorted())
    #expect(try #require(answer["arena_bytes"] as? Int) >= #require(answer["arena_lower_bound_bytes"] as? Int))
    #expect(try #require(answer["peak_rss_bytes"] as? Int) > 100_000)
  }

  @Test func stopsAfterTheTimeGiven() throws {
    let start = Date()
    let bench = try Command("bench", model, "--seconds", "0.05", "--json")
    #expect(try #require(try bench.json()["runs"] as? Int) >= 1)
    #expect(Date().timeIntervalSince(start) < 30)
  }

  @Test func profilesEveryOperator() throws {
    let bench = try Command("bench", model, "--runs", "3", "--profile", "--json")
    let rows = try #require(try bench.json()["profile"] as? [[String: Any]])
    #expect(rows.map { $0["operator"] as? String } == ["CONV_2D"])
    // 4 x 4 outputs of 2 channels, each from 3 x 3 x 1 inputs.
    #expect(rows[0]["macs"] as? Int == 4 * 4 * 2 * 9)
    #expect(rows[0]["share"] as? Double == 1)
    #expect(try Command("bench", model, "--runs", "3", "--profile").output.contains("GMAC/s"))
  }

  @Test func tracesForChrome() throws {
    let bench = try Command("bench", model, "--runs", "1", "--trace", "\(files.path)/trace.json")
    #expect(bench.exitCode == 0, "\(bench.error)")
    let json = try JSONSerialization.jsonObject(with: Data(files.read("trace.json"))) as? [String: Any]
    let events = try #require(json?["traceEvents"] as? [[String: Any]])
    #expect(events.count { $0["name"] as? String == "CONV_2D" } == 5)
    #expect(events.allSatisfy { $0["ph"] as? String == "X" && $0["ts"] is Double && $0["dur"] is Double })
  }

  @Test(arguments: ["--runs=0", "--seconds=0", "--warmup=-1"]) func wrongUsageIs64(option: String) throws {
    #expect(try Command("bench", model, option).exitCode == 64)
  }
}

@Suite struct MeasurementTests {
  @Test func ordersAndRanks() {
    let measurement = Measurement((1...100).reversed().map { UInt64($0) * 1_000_000 })
    #expect(measurement.minimum == 1)
    #expect(measurement.median == 50.5)
    #expect(measurement.mean == 50.5)
    #expect(measurement.percentile(95) == 95)
    #expect(measurement.percentile(99) == 99)
  }

  @Test func oneRunIsEveryRank() {
    let measurement = Measurement([3_000_000])
    #expect([measurement.minimum, measurement.median, measurement.percentile(99)] == [3, 3, 3])
  }
}
