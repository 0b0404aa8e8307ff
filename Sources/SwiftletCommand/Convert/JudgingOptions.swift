import ArgumentParser

/// The options of `convert` that say how good a quantized model is, and how good it must be.
struct JudgingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Write what quantization did to each layer: FILE.html, a page that needs no other file, with FILE.json beside it; or FILE.json alone.",
      valueName: "file"))
  var report: String?

  @Option(help: ArgumentHelp("The most samples that errors in the report are measured on.", valueName: "count"))
  var reportSamples = 16

  @Option(
    help: ArgumentHelp(
      "Measure the float and the quantized model there: a dataset as swiftlet eval takes it, or a folder as --calibrate takes it.",
      discussion: """
        On a dataset the score is top-1 accuracy or mean average precision; in a folder without answers it is how well \
        the quantized model agrees with the float one: the share of equal first classes, or the cosine of outputs that \
        are no classes.
        """, valueName: "path"))
  var eval: String?

  @Option(help: ArgumentHelp("The folder of the pictures of an instances file given to --eval.", valueName: "folder"))
  var evalImages: String?

  @Option(
    help: ArgumentHelp(
      "The most points of a hundred that quantization may cost on --eval; layers that cost most are put back until it does.",
      valueName: "points"))
  var maxDrop: Double?

  @Option(
    help: ArgumentHelp(
      "Where to write the recipe that --max-drop finds; without it the output's name with .recipe.json.",
      valueName: "file"))
  var writeRecipe: String?

  func validate() throws {
    guard reportSamples >= 1 else { throw ValidationError("--report-samples is \(reportSamples), expected at least 1") }
    if let maxDrop {
      guard maxDrop.isFinite, maxDrop >= 0 else {
        throw ValidationError("--max-drop is \(maxDrop), expected 0 or more points of a hundred")
      }
      guard eval != nil else { throw ValidationError("--max-drop needs --eval with what to measure on") }
    }
    guard writeRecipe == nil || maxDrop != nil else { throw ValidationError("--write-recipe goes with --max-drop") }
    if let report, !["html", "json"].contains(FileSystem.ending(report)) {
      throw ValidationError("--report is '\(report)', expected a name that ends in .html or .json")
    }
  }

  var isUsed: Bool { report != nil || eval != nil }
}
