internal import CPlatform

/// Threads that share work which is cut into a number of parts that does not depend on how many threads there are, so that
/// the results do not either. One owner at a time.
@safe
final class Workers {
  /// `nil` for one thread.
  private let pool: OpaquePointer?
  let threads: Int

  init(threads: Int) {
    unsafe pool = threads > 1 ? swl_pool_create(Int32(clamping: threads)) : nil
    self.threads = max(1, threads)
  }

  deinit {
    if let pool = unsafe pool { unsafe swl_pool_destroy(pool) }
  }

  /// Between `begin` and `end` jobs follow each other closely.
  func begin() {
    if let pool = unsafe pool { unsafe swl_pool_begin(pool) }
  }

  func end() {
    if let pool = unsafe pool { unsafe swl_pool_end(pool) }
  }

  private struct Job {
    let body: (Int, Int) -> Void
  }

  /// Calls `body` for each part, and with the number of a thread, below `threads`, that has one call at a time.
  ///
  /// - Parameter nanoseconds: what all parts take together, roughly.
  func run(parts: Int, nanoseconds: Int, _ body: (_ part: Int, _ thread: Int) -> Void) {
    guard let pool = unsafe pool, parts > 1, unsafe share(parts, nanoseconds, body, pool) else {
      for part in 0..<parts { body(part, 0) }
      return
    }
  }

  /// False when all work is still to be done.
  private func share(
    _ parts: Int, _ nanoseconds: Int, _ body: (Int, Int) -> Void, _ pool: OpaquePointer
  ) -> Bool {
    withoutActuallyEscaping(body) { body in
      var job = Job(body: body)
      return unsafe withUnsafeMutablePointer(to: &job) { job in
        unsafe swl_pool_run(
          pool,
          { context, part, thread in
            unsafe context?.assumingMemoryBound(to: Job.self).pointee.body(Int(part), Int(thread))
          }, job, Int32(clamping: parts), UInt64(nanoseconds))
      }
    }
  }
}
