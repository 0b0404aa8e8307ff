import CPlatform
import ModelFormat
import Swiftlet

/// The time of each step of a program, averaged over several invocations.
struct StepProfile {
  struct Row {
    /// Index of the operator in the file; of a chain the last one.
    let node: Int
    /// Of a chain that runs some rows at a time, the indices of all its operators; otherwise of the one.
    let chain: [Int]
    /// Of a chain the names of its operators, each once.
    let operation: String
    /// The operator's first output.
    let name: String
    let milliseconds: Double
    /// Of the time of all steps, 0...1.
    let share: Double
    let multiplyAccumulates: Int

    /// Thousand millions of multiply-accumulates a second; `nil` for operators without any.
    var rate: Double? {
      multiplyAccumulates > 0 && milliseconds > 0 ? Double(multiplyAccumulates) / milliseconds / 1e6 : nil
    }
  }

  /// In execution order.
  let rows: [Row]

  /// Invokes `runs` times with a clock reading after each step.
  init(of interpreter: Interpreter, runs: Int) throws(InvokeError) {
    let program = interpreter.program
    var nanoseconds = [UInt64](repeating: 0, count: program.stepNodes.count)
    for _ in 0..<runs { try interpreter.invoke(profile: &nanoseconds) }
    let total = max(1, nanoseconds.reduce(0, +))
    let work = program.multiplyAccumulates
    rows = zip(program.stepChains, nanoseconds).map { chain, time in
      let info = program.entrySubgraph.operators[chain[chain.count - 1]]
      return Row(
        node: chain[chain.count - 1], chain: chain, operation: program.operatorNames(ofChain: chain),
        name: info.outputs.first.map { $0 < 0 ? "" : program.prepared.tensors[$0].name } ?? "",
        milliseconds: Double(time) / Double(runs) / 1e6, share: Double(time) / Double(total),
        multiplyAccumulates: chain.reduce(0) { $0 + work[$1] })
    }
  }

  /// Rows with the same operator added up, the slowest first.
  var byOperator: [Row] {
    Dictionary(grouping: rows, by: \.operation).map { operation, rows in
      Row(
        node: rows.count, chain: [], operation: operation, name: "",
        milliseconds: rows.reduce(0) { $0 + $1.milliseconds },
        share: rows.reduce(0) { $0 + $1.share }, multiplyAccumulates: rows.reduce(0) { $0 + $1.multiplyAccumulates })
    }.sorted { ($1.milliseconds, $0.operation) < ($0.milliseconds, $1.operation) }
  }

  var json: JSON {
    .array(
      rows.map { row in
        [
          "node": .integer(row.node), "chain": .array(row.chain.map { .integer($0) }),
          "operator": .string(row.operation), "name": .string(row.name),
          "ms": .rounded(row.milliseconds, places: 6), "share": .rounded(row.share, places: 6),
          "macs": .integer(row.multiplyAccumulates), "gmac_per_s": row.rate.map { .rounded($0, places: 3) } ?? .null,
        ]
      })
  }

  var text: String {
    let each = rows.map { row in
      [Format.indices(row.chain), row.operation, Format.shortened(row.name, to: 40)] + Self.figures(row)
    }
    let kinds = byOperator.map { row in [row.operation, "\(row.node)"] + Self.figures(row) }
    let figures = ["ms", "share", "MMAC", "GMAC/s"]
    return Format.table(["node", "operator", "output"] + figures, each, numeric: [0, 3, 4, 5, 6]) + "\n\n"
      + Format.table(["operator", "count"] + figures, kinds, numeric: [1, 2, 3, 4, 5])
  }

  private static func figures(_ row: Row) -> [String] {
    [
      Format.fixed(row.milliseconds, places: 4), "\(Format.fixed(row.share * 100, places: 1)) %",
      row.multiplyAccumulates > 0 ? Format.fixed(Double(row.multiplyAccumulates) / 1e6, places: 3) : "",
      row.rate.map { Format.fixed($0, places: 2) } ?? "",
    ]
  }
}
