import CPlatform
import ModelFormat
import Swiftlet
import TestSupport
import Testing

@testable import SwiftletCommand

@Suite struct PackCommandTests {
  private let folder: TemporaryFolder
  private let original: [UInt8]
  /// Packed for the fastest instruction set.
  private let packed: [UInt8]

  init() throws {
    folder = try TemporaryFolder()
    original = Self.network()
    let path = try folder.write(original, to: "model.tflite")
    let command = try Command("pack", path, "-o", "\(folder.path)/packed.tflite")
    #expect(command.exitCode == 0, "\(command.error)")
    packed = try folder.read("packed.tflite")
  }

  /// A float32 and an int8 convolution, with text behind the model as archives of labels stand there.
  private static func network() -> [UInt8] {
    var model = ModelBuilder()
    let options = OptionsSpec(1, [0: .int8(0), 1: .int32(1), 2: .int32(1), 4: .int32(1), 5: .int32(1)])
    let picture = model.tensor("picture", .float32, [1, 5, 5, 3])
    let weights = model.constant("weights", .float32, [8, 3, 3, 3], (0..<216).map { Float($0 % 13) / 8 - 0.5 })
    let features = model.tensor("features", .float32, [1, 5, 5, 8])
    model.operation(3, inputs: [picture, weights], outputs: [features], options: options)
    let bytes = model.tensor("bytes", .int8, [1, 5, 5, 8], quantization: .perTensor(0.1, 0))
    model.operation(114, inputs: [features], outputs: [bytes])
    let small = model.constant(
      "small", .int8, [4, 3, 3, 8], (0..<288).map { Int8($0 * 7 % 255 - 127) }, quantization: .perTensor(0.01, 0))
    let output = model.tensor("output", .int8, [1, 5, 5, 4], quantization: .perTensor(0.2, 1))
    model.operation(3, inputs: [bytes, small], outputs: [output], options: options)
    model.setInputs([picture], outputs: [output])
    return model.build() + Array("what follows the model".utf8)
  }

  private func program(_ bytes: [UInt8], isa: ISA = .fastest) throws -> Program {
    let model = try Model(bytes: ModelBytes(path: folder.write(bytes, to: "file.tflite")))
    var options = PrepareOptions()
    options.isa = isa
    return try Program(model: model, options: options)
  }

  private func output(_ bytes: [UInt8], isa: ISA = .fastest) throws -> [Int8] {
    let interpreter = try Interpreter(program: program(bytes, isa: isa))
    try interpreter.setInput(0, to: (0..<75).map { Float($0 % 11) / 4 - 1 })
    try interpreter.invoke()
    return try interpreter.output(0, as: Int8.self)
  }

  /// Where the packed weights begin with their header.
  private func block() throws -> Range<Int> {
    let model = try Model(bytes: ModelBytes(copying: packed))
    let entry = try #require(model.metadata.first { StoredWeights.isMetadataName($0.name) })
    return model.buffers[entry.buffer]
  }

  @Test func thePackedFileIsUsedAndGivesTheSameBytes() throws {
    #expect(try program(packed).usesStoredWeights)
    #expect(try !program(original).usesStoredWeights)
    #expect(try output(packed) == output(original))
  }

  @Test func theModelIsInThePackedFileByteForByteAndAtItsEnd() throws {
    #expect(packed.suffix(original.count).elementsEqual(original))
    let (old, new) = (
      try Model(bytes: ModelBytes(copying: original)), try Model(bytes: ModelBytes(copying: packed))
    )
    #expect(old.trailingBytes.count > 0)
    #expect(old.trailingBytes.count == new.trailingBytes.count)
    #expect(old.description == new.description)
  }

  @Test func packingAgainChangesNothing() throws {
    let again = try Command("pack", "\(folder.path)/packed.tflite", "-o", "\(folder.path)/again.tflite")
    #expect(again.exitCode == 0, "\(again.error)")
    #expect(try folder.read("again.tflite") == packed)
  }

  @Test func weightsForAnotherInstructionSetAreIgnored() throws {
    #expect(try !program(packed, isa: .scalar).usesStoredWeights || ISA.fastest == .scalar)
    #expect(try output(packed, isa: .scalar) == output(original, isa: .scalar))
  }

  @Test func oneFileHoldsWeightsForSeveralInstructionSets() throws {
    var arguments = ["pack", "\(folder.path)/model.tflite", "-o", "\(folder.path)/all.tflite"]
    for isa in ISA.runnable { arguments += ["--isa", isa.name] }
    let command = try Command(arguments)
    #expect(command.exitCode == 0, "\(command.error)")
    for isa in ISA.runnable {
      #expect(try program(folder.read("all.tflite"), isa: isa).usesStoredWeights)
      #expect(try output(folder.read("all.tflite"), isa: isa) == output(original, isa: isa))
    }
  }

