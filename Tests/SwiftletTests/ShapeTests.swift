import Testing

@testable import Swiftlet

@Suite struct ShapeTests {
  @Test func countsElements() {
    #expect(Shape([2, 3, 4])?.elementCount == 24)
    #expect(Shape([])?.elementCount == 1)
    #expect(Shape([5, 0, 7])?.elementCount == 0)
  }

  @Test func refusesWhatCannotBeCounted() {
    #expect(Shape([-1]) == nil)
    #expect(Shape([Int.max, 2]) == nil)
    #expect(Shape([Int(Int32.max)])?.elementCount == Int(Int32.max))
    #expect(Shape([Int(Int32.max) + 1]) == nil, "no file can store the dimension")
    #expect(Shape.matrix(Int(Int32.max) + 1, 1) == nil)
    #expect(Shape([Int.max, 2, 0]) == nil, "a zero must not hide an overflow")
    #expect(Shape(Array(repeating: 1, count: 9)) == nil)
  }

  @Test func broadcastsAfterNumPy() throws {
    let a = try #require(Shape([4, 1, 3]))
    let b = try #require(Shape([5, 1]))
    #expect(Shape.broadcast(a, b)?.dimensions == [4, 5, 3])
    #expect(Shape.broadcast(b, a)?.dimensions == [4, 5, 3])
    #expect(Shape.broadcast(a, try #require(Shape([2]))) == nil)
    #expect(Shape.broadcast(a, .scalar)?.dimensions == [4, 1, 3])
  }

  @Test func normalizesNegativeAxes() throws {
    let shape = try #require(Shape([4, 5, 6]))
    #expect(shape.normalized(axis: -1) == 2)
    #expect(shape.normalized(axis: 2) == 2)
    #expect(shape.normalized(axis: 3) == nil)
    #expect(shape.normalized(axis: -4) == nil)
    #expect(shape.normalized(axis: Int.min) == nil)
  }
}
