internal import CPlatform
internal import ModelFormat
package import Swiftlet
internal import Vision

/// Converts a model file to `.tflite`.
package struct Conversion {
  package struct Options: Sendable {
    /// Shapes by input name, in the source model's layout.
    package var inputShapes: [String: [Int]] = [:]
    /// Numbers of inputs that become constants, by name: one for all elements, or one for each.
    package var inputValues: [String: [Double]] = [:]
    /// Whether inputs and outputs keep the source model's order of dimensions; otherwise pictures become rows, columns,
    /// channels, as the layers inside have them.
    package var keepsLayout = false
    package var quantization = QuantizationScheme.none
    /// What the file tells of itself; labels and preprocessing of a `.tflite` source stay unless others are given.
    package var metadata = ModelMetadata()
    /// Bytes that the activations may take while the model runs; `nil` for any number.
    package var memoryLimit: Int?
    /// Whose kernels that is planned for.
    package var memorySets: [ISA] = [.fastest]

    package init() {}
  }

  /// The kinds of files that can be read.
  package enum Format: String, Sendable {
    case onnx = "ONNX"
    case keras = "Keras"
    case hdf5 = "Keras HDF5"
    case tflite = "TensorFlow Lite"

    /// By the first bytes, which are the file's own word.
    init(_ start: [UInt8]) {
      if start.count >= 8, Array(start[4..<8]) == Array("TFL3".utf8) {
        self = .tflite
      } else if start.starts(with: [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]) {
        self = .hdf5
      } else if start.starts(with: [0x50, 0x4B, 0x03, 0x04]) {
        self = .keras
      } else {
        self = .onnx
      }
    }
  }

  /// The written file.
  package let file: [UInt8]
  package let graph: Graph
  package let format: Format
  /// How often each rule fired.
  package let firings: [(rule: String, count: Int)]
  /// Layers that stayed float32 although the caller's plan wanted them quantized.
  package let kept: [KeptInFloat]
  /// As `QuantizedGraph.roundedToNearest`.
  package let roundedToNearest: [String]
  /// What was done to stay under the memory limit.
  package let splitting: RowSplitting?

  /// Reads, rewrites and writes the model at `path`.
  ///
  /// - Parameters:
  ///   - progress: called with what is being done.
  ///   - quantize: makes the graph that is written from the rewritten float one; for schemes that need calibration.
  /// - Throws: `ConversionError`, and what `quantize` throws.
  package init(
    path: String, options: Options = Options(), progress: (String) -> Void = { _ in },
    quantize: ((Graph) throws -> QuantizedGraph)? = nil
  ) throws {
    progress("reading")
    let source = try Self.read(path, options)
    format = source.format
    let metadata = source.metadata
    var graph = source.graph
    graph.dropUnusedConstants()
    progress("rewriting \(graph.nodeCount) layers")
    var driver = PassDriver()
    driver.run(Passes.quantization, on: &graph)
    GridMarking.mark(&graph)
    driver.run(Passes.patterns, on: &graph)
    if !options.keepsLayout { BoundaryLayouts.moveInputs(of: &graph) }
    driver.run(Passes.standard, on: &graph)
    if !options.keepsLayout { BoundaryLayouts.moveOutputs(of: &graph) }
    graph.shareEqualConstants()
    graph = graph.compacted()
    graph.nameUniquely()
    WeightQuantization.apply(options.quantization, to: &graph)
    graph.dropUnusedConstants()
    swl_return_free_pages()
    let quantized = try quantize?(graph) ?? Quantizer.restoring(graph)
    kept = quantized?.kept ?? []
    roundedToNearest = quantized?.roundedToNearest ?? []
    if let quantized {
      graph = quantized.graph
      driver.run(Passes.conversions, on: &graph)
      graph.dropUnusedConstants()
    }
    firings = driver.firings
    splitting = try options.memoryLimit.map { limit in
      progress("splitting layers of")
      let splitting = try RowSplitting(&graph, limit: limit, sets: options.memorySets)
      guard splitting.bytes <= limit else {
        throw ConversionError(
          .unavailable,
          "its activations need \(splitting.bytes) bytes, \(splitting.bytesBefore) before layers were split; the limit "
            + "is \(limit)",
          remedy: "allow more with --max-memory, or give a smaller input with --input-shape")
      }
      return splitting
    }
    progress("writing")
    let extras = ModelWriter.Extras(
      description: metadata.description.isEmpty ? "converted from \(format.rawValue)" : metadata.description,
      metadata: try metadata.blocks(for: graph))
    var written = try ModelWriter.write(graph, extras: extras)
    let trailer = metadata.trailer(behind: written.count)
    if !trailer.isEmpty { written += trailer }
    file = written
    self.graph = graph
  }

  /// The file's pages are given back, but for constants that the graph refers to.
  private static func read(
    _ path: String, _ options: Options
  ) throws -> (graph: Graph, metadata: ModelMetadata, format: Format) {
    let bytes: ModelBytes
    do throws(FormatError) {
      bytes = try ModelBytes(path: path)
    } catch {
      let message = error.message.replacing("file '\(path)': ", with: "")
      throw ConversionError(error.code == .unreadable ? .noInput : .badData, message)
    }
    let format = Format(
      bytes.withBytes(in: 0..<min(bytes.count, 8)) { start in
        unsafe start.withUnsafeBytes { unsafe [UInt8]($0) }
      })
    let graph = try graph(bytes, path: path, format, options)
    return (graph, try metadata(options.metadata, bytes, format), format)
  }

  private static func metadata(_ given: ModelMetadata, _ source: ModelBytes, _ format: Format) throws -> ModelMetadata {
    guard format == .tflite, let model = try? Model(bytes: source) else { return given }
    var result = given
    do {
      let known = try ModelMetadata(of: model)
      result.labels = given.labels ?? known.labels
      result.preprocessing = given.preprocessing ?? known.preprocessing
    } catch let error as VisionError {
      throw ConversionError(.badData, error.description)
    }
    return result
  }

  private static func graph(_ bytes: ModelBytes, path: String, _ format: Format, _ options: Options) throws -> Graph {
    guard format == .onnx || options.inputValues.isEmpty else {
      throw ConversionError(.usage, "--input-value is for ONNX models")
    }
    return switch format {
    case .onnx:
      try ONNXImporter.graph(
        of: bytes, path: path, inputShapes: options.inputShapes, inputValues: options.inputValues)
    case .hdf5: try KerasImporter.graph(hdf5: path, inputShapes: options.inputShapes)
    case .keras: try KerasImporter.graph(archive: bytes, inputShapes: options.inputShapes)
    case .tflite: try TFLiteImporter.graph(of: bytes, inputShapes: options.inputShapes)
    }
  }
}
