internal import ModelFormat
internal import Swiftlet

/// One operator as the runtime computes it: a prepared program of one node, whose arena exists only while it runs and has
/// pages for scratch areas alone.
final class RuntimeLayer {
  private let node: Node
  private let program: Program
  /// The values that change from run to run, by input of the program.
  private let operands: [ValueID]

  /// - Parameter programs: those of other layers, one of which may do for this one too.
  /// - Throws: `ConversionError` in the words of the runtime when it does not have the operator.
  init(_ node: Node, in graph: Graph, sharing programs: inout OneNodeModel.Programs) throws {
    self.node = node
    operands = node.inputs.compactMap { $0 }.filter { !graph[$0].isConstant }
    do {
      program = try OneNodeModel.program(
        node.operation, node.inputs.map { $0.map { graph[$0] } }, outputs: node.outputs.map { graph[$0] },
        source: node.source, known: &programs)
    } catch let error as PrepareError {
      throw ConversionError(.unavailable, layer: node.source, error.message)
    } catch let error as FormatError {
      throw ConversionError(.badData, layer: node.source, error.message)
    }
  }

  /// Computes the outputs from the operands where they lie in the workspace.
  func run(_ workspace: Workspace) throws {
    do {
      let interpreter = try Interpreter(program: program)
      let inputs = unsafe operands.compactMap { unsafe workspace.bytes(of: $0)?.baseAddress }
      let outputs = unsafe node.outputs.compactMap { unsafe workspace.bytes(of: $0)?.baseAddress }
      guard unsafe !interpreter.place(inputs: inputs, outputs: outputs) else { return try interpreter.invoke() }
      try runInArena(interpreter, workspace)
    } catch let error as PrepareError {
      throw ConversionError(.unavailable, layer: node.source, error.message)
    } catch let error as InvokeError {
      throw ConversionError(.unavailable, layer: node.source, error.message)
    }
  }

  private func runInArena(_ interpreter: Interpreter, _ workspace: Workspace) throws {
    for (index, operand) in operands.enumerated() {
      guard let source = unsafe workspace.bytes(of: operand) else { continue }
      unsafe interpreter.withInputBytes(index) { unsafe $0.copyMemory(from: UnsafeRawBufferPointer(source)) }
    }
    try interpreter.invoke()
    for (index, output) in node.outputs.enumerated() {
      guard let target = unsafe workspace.bytes(of: output) else { continue }
      let isWhole = unsafe interpreter.withOutputBytes(index) { source in
        guard source.count == target.count else { return false }
        unsafe target.copyMemory(from: source)
        return true
      }
      guard isWhole else {
        throw ConversionError(.unavailable, layer: node.source, "its output has a shape that depends on data")
      }
    }
  }
}
