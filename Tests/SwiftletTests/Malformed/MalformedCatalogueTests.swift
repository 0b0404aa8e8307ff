import ModelFormat
import TestSupport
import Testing

@testable import Swiftlet

/// Every known way in which a model file has broken a runtime, as one change to a valid model: refused with its place
/// while loading or preparing, or given a defined result.
@Suite struct MalformedCatalogueTests {
  static let models =
    MalformedModel.file + MalformedModel.windows + MalformedModel.movement + MalformedModel.graph
    + MalformedModel.arithmetic + MalformedModel.types + MalformedModel.stateful + MalformedModel.control
    + MalformedModel.unsupported

  @Test func everyRowIsNamedOnce() {
    #expect(Set(Self.models.map(\.id)).count == Self.models.count)
    #expect(Self.models.count >= 100)
  }

  @Test(arguments: models.filter(\.isKnown)) func runsBeforeItIsChanged(model: MalformedModel) throws {
    try run(model.valid().build())
  }

  @Test(arguments: models) func isAnsweredAtItsPlace(model: MalformedModel) throws {
    do {
      try run(model.bytes())
      guard case .runs = model.outcome else {
        Issue.record("the model was accepted")
        return
      }
    } catch let error as FormatError {
      expect(error, model.outcome)
    } catch let error as PrepareError {
      expect(error, model.isKnown ? model.outcome : .operatorUnsupported)
    }
  }

  /// Loads, prepares and runs twice, on zeros.
  private func run(_ bytes: [UInt8]) throws {
    var options = PrepareOptions()
    options.memoryBudget = 64 << 20
    let program = try Program(model: Model(bytes: ModelBytes(copying: bytes)), options: options)
    let interpreter = try Interpreter(program: program)
    for _ in 0..<2 { try interpreter.invoke(within: 2_000_000_000) }
  }

  private func expect(_ error: FormatError, _ outcome: MalformedModel.Outcome) {
    guard case .format(let code, let subject, let field) = outcome else {
      Issue.record("\(error)")
      return
    }
    #expect(error.code == code && error.subject == subject && error.field == field, "\(error)")
    #expect(isOneLine(error.message), "\(error)")
  }

  private func expect(_ error: PrepareError, _ outcome: MalformedModel.Outcome) {
    switch outcome {
    case .prepare(let code, let operand, let field, let node):
      #expect(error.code == code && error.operand == operand && error.node == node, "\(error.message)")
      #expect(error.field.string == field, "\(error.message)")
      #expect(error.node < 0 || error.message.hasPrefix("node \(node) "), "\(error.message)")
      let saysWhatWasFound = !error.found.isNone || !error.expected.isNone || error.remedy.utf8CodeUnitCount > 0
      #expect(saysWhatWasFound || error.code == .operandMissing, "\(error.message)")
    case .operatorUnsupported:
      #expect(error.code == .operatorUnsupported && error.node == 0 && !error.operatorName.isEmpty, "\(error.message)")
    default:
      Issue.record("\(error.message)")
    }
    #expect(isOneLine(error.message), "\(error.message)")
  }

  private func isOneLine(_ message: String) -> Bool { !message.isEmpty && !message.contains { $0.isNewline } }
}

extension MalformedModel {
  /// Whether the runtime has the operators of the valid model; without them it can only say so.
  fileprivate var isKnown: Bool {
    valid().subgraphs[0].operators.allSatisfy { OperatorTable.builtin($0.builtin) != nil }
  }
}
