#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Standard error and whether it is a terminal. Standard output carries results only.
enum Console {
  static func error(_ line: String) { write("\(line)\n") }

  static func write(_ text: String) {
    unsafe text.withCString { text in
      var rest = unsafe UnsafeRawBufferPointer(start: text, count: strlen(text))
      while unsafe !rest.isEmpty {
        let count = unsafe systemWrite(2, rest.baseAddress, rest.count)
        guard count > 0 else { return }
        unsafe rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      }
    }
  }

  static var isTerminal: Bool { isatty(2) == 1 }
}

private func systemWrite(_ file: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
  unsafe write(file, bytes, count)
}
