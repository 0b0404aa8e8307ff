import Glibc
import ModelFormat
import Swiftlet

/// Loads, prepares and runs whatever bytes come. Every outcome but a value or a typed error is a crash.
///
/// With SWIFTLET_DIFFERENTIAL set, models of integers alone run a second time on the scalar kernels, and have to compute
/// the same bytes.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzModel(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let bytes = UnsafeRawBufferPointer(start: start, count: count)
  // Two threads now and then, and the slowest instruction set as often as the fastest.
  var options = PrepareOptions(threads: count % 7 == 0 ? 2 : 1)
  options.memoryBudget = 32 << 20
  options.fuses = count % 3 != 0
  if count % 2 == 0 && !comparesISAs { options.isa = .scalar }
  let outcome = exercise(bytes, options)
  guard comparesISAs, case .values(let outputs) = outcome, hasIntegersOnly(bytes) else { return 0 }
  options.isa = .scalar
  options.threads = 1
  if case .values(let others) = exercise(bytes, options) { precondition(outputs == others, "two ISAs, two results") }
  return 0
}

private let comparesISAs = getenv("SWIFTLET_DIFFERENTIAL") != nil

/// What became of a file.
enum Outcome {
  case values([[UInt8]])
  case notLoaded, notPrepared, late
}

/// Runs two times on the same inputs, within two seconds each.
func exercise(_ bytes: UnsafeRawBufferPointer, _ options: PrepareOptions) -> Outcome {
  do {
    let model = try Model(bytes: ModelBytes(borrowing: bytes))
    let program = try Program(model: model, options: options)
    let interpreter = try Interpreter(program: program)
    for index in program.inputs.indices {
      interpreter.withInputBytes(index) { input in
        for position in input.indices { input[position] = UInt8(truncatingIfNeeded: position &* 37 &+ index) }
      }
    }
    for _ in 0..<2 { try interpreter.invoke(within: 2_000_000_000) }
    return .values(program.outputs.indices.map { interpreter.withOutputBytes($0) { Array($0) } })
  } catch let error as FormatError {
    precondition(!error.message.isEmpty)
    return .notLoaded
  } catch let error as PrepareError {
    precondition(!error.message.isEmpty)
    return .notPrepared
  } catch {
    return .late
  }
}

private func hasIntegersOnly(_ bytes: UnsafeRawBufferPointer) -> Bool {
  guard let model = try? Model(bytes: ModelBytes(borrowing: bytes)) else { return false }
  let types: [ElementType] = [.int8, .uint8, .int16, .int32, .int64, .bool]
  return model.subgraphs.allSatisfy { $0.tensors.allSatisfy { types.contains($0.type) } }
}

/// A step of the mutation: one of libFuzzer's own, or an interesting number over an aligned word, which is what the
/// fields of a FlatBuffer are.
@_cdecl("LLVMFuzzerCustomMutator")
public func mutateModel(_ start: UnsafeMutablePointer<UInt8>, _ count: Int, _ limit: Int, _ seed: CUnsignedInt) -> Int {
  var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1
  func next(_ bound: Int) -> Int {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Int(state % UInt64(bound))
  }
  guard count >= 8, next(3) != 0 else { return libFuzzerMutate(start, count, limit) }
  let words: [Int32] = [
    0, 1, 2, 3, 7, -1, -2, 127, 128, 255, 256, 65535, 65536, 1 << 30, .max, .min, 0x7F80_0000, 0x7FC0_0000,
    Int32(truncatingIfNeeded: next(count)),
  ]
  for _ in 0...next(3) {
    let position = next(count / 4) * 4
    let pointer = UnsafeMutableRawPointer(start + position)
    switch next(4) {
    case 0: pointer.storeBytes(of: UInt8(next(256)), as: UInt8.self)
    case 1: pointer.storeBytes(of: pointer.loadUnaligned(as: Int32.self) ^ (1 << Int32(next(32))), as: Int32.self)
    default: pointer.storeBytes(of: words[next(words.count)], as: Int32.self)
    }
  }
  return count
}

@_silgen_name("LLVMFuzzerMutate")
private func libFuzzerMutate(_ start: UnsafeMutablePointer<UInt8>, _ count: Int, _ limit: Int) -> Int
