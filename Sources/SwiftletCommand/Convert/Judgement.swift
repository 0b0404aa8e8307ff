import Converter
import Vision

/// What `--report`, `--eval` and `--max-drop` make of a quantization.
final class Judgement {
  private let options: JudgingOptions
  private let output: String
  private let metadata: ModelMetadata
  private var report: QuantizationReport?
  private var scores: Scores?
  private var search: RecipeSearch.Result?
  private var recipe: QuantizationRecipe?

  /// 0...1; the float model's and that of the written one.
  struct Scores {
    let name: String
    let float: Double
    let quantized: Double
  }

  /// - Throws: `cannotCreate` when the report or the recipe could not be written.
  init(_ options: JudgingOptions, output: String, metadata: ModelMetadata) throws(CommandFailure) {
    self.options = options
    self.output = output
    self.metadata = metadata
    if let report = options.report {
      try FileSystem.checkWritable(report)
      try FileSystem.checkWritable("\(report.dropLast(5)).json")
    }
    if options.maxDrop != nil { try FileSystem.checkWritable(recipePath) }
  }

  /// Whether the model is worse than `--max-drop` allows.
  var fellShort: Bool { search.map { !$0.isReached } ?? false }

  /// The quantized graph: that of `plan`, or of the plan that reaches what `--max-drop` asks for.
  func judge(
    _ graph: Graph, _ plan: QuantizationPlan, _ calibration: Calibration, _ samples: CalibrationSamples
  ) throws -> QuantizedGraph {
    var quantized = try Quantizer.apply(plan, calibration, to: graph)
    if let path = options.eval {
      let scorer = try ModelScorer(
        path: path, images: options.evalImages, float: graph, metadata: metadata, name: output)
      if let drop = options.maxDrop {
        let found = try improve(graph, plan, calibration, samples, scorer, drop: drop)
        quantized = found.quantized
        scores = Scores(name: scorer.name, float: scorer.floatScore, quantized: found.scores.after)
      } else {
        scores = Scores(name: scorer.name, float: scorer.floatScore, quantized: try scorer.score(quantized.graph))
      }
    }
    if options.report != nil {
      report = try measure(graph, quantized, plan, calibration, samples)
    }
    return quantized
  }

  /// Whether the network with other weights shall be measured.
  ///
  /// - Throws: `usage` for what only a calibrated network can be asked for, and when nothing is quantized.
  func asksForWeights(_ scheme: QuantizationScheme) throws(CommandFailure) -> Bool {
    guard options.isUsed else { return false }
    guard scheme != .none, options.report == nil, options.maxDrop == nil else { throw Self.uncalibrated }
    return true
  }

  /// The graph with its weights in `scheme`, measured beside the float one.
  func judge(_ graph: Graph, _ scheme: QuantizationScheme) throws -> QuantizedGraph {
    var changed = graph
    WeightQuantization.apply(scheme, to: &changed)
    changed.dropUnusedConstants()
    let quantized =
      try Quantizer.restoring(changed) ?? QuantizedGraph(graph: changed, kept: [], roundedToNearest: [])
    try score(quantized, beside: graph)
    return quantized
  }

  /// Measures what `--eval` asks for.
  func score(_ quantized: QuantizedGraph, beside graph: Graph) throws {
    guard let path = options.eval else { return }
    let scorer = try ModelScorer(
      path: path, images: options.evalImages, float: graph, metadata: metadata, name: output)
    scores = Scores(name: scorer.name, float: scorer.floatScore, quantized: try scorer.score(quantized.graph))
  }

  private func improve(
    _ graph: Graph, _ plan: QuantizationPlan, _ calibration: Calibration, _ samples: CalibrationSamples,
    _ scorer: ModelScorer, drop: Double
  ) throws -> RecipeSearch.Result {
    var progress = Progress()
    defer { progress.finish() }
    // Scores are sums of few numbers: a billionth is rounding.
    let target = scorer.floatScore - drop / 100 - 1e-9
    let found = try RecipeSearch.run(graph, plan, calibration, samples: samples, target: target) { what in
      progress.update(what)
    } score: { candidate in
      try scorer.score(candidate.graph)
    }
    search = found
    let given = plan.overrides.sorted { $0.key < $1.key }.compactMap { id, scheme -> QuantizationRecipe.Rule? in
      guard let name = graph[id]?.outputs.first.map({ graph[$0].name }) else { return nil }
      return QuantizationRecipe.Rule(scope: name, scheme: scheme)
    }
    recipe = QuantizationRecipe(rules: given + found.rules)
    return found
  }

