import CKernels
import ModelFormat

/// A node that fusion has made the table of several: see `Fusion.foldTables`.
enum ByteTable {
  static func step(_ node: Node, _ table: Operand) throws(PrepareError) -> Step {
    let (operands, isa) = (try UnaryOperands(node, elementsPerThread: 1 << 16), node.isa.value)
    return Step(node: node.position) { invocation in
      unsafe operands.run(invocation, UInt8.self, UInt8.self) { input, output, count in
        unsafe swl_lookup_u8(
          isa, invocation.pointer(table).assumingMemoryBound(to: UInt8.self), input, output, count)
      }
    }
  }
}
