import Converter
import ModelFormat

/// Samples cut out of sound files one after the other, each as long as the model's only input: WAV files (16-bit or
/// float32, the first channel), raw little-endian int16 (.raw, .pcm) and raw little-endian float32 (.f32). int16 numbers
/// become a 32768th of themselves.
struct SoundFrames: SampleSource {
  static let endings: Set<String> = ["wav", "raw", "pcm", "f32"]

  private let sounds: [Sound]
  private let frameCount: Int
  let count: Int

  /// - Throws: `usage` for models with other inputs, `badData` for files that are no sound.
  init(_ folder: String, _ paths: [String], _ inputs: [SampleInput]) throws(CommandFailure) {
    guard inputs.count == 1, inputs[0].type == .float32, inputs[0].shape.reduce(1, *) > 0 else {
      throw CommandFailure(
        .usage, file: folder, "holds sound, and the model has other inputs than one of float32: give .npy arrays")
    }
    frameCount = inputs[0].shape.reduce(1, *)
    var sounds: [Sound] = []
    for path in paths { sounds.append(try Sound(path: path)) }
    self.sounds = sounds
    count = sounds.reduce(0) { [frameCount] in $0 + $1.count / frameCount }
    guard count > 0 else {
      throw CommandFailure(.noInput, file: folder, "holds no sound of \(frameCount) numbers, which one sample takes")
    }
  }

  func sample(_ index: Int) throws -> [[UInt8]] {
    var rest = index
    for sound in sounds {
      let samples = sound.count / frameCount
      if rest < samples {
        return [ConstantBytes(elements: sound.numbers(rest * frameCount..<(rest + 1) * frameCount)).array]
      }
      rest -= samples
    }
    return []
  }
}

/// A sound file, mapped.
struct Sound: Sendable {
  private enum Form {
    case int16
    case float32

    var byteCount: Int { self == .int16 ? 2 : 4 }
  }

  private let bytes: ModelBytes
  private let form: Form
  /// Where the numbers begin, and bytes from one to the next.
  private let start: Int
  private let step: Int
  let count: Int

  init(path: String) throws(CommandFailure) {
    do throws(FormatError) {
      bytes = try ModelBytes(path: path)
    } catch {
      throw CommandFailure(error, file: path)
    }
    let ending = FileSystem.ending(path)
    guard ending == "wav" else {
      form = ending == "f32" ? .float32 : .int16
      start = 0
      step = form.byteCount
      count = bytes.count / step
      return
    }
    guard let chunks = Self.chunks(bytes), let format = chunks["fmt "], let data = chunks["data"], format.count >= 16
    else { throw CommandFailure(.badData, file: path, "is no WAV file") }
    let number = { [bytes] (offset: Int, size: Int) in Self.integer(bytes, format.lowerBound + offset, size) }
    let (code, channels, bits) = (number(0, 2), number(2, 2), number(14, 2))
    switch (code, bits) {
    case (1, 16), (0xFFFE, 16): form = .int16
    case (3, 32), (0xFFFE, 32): form = .float32
    default:
      throw CommandFailure(
        .badData, file: path, "found WAV format \(code) with \(bits) bits, expected 16-bit PCM or float32")
    }
    guard channels > 0 else { throw CommandFailure(.badData, file: path, "has no channels") }
    start = data.lowerBound
    step = form.byteCount * channels
    count = data.count / step
  }

  /// By name, where each chunk's contents lie; the last may be cut off. `nil` for other files.
  private static func chunks(_ bytes: ModelBytes) -> [String: Range<Int>]? {
    guard bytes.count >= 12, text(bytes, 0) == "RIFF", text(bytes, 8) == "WAVE" else { return nil }
    var chunks: [String: Range<Int>] = [:]
    var offset = 12
    while offset + 8 <= bytes.count {
      let size = min(integer(bytes, offset + 4, 4), bytes.count - offset - 8)
      let name = text(bytes, offset)
      if chunks[name] == nil { chunks[name] = offset + 8..<offset + 8 + size }
      offset += 8 + size + size % 2
    }
    return chunks
  }

  private static func text(_ bytes: ModelBytes, _ offset: Int) -> String {
    bytes.withBytes(in: offset..<offset + 4) { part in
      unsafe part.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
    }
  }

  private static func integer(_ bytes: ModelBytes, _ offset: Int, _ size: Int) -> Int {
    bytes.withBytes(in: offset..<offset + size) { part in
      unsafe part.withUnsafeBytes { unsafe $0.reversed().reduce(0) { $0 << 8 | Int($1) } }
    }
  }

  /// Numbers of the first channel, -1 to 1 for int16.
  func numbers(_ range: Range<Int>) -> [Float] {
    bytes.withBytes(in: start + range.lowerBound * step..<start + range.upperBound * step) { part in
      unsafe part.withUnsafeBytes { part in
        range.indices.map { index in
          let offset = (index - range.lowerBound) * step
          return form == .int16
            ? Float(unsafe part.loadUnaligned(fromByteOffset: offset, as: Int16.self)) / 32768
            : unsafe part.loadUnaligned(fromByteOffset: offset, as: Float.self)
        }
      }
    }
  }
}
