import Testing

@testable import Converter

@Suite struct ViewChainTests {
  /// Elements of the view, by computing it on the numbers 0, 1, 2, ...
  private func elements(_ shape: [Int], _ steps: [Step]) -> [Int] {
    var shape = shape
    var elements = Array(0..<shape.reduce(1, *))
    for step in steps {
      switch step {
      case .reshape(let target): shape = target
      case .transpose(let permutation):
        let bytes = ConstantBytes(elements: elements.map { Int32($0) })
        elements = bytes.transposed(shape: shape, permutation: permutation, elementBytes: 4)
          .elements(as: Int32.self).map { Int($0) }
        shape = permutation.map { shape[$0] }
      }
    }
    return elements
  }

  enum Step {
    case reshape([Int])
    case transpose([Int])
  }

  static let chains: [(shape: [Int], steps: [Step])] = [
    ([2, 3, 4], [.reshape([6, 4]), .transpose([1, 0])]),
    (
      [1, 4, 5, 6],
      [.transpose([0, 3, 1, 2]), .reshape([3, 2, 20]), .transpose([1, 0, 2]), .reshape([2, 1, 3, 4, 5])]
    ),
    ([2, 6], [.reshape([2, 2, 3]), .transpose([2, 0, 1]), .reshape([3, 4])]),
    ([8, 9], [.transpose([1, 0]), .reshape([3, 3, 8]), .transpose([2, 1, 0]), .reshape([72])]),
    ([4], [.reshape([1, 2, 1, 2]), .transpose([3, 0, 2, 1])]),
  ]

  @Test(arguments: chains) func canonicalFormMovesTheSameElements(chain: (shape: [Int], steps: [Step])) {
    var view = ViewChain(shape: chain.shape)
    for step in chain.steps {
      switch step {
      case .reshape(let target):
        let isView = view.reshape(target)
        #expect(isView)
      case .transpose(let permutation): view.transpose(permutation)
      }
    }
    let (shape, permutation) = view.merged
    #expect(
      elements(chain.shape, [.reshape(shape), .transpose(permutation), .reshape(view.shape)])
        == elements(chain.shape, chain.steps))
  }

  @Test func refusesAReshapeAcrossFactors() {
    var view = ViewChain(shape: [4, 9])
    view.transpose([1, 0])
    let isView = view.reshape([6, 6])
    #expect(!isView)
  }
}