  private func measure(
    _ graph: Graph, _ quantized: QuantizedGraph, _ plan: QuantizationPlan, _ calibration: Calibration,
    _ samples: CalibrationSamples
  ) throws -> QuantizationReport {
    let progress = ProgressBar("measuring", count: min(options.reportSamples, samples.count))
    defer { progress.finish() }
    let errors = try QuantizationErrors.measure(
      graph, quantized.graph, samples, limit: options.reportSamples
    ) { progress.update($0) }
    return QuantizationReport(
      float: graph, quantized: quantized, calibration: calibration, errors: errors, method: plan.method.text)
  }

  /// - Throws: `usage` when nothing was calibrated, so that there is nothing to judge.
  func checkUse() throws(CommandFailure) {
    guard options.isUsed, report == nil, scores == nil else { return }
    throw Self.uncalibrated
  }

  private static var uncalibrated: CommandFailure {
    CommandFailure(
      .usage,
      "--report and --max-drop measure layers on samples, so they go with --quantize int8 or int16x8 and --calibrate; "
        + "--eval goes with every scheme but none")
  }

  /// Writes report and recipe.
  func write(for input: String, bytes: Int) throws(CommandFailure) {
    if let report, let path = options.report {
      let document = ReportDocument(
        report: report, model: FileSystem.name(input), output: FileSystem.name(output), fileBytes: bytes,
        scores: scores,
        restored: search?.restored ?? [])
      let isPage = FileSystem.ending(path) == "html"
      let stem = path.dropLast(5)
      if isPage { try FileSystem.write(ReportPage(document).html, to: path) }
      try FileSystem.write(document.json.text, to: "\(stem).json")
    }
    if let recipe, search?.restored.isEmpty == false { try FileSystem.write(recipe.json, to: recipePath) }
  }

  private var recipePath: String {
    options.writeRecipe ?? (FileSystem.ending(output) == "tflite" ? String(output.dropLast(7)) : output)
      + ".recipe.json"
  }

  /// For people.
  var lines: [String] {
    var lines: [String] = []
    if let scores {
      let drop = (scores.float - scores.quantized) * 100
      lines.append(
        "  \(scores.name): float \(Format.fixed(scores.float, places: 4)), quantized "
          + "\(Format.fixed(scores.quantized, places: 4)): \(Format.fixed(drop, places: 2)) points lost")
    }
    if let search {
      if search.restored.isEmpty {
        lines.append("  all layers stay as planned")
      } else {
        lines.append(
          "  \(search.restored.count) of the layers that cost most in higher precision (before: "
            + "\(Format.fixed(search.scores.before, places: 4)), \(search.trials) trials), recipe in \(recipePath):")
        lines += search.restored.map { "    \($0.name): \($0.scheme.rawValue)" }
      }
      if !search.isReached { lines.append("  what --max-drop allows was not reached; this is the best that was found") }
    }
    if let report {
      lines += report.outputs.map { output in
        "  output \(output.name): \(ComparisonReport.decibels(output.fidelity)) dB beside float"
      }
      lines += report.worstFirst.filter { $0.own.count > 0 }.prefix(3).map {
        "    \($0.name) (\($0.operation)) adds the most noise: \(ComparisonReport.decibels($0.own)) dB alone"
      }
    }
    return lines
  }

  /// `nil` when nothing was asked for.
  var json: JSON? {
    guard options.isUsed else { return nil }
    var object: JSON = [:]
    if let scores {
      object.append(
        "score",
        [
          "name": .string(scores.name), "float": .number(scores.float), "quantized": .number(scores.quantized),
          "points_lost": .number((scores.float - scores.quantized) * 100),
        ])
    }
    if let search {
      object.append("is_reached", .bool(search.isReached))
      object.append("trials", .integer(search.trials))
      object.append("score_before", .number(search.scores.before))
      object.append(
        "restored",
        .array(search.restored.map { ["layer": .string($0.name), "scheme": .string($0.scheme.rawValue)] }))
      if !search.restored.isEmpty { object.append("recipe", .string(recipePath)) }
    }
    if let report {
      object.append(
        "outputs",
        .array(
          report.outputs.map {
            ["name": .string($0.name), "snr_db": .rounded($0.fidelity.decibels, places: 3)]
          }))
    }
    return object
  }
}
