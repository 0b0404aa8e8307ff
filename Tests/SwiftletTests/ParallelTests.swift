import ModelFormat
import TestSupport
import Testing

@testable import Swiftlet

@Suite struct ParallelTests {
  private func tiles(_ count: Int, grain: Int, threads: Int = 2, isForced: Bool = false) -> Int {
    Invocation.Tiling(count: count, grain: grain, threads: threads, isForced: isForced).tiles
  }

  /// A grain takes ten microseconds.
  @Test func workOfAFewMicrosecondsStaysOnOneThread() {
    #expect(tiles(49, grain: 100) <= 1)
    #expect(tiles(50, grain: 100) == 2)
    #expect(tiles(60, grain: 100, threads: 4) == 2)
    #expect(tiles(100, grain: 100, threads: 4) == 4)
  }

  @Test func heavyStepsAreCutFinerThanThereAreThreads() {
    #expect(tiles(10_000, grain: 100) == 8)
    #expect(tiles(10_000, grain: 100, threads: 3) == 12)
    #expect(tiles(3, grain: 1, threads: 2, isForced: true) == 3)
  }

  @Test func estimatesDoNotOverflow() {
    #expect(tiles(.max, grain: 1) == 8)
    #expect(tiles(0, grain: 1) == 0)
  }

  @Test(arguments: [1, 2, 3, 4, 7]) func everyRowIsComputedOnceWhateverTheThreads(threads: Int) throws {
    let weights = (0..<20 * 9 * 3).map { Double($0 * 37 % 255) - 127 }
    for rows in [1, 2, 3, 5, 8, 13, 31] {
      let node = OneNode(
        3,
        [
          .input(.int8, [1, rows, 5, 3], .perTensor(0.5, 3)),
          .constant(.int8, [20, 3, 3, 3], weights, .perTensor(0.01, 0)),
        ], [.int8], options: FloatConvolutionTests.convolution(padding: 0), quantization: .perTensor(4, 0))
      let input = (0..<rows * 15).map { Double($0 * 11 % 255) - 127 }
      #expect(try node.run(input, threads: threads) == node.run(input))
    }
  }

  @Test func cancellationAndDeadlinesHoldOnSeveralThreads() throws {
    let node = OneNode(14, [.input(.float32, [1000])], [.float32])
    let interpreter = try Interpreter(program: node.program(PrepareOptions(threads: 2)))
    let cancellation = Cancellation()
    cancellation.cancel()
    #expect(throws: InvokeError.cancelled) { try interpreter.invoke(cancellation: cancellation) }
    #expect(throws: InvokeError.deadlineExceeded(node: 0)) { try interpreter.invoke(within: 0) }
    try interpreter.invoke(within: 10_000_000_000)
  }
}