  @Test func weightsOfAModelThatHasChangedSinceAreIgnored() throws {
    let model = try Model(bytes: ModelBytes(copying: packed))
    for name in ["weights", "small"] {
      let tensor = try #require(model.subgraphs[0].tensors.first { $0.name == name })
      var (changed, plain) = (packed, original)
      let position = try #require(tensor.data).lowerBound + 5
      changed[position] ^= 1
      plain[position - (packed.count - original.count)] ^= 1
      #expect(try !program(changed).usesStoredWeights)
      #expect(try output(changed) == output(plain))
    }
  }

  @Test func aFlippedBitAnywhereInThePackedWeightsIsRefused() throws {
    let block = try block()
    // The version of the header decides whether the rest can be judged: another one is ignored.
    let version = 8..<12
    for offset in Array(0..<StoredWeights.headerBytes) + Array(stride(from: 128, to: block.count, by: 97)) {
      var damaged = packed
      damaged[block.lowerBound + offset] ^= UInt8(1 << (offset % 8))
      guard !version.contains(offset) else {
        #expect(try !program(damaged).usesStoredWeights)
        continue
      }
      do {
        _ = try program(damaged)
        Issue.record("byte \(offset) was not missed")
      } catch let error as PrepareError {
        #expect(error.code == .storedWeightsDamaged)
      }
    }
  }

  @Test(arguments: 0..<8)
  func whateverNumbersAFileHoldsOnlyTheResultDependsOnThem(seed: UInt64) throws {
    let block = try block()
    var hostile = packed
    var random = SplitMix(seed: seed)
    for index in block.dropFirst(StoredWeights.headerBytes) {
      hostile[index] = UInt8(truncatingIfNeeded: random.next())
    }
    try unsafe hostile.withUnsafeMutableBytes { bytes in
      let header = try #require(unsafe bytes.baseAddress) + block.lowerBound
      let count = block.count - StoredWeights.headerBytes
      let hash = unsafe swl_hash(0, header + StoredWeights.headerBytes, count)
      unsafe header.storeBytes(of: hash.littleEndian, toByteOffset: 40, as: UInt64.self)
      unsafe header.storeBytes(of: swl_hash(0, header, 120).littleEndian, toByteOffset: 120, as: UInt64.self)
    }
    #expect(try program(hostile).usesStoredWeights)
    #expect(try output(hostile).count == 100)
  }

  @Test func aShortenedBlockIsRefused() throws {
    let block = try block()
    for count in [0, 1, 127, 128, block.count - 1] {
      var damaged = packed
      for index in 0..<4 { damaged[block.lowerBound - 4 + index] = UInt8(truncatingIfNeeded: count >> (8 * index)) }
      do {
        _ = try program(damaged)
        Issue.record("\(count) bytes were accepted")
      } catch let error as PrepareError {
        #expect(error.code == .storedWeightsDamaged)
      }
    }
  }

  @Test func aFileCutAnywhereIsRefusedOrRuns() throws {
    for count in stride(from: 0, to: packed.count, by: 211) {
      do { _ = try program(Array(packed.prefix(count))) } catch is FormatError {} catch is PrepareError {}
    }
  }

  @Test func weightsAtAnUnalignedAddressAreIgnored() throws {
    let shifted = [0] + packed
    try unsafe shifted.withUnsafeBytes { bytes in
      let part = unsafe UnsafeRawBufferPointer(rebasing: bytes[1...])
      let program = try Program(model: Model(bytes: unsafe ModelBytes(borrowing: part)))
      #expect(!program.usesStoredWeights || UInt(bitPattern: part.baseAddress) % 64 == 0)
    }
  }

  @Test func jsonSaysWhatWasPacked() throws {
    let command = try Command("pack", "\(folder.path)/model.tflite", "-o", "\(folder.path)/p.tflite", "--json")
    let report = try command.json()
    #expect(report["original_bytes"] as? Int == original.count)
    #expect(report["bytes"] as? Int == packed.count)
    let blocks = try #require(report["packed"] as? [[String: Any]])
    #expect(blocks.map { $0["layers"] as? Int } == [2])
    #expect(blocks.map { $0["isa"] as? String } == [ISA.fastest.name])
  }

  @Test func modelsWithoutLayersToPackAndOtherMachinesAreRefused() throws {
    let reshape = try folder.write(Models.reshape(), to: "reshape.tflite")
    #expect(try Command("pack", reshape, "-o", "\(folder.path)/none.tflite").exitCode == 69)
    #expect(!folder.exists("none.tflite"))
    let model = "\(folder.path)/model.tflite"
    #expect(try Command("pack", model, "-o", "\(folder.path)/x.tflite", "--isa", "pdp11").exitCode == 64)
    #expect(try Command("pack", "\(folder.path)/missing", "-o", "\(folder.path)/x.tflite").exitCode == 66)
    #expect(try Command("pack", model, "-o", "\(folder.path)/no/x.tflite").exitCode == 73)
  }
}
