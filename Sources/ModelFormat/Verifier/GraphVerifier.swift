/// Checks that the operators of a subgraph, run in order, compute each tensor once and before it is read.
struct GraphVerifier {
  let subgraph: Int
  let kernels: [Kernel]
  let inputs: [Int]
  let outputs: [Int]
  let operators: [OperatorInfo]

  /// Where a tensor's value comes from.
  private enum Source { case nothing, input, constant, variable, computed }

  /// - Parameter tensors: those without elements that nothing computes become constants.
  func verify(_ tensors: inout [TensorInfo]) throws(FormatError) {
    nameConstantsWithoutElements(&tensors)
    var sources = initialSources(tensors)
    var writers = Array(repeating: -1, count: tensors.count)
    for (index, info) in operators.enumerated() {
      try locating(.operator(index, subgraph: subgraph), kernels[info.code].name) { () throws(FormatError) in
        for output in info.outputs { writers[output] = index }
        try verifyInputs(of: info, at: index, sources, writers)
        for output in info.outputs {
          try verifyIsFree(output, sources[output])
          sources[output] = .computed
        }
      }
    }
    for tensor in outputs where sources[tensor] == .nothing {
      throw FormatError(
        .readBeforeWritten, "outputs", found: .count(tensor), expected: .text("a tensor that something computes"))
    }
  }

  private func initialSources(_ tensors: [TensorInfo]) -> [Source] {
    var sources = tensors.map { tensor -> Source in
      tensor.data != nil ? .constant : tensor.isVariable ? .variable : .nothing
    }
    for input in inputs where sources[input] == .nothing { sources[input] = .input }
    return sources
  }

  private func nameConstantsWithoutElements(_ tensors: inout [TensorInfo]) {
    var isComputed = Array(repeating: false, count: tensors.count)
    for input in inputs { isComputed[input] = true }
    for info in operators {
      for output in info.outputs { isComputed[output] = true }
    }
    for index in tensors.indices where tensors[index].data == nil && !isComputed[index] && !tensors[index].isVariable {
      if tensors[index].shape.contains(0) { tensors[index] = tensors[index].constant(at: 0..<0) }
    }
  }

  /// - Parameter writers: for each tensor the last operator up to this one that writes it.
  private func verifyInputs(
    of info: OperatorInfo, at index: Int, _ sources: [Source], _ writers: [Int]
  ) throws(FormatError) {
    for input in info.inputs where input >= 0 {
      guard writers[input] != index else {
        throw FormatError(
          .aliasedOperands, "outputs", found: .count(input), expected: .text("a tensor that is not also an input"))
      }
      guard sources[input] != .nothing else {
        throw FormatError(
          .readBeforeWritten, "inputs", found: .count(input),
          expected: .text("a constant, an input of the subgraph or an earlier operator's output"))
      }
    }
  }

  private func verifyIsFree(_ output: Int, _ source: Source) throws(FormatError) {
    switch source {
    case .nothing, .variable: return
    case .constant:
      throw FormatError(.constantWritten, "outputs", found: .count(output), expected: .text("a computed tensor"))
    case .input:
      throw FormatError(
        .writtenTwice, "outputs", found: .count(output), expected: .text("a tensor that is no input of the subgraph"))
    case .computed:
      throw FormatError(
        .writtenTwice, "outputs", found: .count(output), expected: .text("a tensor that nothing else computes"))
    }
  }
}
