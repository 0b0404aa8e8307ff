import CPlatform
internal import ModelFormat

/// Sharing the work of a step among threads.
///
/// The work is cut into tiles, about as many for each thread, in the order of the items. Each thread begins with its own
/// share, the same part of every step, so that the rows that it reads are mostly those that it has written; who has done
/// goes on with what is left of the others'.
extension Invocation {
  /// Calls `body` for consecutive ranges that cover `0..<count`, on several threads when there are any and the work is
  /// worth it. `grain` is how many items take about ten microseconds. The third argument of `body` numbers the thread,
  /// for scratch memory.
  @inline(__always)
  package func parallel(count: Int, grain: Int, _ body: (_ begin: Int, _ end: Int, _ thread: Int) -> Void) {
    guard Selection.hasThreads, let pool = unsafe pool, count > 1 else {
      body(0, count, 0)
      return
    }
    let tiling = Tiling(
      count: count, grain: grain, threads: Int(unsafe swl_pool_threads(pool)),
      isForced: program?.options.alwaysShares ?? false)
    guard tiling.tiles > 1, unsafe Invocation.fork(pool, tiling, body) else {
      body(0, count, 0)
      return
    }
  }

  /// How a number of items is cut into tiles.
  struct Tiling {
    let count, tiles: Int
    /// What all items take, roughly.
    let nanoseconds: UInt64

    /// What `grain` items take.
    private static let grainNanoseconds: UInt64 = 10_000
    /// Less is not worth a thread, which costs some tenths of a microsecond and the data's way between two caches.
    private static let leastNanoseconds: UInt64 = 2_500
    /// What a tile takes at least when a thread gets several.
    private static let tileNanoseconds: UInt64 = 20_000
    private static let mostTilesOfAThread = 4

    init(count: Int, grain: Int, threads: Int, isForced: Bool) {
      self.count = count
      let (product, overflow) = UInt64(count).multipliedReportingOverflow(by: Tiling.grainNanoseconds)
      nanoseconds = (overflow ? .max : product) / UInt64(max(1, grain))
      let shares = isForced ? threads : Int(min(UInt64(threads), nanoseconds / Tiling.leastNanoseconds))
      let perThread = nanoseconds / Tiling.tileNanoseconds / UInt64(max(1, shares))
      let most = isForced ? Tiling.mostTilesOfAThread : Int(min(UInt64(Tiling.mostTilesOfAThread), max(1, perThread)))
      tiles = min(count, shares * most)
    }
  }

  /// False when the pool had better not be used now.
  private static func fork(
    _ pool: OpaquePointer, _ tiling: Tiling, _ body: (_ begin: Int, _ end: Int, _ thread: Int) -> Void
  ) -> Bool {
    withoutActuallyEscaping(body) { body in
      var job = Job(body: body, count: tiling.count, tiles: tiling.tiles)
      return unsafe withUnsafeMutablePointer(to: &job) { job in
        unsafe swl_pool_run(
          pool,
          { context, tile, thread in
            unsafe context?.assumingMemoryBound(to: Job.self).pointee.run(Int(tile), thread: Int(thread))
          }, job, Int32(tiling.tiles), tiling.nanoseconds)
      }
    }
  }

  private struct Job {
    let body: (Int, Int, Int) -> Void
    let count, tiles: Int

    func run(_ tile: Int, thread: Int) { body(start(of: tile), start(of: tile + 1), thread) }

    private func start(of tile: Int) -> Int { count / tiles * tile + count % tiles * tile / tiles }
  }
}
