import Converter
import ModelFormat

/// A model of any format that can be read: `.tflite` files as they are, others converted in memory.
struct ConvertedModel {
  let file: ModelFile
  /// The order of dimensions of each input in the source model; `nil` for `.tflite` files, which have their own.
  let inputLayouts: [BoundaryLayout]?

  /// - Parameter inputShapes: for inputs with open dimensions, by name; those of other models are left out.
  init(path: String, inputShapes: [String: [Int]] = [:], progress: (String) -> Void = { _ in }) throws {
    if FileSystem.ending(path) == "tflite" {
      file = try ModelFile(path: path)
      inputLayouts = nil
      return
    }
    var options = Conversion.Options()
    options.inputShapes = inputShapes
    do {
      let conversion = try Conversion(path: path, options: options) { progress("\($0) \(path)") }
      file = try ModelFile(path: path, contents: conversion.file)
      inputLayouts = conversion.graph.inputLayouts
    } catch let error as ConversionError {
      throw CommandFailure(error, file: path)
    }
  }
}
