import ModelFormat
import Swiftlet

/// A model file that holds its weights packed for one or several instruction sets.
struct PackedModel {
  let bytes: [UInt8]
  let blocks: [StoredWeights.Block]
  /// Bytes of the model without packed weights.
  let originalByteCount: Int

  /// - Throws: `unavailable` when there is nothing to pack or the file cannot be extended.
  init(_ file: ModelFile, for instructionSets: [ISA], progress: (ISA) -> Void) throws(CommandFailure) {
    let original = try Self.original(of: file)
    originalByteCount = original.model.bytes.count
    var blocks: [StoredWeights.Block] = []
    for isa in instructionSets {
      progress(isa)
      do throws(PrepareError) {
        if let block = try StoredWeights.Block(original.model, for: isa) { blocks.append(block) }
      } catch {
        throw CommandFailure(error, file: file.path)
      }
    }
    guard blocks.count == instructionSets.count else {
      throw CommandFailure(
        .unavailable, file: file.path, "has no layer whose weights could be packed: CONV_2D or FULLY_CONNECTED")
    }
    self.blocks = blocks
    let old = original.model.bytes.withBytes(in: 0..<original.model.bytes.count) { bytes in
      unsafe bytes.withUnsafeBytes { unsafe Array($0) }
    }
    bytes = try ExtendedModel(
      old,
      adding: blocks.map { block in
        ExtendedModel.Block(
          name: StoredWeights.metadataName(block.isa), byteCount: block.byteCount,
          bytes: { block.bytes(original: $0) })
      }
    ).bytes
    try requireSameContents(original)
  }

  /// The model without weights packed earlier.
  private static func original(of file: ModelFile) throws(CommandFailure) -> ModelFile {
    let range: Range<Int>?
    do throws(PrepareError) {
      range = try StoredWeights.original(in: file.model)
    } catch {
      throw CommandFailure(error, file: file.path)
    }
    guard let range else { return file }
    let old = try ModelFile(
      path: file.path,
      contents: file.model.bytes.withBytes(in: range) { bytes in unsafe bytes.withUnsafeBytes { unsafe Array($0) } })
    guard !old.model.metadata.contains(where: { StoredWeights.isMetadataName($0.name) }) else {
      throw CommandFailure(.badData, file: file.path, "holds packed weights within packed weights")
    }
    return old
  }

  /// Files above 2 GiB keep constants and options at places counted from the start of the file, which have moved.
  private func requireSameContents(_ original: ModelFile) throws(CommandFailure) {
    let new = try ModelFile(path: original.path, contents: bytes)
    let (old, shift) = (original.model, bytes.count - originalByteCount)
    let areMoved =
      zip(old.buffers, new.model.buffers).allSatisfy { Self.isMoved($0, $1, by: shift) }
      && zip(old.subgraphs, new.model.subgraphs).allSatisfy { before, after in
        zip(before.operators, after.operators).allSatisfy {
          Self.isMoved($0.customOptions, $1.customOptions, by: shift)
        }
      }
    guard areMoved else {
      throw CommandFailure(
        .unavailable, file: original.path, "keeps constants behind its tables: it cannot be extended")
    }
  }

  private static func isMoved(_ old: Range<Int>, _ new: Range<Int>, by shift: Int) -> Bool {
    old.isEmpty && new.isEmpty || new == old.lowerBound + shift..<old.upperBound + shift
  }
}
