import CKernels
import ModelFormat

/// REVERSE_SEQUENCE: the first elements of each sequence backwards, the others as they are.
///
/// Inputs: data; the lengths of the sequences, a vector of int32 or int64. Options: `seq_dim`, the dimension along which
/// sequences run; `batch_dim`, the one that counts them. Constant lengths are checked while preparing; a computed one beyond
/// the dimension reverses all of it, a negative one nothing.
package enum ReverseSequence: Operator {
  package struct Plan: Sendable {
    let input, lengths, output: Operand
    let parameters: swl_reverse_sequence_params
  }

  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 2...2, outputs: 1)
    try node.setOutput(0, shape: try node.input(0).shape)
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let (input, lengths) = (try node.input(0), try node.input(1))
    let bytes = try node.movedElementBytes(input)
    let steps = try node.axis(fromOption: node.options.int32(0), rank: input.rank)
    let batches = try node.axis(fromOption: node.options.int32(1), rank: input.rank)
    guard steps != batches else {
      throw PrepareError(.optionInvalid, field: "seq_dim", found: .int(steps), expected: .text("not batch_dim"))
    }
    guard lengths.rank == 1, lengths.count == input.shape[batches] else {
      throw PrepareError(
        .shapeMismatch, .input(1), found: .shape(lengths.shape),
        expected: Shape(of: input.shape[batches]).map { .shape($0) } ?? .none)
    }
    try node.checkIndices(lengths, at: 1, below: { _ in input.shape[steps].addingSaturated(1) })
    let (upper, lower) = (min(steps, batches), max(steps, batches))
    return Plan(
      input: node.operand(input), lengths: node.operand(lengths), output: node.operand(try node.output(0)),
      parameters: swl_reverse_sequence_params(
        outer: input.shape.count(of: 0..<upper), batches: input.shape[batches],
        between: input.shape.count(of: upper + 1..<lower), steps: input.shape[steps],
        row_bytes: input.shape.count(of: lower + 1..<input.rank) * bytes, length_bytes: lengths.type.bitWidth / 8,
        batch_is_outer: batches < steps))
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    unsafe withUnsafePointer(to: plan.parameters) { parameters in
      unsafe swl_gather_reverse_sequence(
        parameters, invocation.pointer(plan.input), invocation.pointer(plan.lengths), invocation.pointer(plan.output))
    }
  }
}
