// A firmware daemon: frames arrive on standard input, one line of answer leaves for each.
//
//   camera | firmware-daemon MODEL
//
// SIGHUP loads the file MODEL again between two frames; SIGTERM ends the daemon. Under systemd it tells when it is ready
// and feeds the watchdog.
import Glibc
import ModelFormat
import Swiftlet

/// Made before the first signal can come.
private let signals = SignalPipe()

@main
struct Daemon {
  let path: String
  let manager = ServiceManager()
  var interpreter: Interpreter

  static func main() {
    guard CommandLine.arguments.count == 2 else { leave(64, "usage: firmware-daemon MODEL < FRAMES") }
    let path = CommandLine.arguments[1]
    signals.listen(to: [SIGHUP, SIGTERM])
    do {
      var daemon = Daemon(path: path, interpreter: try load(path))
      daemon.run()
    } catch {
      leave(65, "\(path): \(error)")
    }
  }

  /// A model that is ready to run, within 64 MiB.
  static func load(_ path: String) throws -> Interpreter {
    var options = PrepareOptions()
    options.memoryBudget = 64 << 20
    return try Interpreter(program: Program(model: Model(path: path), options: options))
  }

  mutating func run() {
    var sources = [STDIN_FILENO, signals.output].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    // The frame has memory of its own: a reload may come in the middle of it.
    var frame = [UInt8](repeating: 0, count: interpreter.program.inputs[0].byteCount)
    var filled = 0
    var number = 0
    manager.tell("READY=1\nSTATUS=runs \(path), frames of \(frame.count) bytes")
    defer { manager.tell("STOPPING=1") }
    while true {
      let ready = unsafe poll(&sources, 2, manager.watchdogInterval)
      guard ready >= 0 || errno == EINTR else { return }
      manager.tell("WATCHDOG=1", waits: false)
      guard ready > 0 else { continue }  // a signal came or time went by: the sources tell nothing of now
      if sources[1].revents != 0 {
        if signals.next() == SIGTERM { return }
        reload()
      } else if sources[0].revents != 0 {
        let got = unsafe frame.withUnsafeMutableBytes {
          unsafe read(STDIN_FILENO, $0.baseAddress?.advanced(by: filled), $0.count - filled)
        }
        guard got > 0 || (got < 0 && errno == EINTR) else { return }
        filled += max(got, 0)
        if filled == frame.count {
          answer(frame, number)
          number += 1
          filled = 0
        }
      }
    }
  }

  /// Frames that arrive meanwhile wait in the pipe. When the new model is unfit the old one goes on.
  mutating func reload() {
    var now = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &now)
    manager.tell("RELOADING=1\nMONOTONIC_USEC=\(now.tv_sec * 1_000_000 + now.tv_nsec / 1000)")
    do {
      let next = try Daemon.load(path)
      func shapes(_ tensors: [TensorDescription]) -> [String] { tensors.map { "\($0.type) \($0.byteCount)" } }
      if shapes(next.program.inputs + next.program.outputs)
        == shapes(interpreter.program.inputs + interpreter.program.outputs)
      {
        interpreter = next
        manager.tell("READY=1\nSTATUS=runs the new \(path)")
      } else {
        manager.tell("READY=1\nSTATUS=keeps the old model: inputs or outputs have other types or sizes")
      }
    } catch {
      manager.tell("READY=1\nSTATUS=keeps the old model: \(error)")
    }
  }

  /// Copies a frame in, runs the model, and prints the class with the highest score.
  func answer(_ frame: [UInt8], _ number: Int) {
    unsafe interpreter.withInputBytes(0) { unsafe $0.copyBytes(from: frame) }
    do {
      try interpreter.invoke()
      let scores: [Float] =
        switch interpreter.program.outputs[0].type {
        case .float32: try interpreter.output(0, as: Float.self)
        case .int8: try interpreter.output(0, as: Int8.self).map { Float($0) }
        default: try interpreter.output(0, as: UInt8.self).map { Float($0) }
        }
      let best = scores.indices.max { scores[$0] < scores[$1] || (scores[$0] == scores[$1] && $0 > $1) } ?? 0
      let text = scores[best] == scores[best].rounded() ? "\(Int(scores[best]))" : "\(scores[best])"
      print("frame \(number): class \(best), score \(text)")
    } catch {
      print("frame \(number): error: \(error)")
    }
    fflush(nil)
  }

  static func leave(_ code: Int32, _ message: String) -> Never {
    let line = "<3>\(message)\n"
    unsafe write(STDERR_FILENO, line, line.utf8.count)
    exit(code)
  }
}

/// Signals as bytes in a pipe, to be waited for together with frames.
struct SignalPipe {
  let output: Int32
  private let input: Int32

  init() {
    var ends: [Int32] = [-1, -1]
    unsafe pipe(&ends)
    (output, input) = (ends[0], ends[1])
  }

  func listen(to numbers: [Int32]) {
    for number in numbers { signal(number) { signals.put($0) } }
  }

  fileprivate func put(_ number: Int32) {
    var byte = UInt8(truncatingIfNeeded: number)
    unsafe write(input, &byte, 1)
  }

  func next() -> Int32 {
    var byte: UInt8 = 0
    return unsafe read(output, &byte, 1) == 1 ? Int32(byte) : 0
  }
}
