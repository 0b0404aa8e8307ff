import Foundation
import Synchronization
import Testing

@testable import Swiftlet

@Suite struct PackingTests {
  @Test func everyWeightIsPackedOnceHoweverManyThreadsStartTogether() {
    let count = Counter()
    let packing = Packing([
      {
        count.value.wrappingAdd(1, ordering: .relaxed)
        usleep(2000)
      },
      { count.value.wrappingAdd(10, ordering: .relaxed) },
    ])
    let unfinished = Counter()
    DispatchQueue.concurrentPerform(iterations: 8) { _ in
      packing.finish()
      if count.value.load(ordering: .relaxed) != 11 { unfinished.value.wrappingAdd(1, ordering: .relaxed) }
    }
    #expect(unfinished.value.load(ordering: .relaxed) == 0)
    packing.finish()
    #expect(count.value.load(ordering: .relaxed) == 11)
  }

  @Test func whatFillsTheWeightsIsLetGoAfterwards() {
    var owner: Counter? = Counter()
    weak var witness = owner
    let packing = Packing([{ [owner] in _ = owner?.value.load(ordering: .relaxed) }])
    owner = nil
    #expect(witness != nil)
    packing.finish()
    #expect(witness == nil)
  }

  private final class Counter: Sendable {
    let value = Atomic(0)
  }
}
