import Glibc

/// What the service manager wants to hear, by systemd's protocol: datagrams of lines.
struct ServiceManager {
  /// Half of the time after which the daemon would be given up, in milliseconds; -1 without a watchdog.
  let watchdogInterval: Int32
  private let socketPath: String?

  init() {
    let isMeant = variable("WATCHDOG_PID").map { $0 == "\(getpid())" } ?? true
    watchdogInterval = isMeant ? variable("WATCHDOG_USEC").flatMap { Int32($0) }.map { $0 / 2000 } ?? -1 : -1
    socketPath = variable("NOTIFY_SOCKET")
  }

  /// Sends one message; does nothing where there is no service manager. One that does not wait is given up where the
  /// manager has not yet read many before it.
  func tell(_ message: String, waits: Bool = true) {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    guard let path = socketPath.map({ Array($0.utf8) }), path.count < MemoryLayout.size(ofValue: address.sun_path)
    else { return }
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path) }
    if path.first == UInt8(ascii: "@") { address.sun_path.0 = 0 }  // a name in the abstract namespace
    let handle = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    guard handle >= 0 else { return }
    defer { close(handle) }
    let flags = Int32(MSG_NOSIGNAL) | (waits ? 0 : Int32(MSG_DONTWAIT))
    let length = socklen_t(MemoryLayout<sa_family_t>.size + path.count)
    unsafe withUnsafePointer(to: address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = unsafe sendto(handle, message, message.utf8.count, flags, $0, length)
      }
    }
  }
}

/// A variable of the environment.
private func variable(_ name: String) -> String? { unsafe getenv(name).map { unsafe String(cString: $0) } }
