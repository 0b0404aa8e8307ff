import Foundation
import ModelFormat
import Testing
import Vision

@testable import Converter
@testable import SwiftletCommand

/// `--calibrate` with everything it takes, and with what it does not.
@Suite struct CalibrationSamplesTests {
  private let folder: String

  init() throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  private func graph(_ shape: [Int], source: [Int]? = nil, permutation: [Int]? = nil) -> Graph {
    var graph = Graph()
    let id = graph.add(Value(name: "x", type: .float32, shape: shape))
    graph.addInput(
      id,
      layout: BoundaryLayout(
        sourceName: "x", sourceShape: source ?? shape, permutation: permutation ?? Array(shape.indices)))
    return graph
  }

  private func write(_ bytes: [UInt8], _ name: String) throws {
    try FileSystem.write(bytes, to: FileSystem.path(folder, name))
  }

  private func array(_ elements: [Float], _ shape: [Int]) throws -> [UInt8] {
    try NPY(type: .float32, shape: shape, bytes: ConstantBytes(elements: elements).array).contents()
  }

  private func failure(_ body: () throws -> Void) -> CommandFailure? {
    do {
      try body()
      return nil
    } catch {
      return error as? CommandFailure
    }
  }

  private func samples(_ graph: Graph, _ path: String? = nil) throws -> CalibrationSamples {
    try CalibrationSamples(path ?? folder, for: graph)
  }

  @Test func arraysComeInTheSourceModelsLayout() throws {
    try write(array([0, 1, 2, 3, 4, 5], [1, 2, 1, 3]), "b.npy")
    try write(array([9, 8, 7, 6, 5, 4], [2, 1, 3]), "a.npy")
    let source = try samples(graph([1, 1, 3, 2], source: [1, 2, 1, 3], permutation: [0, 2, 3, 1]))
    #expect(source.count == 2)
    #expect(ConstantBytes(try source.sample(0)[0]).elements(as: Float.self) == [9, 6, 8, 5, 7, 4])
    #expect(ConstantBytes(try source.sample(1)[0]).elements(as: Float.self) == [0, 3, 1, 4, 2, 5])
  }

  @Test func picturesAreNormalizedAndKnowTheirRange() throws {
    try Image(width: 4, height: 2, filledWith: Color(red: 255, green: 0, blue: 51)).write(
      to: FileSystem.path(folder, "p.png"))
    let source = try samples(graph([1, 2, 4, 3]))
    let numbers = ConstantBytes(try source.sample(0)[0]).elements(as: Float.self)
    #expect(numbers.count == 24 && Array(numbers[0..<3]) == [1, 0, 0.2])
    #expect(source.inputRanges == [0...1])
    let first = ConstantBytes(try samples(graph([1, 3, 2, 4])).sample(0)[0]).elements(as: Float.self)
    #expect(Array(first[0..<8]) == Array(repeating: 1, count: 8))
  }

  @Test func soundIsCutIntoFrames() throws {
    try write(ConstantBytes(elements: [16384, -32768, 0, 8192, 1] as [Int16]).array, "a.pcm")
    let source = try samples(graph([1, 2]))
    #expect(source.count == 2)
    #expect(ConstantBytes(try source.sample(1)[0]).elements(as: Float.self) == [0, 0.25])
  }

  @Test func soundInWAVIsReadBehindItsHeader() throws {
    func text(_ text: String) -> [UInt8] { Array(text.utf8) }
    func number(_ number: Int, _ size: Int) -> [UInt8] {
      (0..<size).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }
    let data = ConstantBytes(elements: [16384, 1, -16384, 2] as [Int16]).array
    let format = number(1, 2) + number(2, 2) + number(16000, 4) + number(64000, 4) + number(4, 2) + number(16, 2)
    let body =
      text("WAVEfmt ") + number(16, 4) + format + text("LIST") + number(2, 4) + [0, 0] + text("data") + number(8, 4)
    try write(text("RIFF") + number(4 + body.count + 8, 4) + body + data, "a.wav")
    let source = try samples(graph([1, 2]))
    #expect(ConstantBytes(try source.sample(0)[0]).elements(as: Float.self) == [0.5, -0.5])
  }

  @Test func foldersWithoutSamplesExitWith66() throws {
    #expect(failure { _ = try samples(graph([1, 2])) }?.kind == .noInput)
    try write([1, 2, 3], "readme.txt")
    #expect(failure { _ = try samples(graph([1, 2])) }?.kind == .noInput)
    #expect(failure { _ = try samples(graph([1, 2]), folder + "/absent") }?.kind == .noInput)
  }

  @Test func damagedSamplesAreNamed() throws {
    try write(Array("no array".utf8), "a.npy")
    let found = failure { _ = try samples(graph([1, 2])).sample(0) }
    #expect(found?.kind == .badData)
    #expect(found?.file.hasSuffix("a.npy") ?? false)
    try write(array([1, 2, 3], [3]), "a.npy")
    #expect(failure { _ = try samples(graph([1, 2])).sample(0) }?.message.contains("[1,2]") ?? false)
  }

  @Test func damagedSoundIsRefused() throws {
    for bytes in [[], Array("RIFF".utf8), Array("RIFF0000WAVEfmt \u{10}\0\0\0".utf8)] as [[UInt8]] {
      try write(bytes, "a.wav")
      #expect(failure { _ = try samples(graph([1, 2])) } != nil)
    }
  }

  @Test func modelsThatTakeNoPicturesSaySo() throws {
    try Image(width: 4, height: 2, filledWith: .white).write(to: FileSystem.path(folder, "p.png"))
    #expect(failure { _ = try samples(graph([1, 640])) }?.kind == .usage)
  }

  @Test func archivesHoldAnArrayForEachInput() throws {
    try write([1, 2, 3], "a.npz")
    let path = FileSystem.path(folder, "a.npz")
    #expect(failure { _ = try samples(graph([1, 2]), path) }?.kind == .badData)
  }
}
