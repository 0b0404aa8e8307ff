package import ModelFormat
package import Swiftlet

/// Runs a model without fusing its operators and shows what each computes.
package final class LayerTrace {
  /// A tensor that an operator has just computed.
  package struct Layer {
    package let name: String
    /// Of the operator.
    package let operation: String
    package let type: ElementType
    package let shape: [Int]
    /// In real units.
    package let values: [Float]
  }

  package let program: Program
  private let interpreter: Interpreter

  /// - Throws: `PrepareError`.
  package init(model: Model, threads: Int = 1) throws {
    var options = PrepareOptions(threads: threads)
    options.fuses = false
    program = try Program(model: model, options: options)
    interpreter = try Interpreter(program: program)
  }

  /// The names of all tensors that an operator computes.
  package var names: Set<String> {
    let graph = program.entrySubgraph
    return Set(graph.operators.flatMap { $0.outputs.filter { $0 >= 0 }.map { graph.tensors[$0].name } })
  }

  /// Runs on one sample.
  ///
  /// - Parameters:
  ///   - inputs: the bytes of each input, as many as it has.
  ///   - isWanted: whether a tensor of this name is to be shown.
  ///   - body: called right after the operator that computes the tensor; tensors that are no real numbers are left out.
  /// - Throws: `InvokeError`.
  package func run(
    inputs: [[UInt8]], where isWanted: (String) -> Bool = { _ in true }, _ body: (Layer) -> Void
  ) throws {
    for (index, bytes) in inputs.enumerated() {
      unsafe interpreter.withInputBytes(index) { target in
        precondition(target.count == bytes.count)
        unsafe target.copyBytes(from: bytes)
      }
    }
    let (nodes, steps) = (program.entrySubgraph.operators, program.stepNodes)
    let tensors = program.prepared.tensors
    try interpreter.invoke { step in
      let node = nodes[steps[step]]
      for tensor in node.outputs where tensor >= 0 && isWanted(tensors[tensor].name) {
        let description = tensors[tensor]
        guard let bytes = interpreter.tensorBytes(tensor),
          let values = RealValues.floats(bytes, description.type, description.quantization)
        else { continue }
        body(
          Layer(
            name: description.name, operation: program.model.operatorName(node), type: description.type,
            shape: interpreter.shape(of: tensor).dimensions, values: values))
      }
    }
  }

  /// The outputs of the last run in real units; empty for those that are no real numbers.
  package func outputs() -> [[Float]] {
    program.outputs.indices.map { index in
      let description = interpreter.outputDescription(index)
      let bytes = unsafe interpreter.withOutputBytes(index) { unsafe [UInt8]($0) }
      return RealValues.floats(bytes, description.type, description.quantization) ?? []
    }
  }
}
