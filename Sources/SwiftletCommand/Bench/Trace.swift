import CPlatform
import ModelFormat
import Swiftlet

/// Invocations step by step in Chrome's trace event format, for about:tracing and Perfetto.
///
/// Source: "Trace Event Format", Google, complete events (`"ph": "X"`), times in microseconds.
struct Trace {
  private var events: [JSON] = []
  /// The clock at the trace's time 0.
  private let origin: UInt64

  init(origin: UInt64) { self.origin = origin }

  /// Adds what happened from one clock reading to another.
  mutating func add(_ name: String, category: String, from start: UInt64, to end: UInt64, _ details: JSON? = nil) {
    var event: JSON = [
      "name": .string(name), "cat": .string(category), "ph": .string("X"),
      "ts": .rounded(Double(start - origin) / 1e3, places: 3), "dur": .rounded(Double(end - start) / 1e3, places: 3),
      "pid": .integer(1), "tid": .integer(1),
    ]
    if let details { event.append("args", details) }
    events.append(event)
  }

  /// Invokes `count` times and adds an event for each invocation and each of its steps.
  mutating func add(invocations count: Int, of interpreter: Interpreter) throws(InvokeError) {
    let program = interpreter.program
    let chains = program.stepChains
    var clocks = [UInt64](repeating: 0, count: count * (chains.count + 1))
    for invocation in 0..<count {
      let first = invocation * (chains.count + 1)
      clocks[first] = swl_nanoseconds()
      try interpreter.invoke { step in clocks[first + step + 1] = swl_nanoseconds() }
    }
    for invocation in 0..<count {
      let readings = clocks[(invocation * (chains.count + 1))...].prefix(chains.count + 1)
      guard let start = readings.first, let end = readings.last else { continue }
      add("invoke \(invocation)", category: "invoke", from: start, to: end)
      for (step, (start, end)) in zip(readings, readings.dropFirst()).enumerated() {
        add(step: chains[step], of: program, from: start, to: end)
      }
    }
  }

  private mutating func add(step chain: [Int], of program: Program, from start: UInt64, to end: UInt64) {
    let node = chain[chain.count - 1]
    let info = program.entrySubgraph.operators[node]
    var details: JSON = ["node": .integer(node)]
    if chain.count > 1 { details.append("chain", .array(chain.map { .integer($0) })) }
    if let output = info.outputs.first, output >= 0 {
      let tensor = program.prepared.tensors[output]
      details.append("output", .string(tensor.name))
      details.append("shape", .string(tensor.shape.dimensions.text))
    }
    add(program.operatorNames(ofChain: chain), category: "operator", from: start, to: end, details)
  }

  var json: JSON { ["traceEvents": .array(events), "displayTimeUnit": .string("ms")] }
}
