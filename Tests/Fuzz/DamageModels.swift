import Glibc
import ModelFormat
import Swiftlet

/// With SWIFTLET_DAMAGE naming a list of model files, damages those files instead of fuzzing: truncations, flipped bits,
/// and repetitions that must not take memory. SWIFTLET_DAMAGE_STEP thins the cases out, 1 for all of them. A case that
/// traps, hangs or reads out of bounds is left in build/fuzz/damage.tflite.
@_cdecl("LLVMFuzzerInitialize")
public func damageModels(_: UnsafeMutableRawPointer?, _: UnsafeMutableRawPointer?) -> CInt {
  guard let list = getenv("SWIFTLET_DAMAGE") else { return 0 }
  let step = getenv("SWIFTLET_DAMAGE_STEP").flatMap { Int(String(cString: $0)) } ?? 1
  for signal in [SIGILL, SIGTRAP, SIGABRT, SIGVTALRM] {
    Glibc.signal(signal) { _ in
      keepCase(); _exit(1)
    }
  }
  setDeathCallback { keepCase() }
  var sweep = Sweep(
    files: read(String(cString: list)).split(separator: 10).map { read(String(decoding: $0, as: UTF8.self)) },
    step: max(1, step))
  sweep.truncate()
  sweep.truncateLarge()
  sweep.flipHeaders()
  sweep.flipAnywhere()
  sweep.repeatCases()
  exit(0)
}

/// The case that runs at the moment, for `keepCase`.
private nonisolated(unsafe) var current = UnsafeRawBufferPointer(start: nil, count: 0)

private func keepCase() {
  let file = open("build/fuzz/damage.tflite", O_WRONLY | O_CREAT | O_TRUNC, 0o644)
  _ = write(file, current.baseAddress, current.count)
  close(file)
  let message: StaticString = "the case is in build/fuzz/damage.tflite\n"
  _ = write(2, message.utf8Start, message.utf8CodeUnitCount)
}

/// Ends the process with SIGVTALRM after so many seconds of computing; 0 for no limit.
private func limitTime(seconds: Int) {
  var timer = itimerval(it_interval: timeval(), it_value: timeval(tv_sec: seconds, tv_usec: 0))
  setitimer(CInt(ITIMER_VIRTUAL.rawValue), &timer, nil)
}

private func read(_ path: String) -> [UInt8] {
  guard let file = fopen(path, "r") else { return [] }
  defer { fclose(file) }
  fseek(file, 0, SEEK_END)
  var bytes = [UInt8](repeating: 0, count: ftell(file))
  rewind(file)
  let count = fread(&bytes, 1, bytes.count, file)
  return Array(bytes.prefix(count))
}

private struct Sweep {
  let files: [[UInt8]]
  let step: Int
  private var generator = SplitMix(seed: 5)
  private var counts = (cases: 0, values: 0, notLoaded: 0, notPrepared: 0, late: 0)

  init(files: [[UInt8]], step: Int) {
    self.files = files.sorted { $0.count < $1.count }
    self.step = step
  }

  private var small: [[UInt8]] { files.filter { $0.count <= 64 << 10 && $0.count > 1 << 10 } }

  /// Every prefix of 20 models.
  mutating func truncate() {
    for file in small.suffix(20) {
      for count in stride(from: generator.next(below: step), to: file.count, by: step) { run(file[..<count]) }
    }
    report("prefixes")
  }

  /// 2,000 prefixes of larger models.
  mutating func truncateLarge() {
    let large = files.filter { $0.count > 64 << 10 }
    guard !large.isEmpty else { return }
    for _ in 0..<2000 / step {
      let file = large[generator.next(below: large.count)]
      run(file[..<generator.next(below: file.count)])
    }
    report("prefixes of large models")
  }

  /// Every bit of the first 2 KiB of five models.
  mutating func flipHeaders() {
    for var file in small.prefix(5) {
      for bit in stride(from: generator.next(below: step), to: min(file.count, 2048) * 8, by: step) {
        file[bit / 8] ^= 1 << UInt8(bit % 8)
        run(file[...])
        file[bit / 8] ^= 1 << UInt8(bit % 8)
      }
    }
    report("flipped bits of headers")
  }

  /// 20,000 bits anywhere.
  mutating func flipAnywhere() {
    for _ in 0..<20_000 / step where !small.isEmpty {
      var file = small[generator.next(below: small.count)]
      file[generator.next(below: file.count)] ^= 1 << UInt8(generator.next(below: 8))
      run(file[...])
    }
    report("flipped bits")
  }

  /// What is loaded, refused, prepared and run again and again leaves no memory behind.
  mutating func repeatCases() {
    var before = 0
    for round in 0..<4 {
      if round == 1 { before = allocatedBytes() }
      for file in small.prefix(40) {
        run(file[...])
        run(file[...], budget: 4096)
        run(file[..<(file.count / 2)])
      }
    }
    let growth = allocatedBytes() - before
    report("repetitions, \(growth) bytes kept")
    guard growth < 1 << 16 else { abort() }
  }

  private mutating func run(_ bytes: ArraySlice<UInt8>, budget: Int = 64 << 20) {
    // An allocation of exactly this size, so that the sanitizer sees every byte beyond it.
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 16)
    defer { copy.deallocate() }
    copy.copyBytes(from: bytes)
    current = UnsafeRawBufferPointer(copy)
    limitTime(seconds: 20)
    var options = PrepareOptions()
    options.memoryBudget = budget
    counts.cases += 1
    switch exercise(current, options) {
    case .values: counts.values += 1
    case .notLoaded: counts.notLoaded += 1
    case .notPrepared: counts.notPrepared += 1
    case .late: counts.late += 1
    }
    limitTime(seconds: 0)
  }

  private mutating func report(_ name: String) {
    print(
      "\(name): \(counts.cases) cases, \(counts.notLoaded) refused while loading, \(counts.notPrepared) while preparing,",
      "\(counts.values) ran, \(counts.late) were ended by their deadline")
    fflush(nil)
    counts = (0, 0, 0, 0, 0)
  }
}

@_silgen_name("__sanitizer_get_current_allocated_bytes")
private func allocatedBytes() -> Int

@_silgen_name("__sanitizer_set_death_callback")
private func setDeathCallback(_ callback: @convention(c) () -> Void)
