import ModelFormat
import Testing

@testable import SwiftletCommand

@Suite struct RandomInputTests {
  /// The first numbers of SplitMix64 from seed 1234567, as its reference implementation prints them.
  @Test func followsTheReferenceSequence() {
    var generator = RandomInput(seed: 1_234_567)
    let found = (0..<3).map { _ in generator.next() }
    #expect(found == [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423])
  }

  @Test func floatsLieInTheirInterval() throws {
    var generator = RandomInput(seed: 7)
    let floats = generator.bytes(of: .float32, count: 2000)
    let bytes = try #require(floats)
    let values = stride(from: 0, to: bytes.count, by: 4).map { offset in
      Float(bitPattern: (0..<4).reduce(0) { $0 | UInt32(bytes[offset + $1]) << UInt32(8 * $1) })
    }
    #expect(values.allSatisfy { $0 >= -1 && $0 < 1 })
    #expect(values.contains { $0 < -0.99 } && values.contains { $0 > 0.99 })
  }

  @Test func integersCoverTheirRange() throws {
    var generator = RandomInput(seed: 7)
    let bytes = generator.bytes(of: .int8, count: 4000) ?? []
    #expect(Set(bytes).count == 256)
    let bools = generator.bytes(of: .bool, count: 100) ?? []
    #expect(Set(bools) == [0, 1])
    let words = generator.bytes(of: .int64, count: 3)
    #expect(words?.count == 24)
  }

  @Test func hasNoTextAndNoHandles() {
    var generator = RandomInput(seed: 7)
    for type in [ElementType.string, .resource] {
      let bytes = generator.bytes(of: type, count: 1)
      #expect(bytes == nil)
    }
  }
}
