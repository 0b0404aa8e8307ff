internal import CKernels
internal import CPlatform
package import ModelFormat

/// Packed weights that a model file holds in its metadata, for one instruction set: a header of 128 bytes, then the bytes
/// that packing the model's constants would give.
///
/// The header, little-endian: the magic, u32 version of the header, u32 version of the layouts, 16 bytes name of the
/// instruction set, u64 hash of the layers and their constants, u64 hash and u64 count of the bytes behind the header,
/// u64 start and u64 count of the model as it was before, u32 number of layers; at 120 a u64 hash of all that.
package enum StoredWeights {
  package static let headerBytes = 128
  private static let namePrefix: StaticString = "swiftlet.packed_weights."
  private static let magic: UInt64 = 0x004B_4341_504C_5753  // "SWLPACK"
  private static let headerVersion: UInt32 = 1

  /// Byte offsets in the header.
  private enum Field {
    static let headerVersion = 8
    static let layoutVersion = 12
    static let isa = 16
    static let contents = 32
    static let hash = 40
    static let count = 48
    static let originalStart = 56
    static let originalCount = 64
    static let layers = 72
    static let ownHash = 120
  }

  /// The name of the metadata that holds weights packed for `isa`.
  package static func metadataName(_ isa: ISA) -> String { metadataText(isa).string }

  private static func metadataText(_ isa: ISA) -> Text {
    var text = Text(namePrefix)
    text.add(isa.text)
    return text
  }

  /// Whether metadata of this name holds packed weights.
  package static func isMetadataName(_ name: String) -> Bool {
    let name = Text(name)
    return name.bytes.count > namePrefix.utf8CodeUnitCount && name.starts(with: namePrefix)
  }

  // MARK: Reading

  /// Where `model` holds the storable weights of a prepared program; `nil` when it does not, or holds those of another
  /// model, instruction set or version.
  ///
  /// - Throws: `storedWeightsDamaged`.
  static func pointer(
    in model: Model, _ preparation: ProgramPreparation
  ) throws(PrepareError) -> UnsafeRawPointer? {
    let (isa, space) = (preparation.options.isa, preparation.packingSpace)
    guard space.storable > 0, let range = range(in: model, isa),
      let header = unsafe try header(in: model, range), unsafe isFor(isa, header),
      unsafe header.loadUnaligned(fromByteOffset: Field.contents, as: UInt64.self)
        == contents(of: preparation.packings, in: model)
    else { return nil }
    let count = unsafe Int(clamping: header.loadUnaligned(fromByteOffset: Field.count, as: UInt64.self))
    guard count == space.storable, range.count - headerBytes == count else {
      throw damaged("number of bytes", found: range.count - headerBytes, expected: space.storable)
    }
    let data = unsafe header + headerBytes
    guard unsafe swl_hash(0, data, count) == header.loadUnaligned(fromByteOffset: Field.hash, as: UInt64.self) else {
      throw damaged("hash")
    }
    return unsafe UInt(bitPattern: data) % 64 == 0 ? data : nil
  }

  private static func range(in model: Model, _ isa: ISA) -> Range<Int>? {
    guard !model.metadata.isEmpty else { return nil }
    let name = metadataText(isa)
    guard let found = model.metadata.first(where: { $0.text == name }) else { return nil }
    return model.buffers[found.buffer]
  }

  /// The header of what `range` holds, whole; `nil` when it has another version.
  private static func header(in model: Model, _ range: Range<Int>) throws(PrepareError) -> UnsafeRawPointer? {
    guard range.count >= headerBytes else {
      throw damaged("number of bytes", found: range.count, expected: headerBytes)
    }
    let header = unsafe model.bytes.rawPointer(of: range)
    guard unsafe header.loadUnaligned(as: UInt64.self) == magic else { throw damaged("magic") }
    guard unsafe header.loadUnaligned(fromByteOffset: Field.headerVersion, as: UInt32.self) == headerVersion else {
      return nil
    }
    let hash = unsafe header.loadUnaligned(fromByteOffset: Field.ownHash, as: UInt64.self)
    guard unsafe swl_hash(0, header, Field.ownHash) == hash else { throw damaged("hash of the header") }
    return unsafe header
  }

  private static func isFor(_ isa: ISA, _ header: UnsafeRawPointer) -> Bool {
    guard
      unsafe header.loadUnaligned(fromByteOffset: Field.layoutVersion, as: UInt32.self)
        == UInt32(SWL_PACKING_VERSION)
    else { return false }
    let name = name(of: isa)
    for index in name.indices where unsafe header.load(fromByteOffset: Field.isa + index, as: UInt8.self) != name[index]
    {
      return false
    }
    return true
  }

  private static func name(of isa: ISA) -> [UInt8] {
    var name = Array(isa.text.bytes.prefix(16))
    while name.count < 16 { name.append(0) }
    return name
  }

  private static func damaged(
    _ field: StaticString, found: Int? = nil, expected: Int? = nil
  ) -> PrepareError {
    PrepareError(
      .storedWeightsDamaged, field: field, found: found.map { .int($0) } ?? .none,
      expected: expected.map { .int($0) } ?? .none, remedy: "pack the model again")
  }

  /// A hash of everything that the storable weights are made of, in their order.
  private static func contents(of packings: [WeightPacking], in model: Model) -> UInt64 {
    var reading = ReadingOnce(model.bytes)
    var hash: UInt64 = 0
    for packing in packings {
      guard let key = packing.key, key.isStorable else { continue }
      hash = combine(hash, [Int(key.kind.rawValue), packing.offset, packing.byteCount])
      for index in key.numbers.indices { hash = combine(hash, [key.numbers[index]]) }
      if let scales = key.scales { scales.forEach { hash = combine(hash, [Int($0.bitPattern)]) } }
      for buffer in [key.weights, key.bias] {
        let range = model.buffers[buffer]
        unsafe hash = swl_hash(hash, model.bytes.rawPointer(of: range), range.count)
        reading.note(range.count)
      }
    }
    reading.finish()
    return hash
  }

  private static func combine(_ hash: UInt64, _ numbers: [Int]) -> UInt64 {
    var hash = hash
    for number in numbers {
      let word = Int64(number)
      unsafe withUnsafeBytes(of: word.littleEndian) { unsafe hash = swl_hash(hash, $0.baseAddress, $0.count) }
    }
    return hash
  }

  // MARK: Writing

  /// Weights packed for `isa`, to be put into a file.
  package struct Block {
    package let isa: ISA
    package let layers: Int
    private let contents: UInt64
    private let data: [UInt8]

    package var byteCount: Int { headerBytes + data.count }

    /// Packs what a file may hold of the model's first subgraph; `nil` when that is nothing.
    ///
    /// - Throws: what `Program.init` throws.
    package init?(_ model: Model, for isa: ISA) throws(PrepareError) {
      var options = PrepareOptions()
      options.isa = isa
      let preparation = ProgramPreparation(model: model, options: options)
      defer { preparation.dissolve() }
      _ = try preparation.prepareSubgraph(0, arguments: nil)
      guard preparation.packingSpace.storable > 0 else { return nil }
      try preparation.packingBuffer.reserve()
      var data = [UInt8](repeating: 0, count: preparation.packingSpace.storable)
      var layers = 0
      unsafe data.withUnsafeMutableBytes { bytes in
        guard let base = bytes.baseAddress else { return }
        for packing in preparation.packings where packing.isStorable {
          unsafe packing.fill(base + packing.offset)
          layers += 1
        }
      }
      self.isa = isa
      self.layers = layers
      self.data = data
      contents = StoredWeights.contents(of: preparation.packings, in: model)
    }

    /// The metadata's bytes in a file that has the model as it was before at `original`.
    package func bytes(original: Range<Int>) -> [UInt8] {
      var header = [UInt8](repeating: 0, count: headerBytes)
      func store<Number: FixedWidthInteger>(_ number: Number, _ offset: Int) {
        for index in 0..<MemoryLayout<Number>.size {
          header[offset + index] = UInt8(truncatingIfNeeded: number >> Number(8 * index))
        }
      }
      store(magic, 0)
      store(headerVersion, Field.headerVersion)
      store(UInt32(SWL_PACKING_VERSION), Field.layoutVersion)
      for (index, byte) in name(of: isa).enumerated() { header[Field.isa + index] = byte }
      store(contents, Field.contents)
      store(unsafe data.withUnsafeBytes { unsafe swl_hash(0, $0.baseAddress, $0.count) }, Field.hash)
      store(UInt64(data.count), Field.count)
      store(UInt64(original.lowerBound), Field.originalStart)
      store(UInt64(original.count), Field.originalCount)
      store(UInt32(clamping: layers), Field.layers)
      store(unsafe header.withUnsafeBytes { unsafe swl_hash(0, $0.baseAddress, Field.ownHash) }, Field.ownHash)
      return header + data
    }
  }

  /// Where `model` has the file that it was before weights were packed into it; `nil` when it holds none.
  ///
  /// - Throws: `storedWeightsDamaged`.
  package static func original(in model: Model) throws(PrepareError) -> Range<Int>? {
    for entry in model.metadata where isMetadataName(entry.name) {
      guard let header = unsafe try header(in: model, model.buffers[entry.buffer]) else { continue }
      let start = unsafe Int(clamping: header.loadUnaligned(fromByteOffset: Field.originalStart, as: UInt64.self))
      let count = unsafe Int(clamping: header.loadUnaligned(fromByteOffset: Field.originalCount, as: UInt64.self))
      guard start <= model.bytes.count, count <= model.bytes.count - start else { throw damaged("original model") }
      return start..<start + count
    }
    return nil
  }
}
