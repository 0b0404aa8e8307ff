import CKernels
import ModelFormat

/// UNIDIRECTIONAL_SEQUENCE_LSTM: a long short-term memory over (batch, time, features), or (time, batch, features) with
/// `time_major`.
///
/// float32, with float32 or int8 weights; and int8 with a 16-bit cell state, equal to TensorFlow Lite's reference kernel.
/// Output state (input 18) and cell state (input 19) are variables and survive the invocation.
package enum UnidirectionalSequenceLSTM: Operator {
  package enum Plan: Sendable {
    case float(FloatLSTM)
    case integer(IntegerLSTM)
    case basic(BasicLSTM)
  }

  package static func infer(_ node: Node) throws(PrepareError) {
    try node.setOutput(0, shape: LSTMOperands(node, isSequence: true).outputShape)
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    try prepare(node, isSequence: true)
  }

  static func prepare(_ node: Node, isSequence: Bool) throws(PrepareError) -> Plan {
    let operands = try LSTMOperands(node, isSequence: isSequence)
    let input = try node.input(LSTMOperands.input)
    try node.require(try node.output(0), .output(0), ofTypeOf: input)
    switch input.type {
    case .float32: return .float(try FloatLSTM(node, operands))
    case .int8: return .integer(try IntegerLSTM(node, operands))
    default:
      throw PrepareError(.typeUnsupported, .input(0), found: .type(input.type), expected: .type(.float32))
    }
  }

  /// The states fix everything but the number of steps.
  package static func replan(_ plan: inout Plan, _ node: Node) throws(PrepareError) {
    try replan(&plan, node, isSequence: true)
  }

  static func replan(_ plan: inout Plan, _ node: Node, isSequence: Bool) throws(PrepareError) {
    switch plan {
    case .float(var lstm):
      lstm.operands = try LSTMOperands(node, isSequence: isSequence)
      plan = .float(lstm)
    case .integer(var lstm):
      lstm.operands = try LSTMOperands(node, isSequence: isSequence)
      plan = .integer(lstm)
    case .basic: break
    }
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    switch plan {
    case .float(let plan): plan.run(invocation)
    case .integer(let plan): plan.run(invocation)
    case .basic(let plan): plan.run(invocation)
    }
  }
}

/// LSTM: in its full form one step of `UnidirectionalSequenceLSTM` on (batch, features), or `BasicLSTM`; option `kernel_type`.
package enum LSTM: Operator {
  package typealias Plan = UnidirectionalSequenceLSTM.Plan

  package static func infer(_ node: Node) throws(PrepareError) {
    guard !isBasic(node) else { return try BasicLSTM.infer(node) }
    try node.setOutput(0, shape: LSTMOperands(node, isSequence: false).outputShape)
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    guard !isBasic(node) else { return .basic(try BasicLSTM(node)) }
    return try UnidirectionalSequenceLSTM.prepare(node, isSequence: false)
  }

  package static func replan(_ plan: inout Plan, _ node: Node) throws(PrepareError) {
    try UnidirectionalSequenceLSTM.replan(&plan, node, isSequence: false)
  }

  private static func isBasic(_ node: Node) -> Bool { node.options.int8(3) == 1 }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    UnidirectionalSequenceLSTM.run(plan, invocation)
  }
}
