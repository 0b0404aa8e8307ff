import CPlatform
import ModelFormat
import Swiftlet

/// A model as the command line names it: its path and its verified contents.
struct ModelFile {
  let path: String
  let model: Model

  init(path: String) throws(CommandFailure) {
    self.path = path
    do throws(FormatError) {
      model = try Model(bytes: ModelBytes(path: path))
    } catch {
      throw CommandFailure(error, file: path)
    }
  }

  /// A model in memory; `path` names it in messages.
  init(path: String, contents: [UInt8]) throws(CommandFailure) {
    self.path = path
    do throws(FormatError) {
      model = try Model(bytes: ModelBytes(copying: contents))
    } catch {
      throw CommandFailure(error, file: path)
    }
  }

  /// The index of the subgraph that `signature` runs, the first without one.
  func entryIndex(signature: String?) throws(CommandFailure) -> Int {
    guard let signature else { return 0 }
    guard let found = model.signatures.first(where: { $0.key == signature }) else {
      let known = model.signatures.map { "'\($0.key)'" }.joined(separator: ", ")
      throw CommandFailure(
        .usage, file: path, "has no signature '\(signature)'; it has \(known.isEmpty ? "none" : known)")
    }
    return found.subgraph
  }

  func entry(signature: String?) throws(CommandFailure) -> Subgraph {
    model.subgraphs[try entryIndex(signature: signature)]
  }

  /// For each input of the entry: the name in the signature, if there is one, and the tensor's name.
  func inputNames(signature: String?) throws(CommandFailure) -> [[String]] {
    let subgraph = try entry(signature: signature)
    let signature = model.signatures.first { signature == nil ? $0.subgraph == 0 : $0.key == signature }
    let names = Dictionary(grouping: signature?.inputs ?? [], by: \.tensor)
    return subgraph.inputs.map { tensor in
      (names[tensor] ?? []).map(\.name) + [subgraph.tensors[tensor].name]
    }
  }

  func prepare(_ options: PrepareOptions) throws(CommandFailure) -> Program {
    do throws(PrepareError) {
      return try Program(model: model, options: options)
    } catch {
      throw CommandFailure(error, file: path)
    }
  }

  func interpreter(_ program: Program) throws(CommandFailure) -> Interpreter {
    do throws(PrepareError) {
      return try Interpreter(program: program)
    } catch {
      throw CommandFailure(error, file: path)
    }
  }

  func fill(_ interpreter: Interpreter, from filling: InputFilling, step: Int) throws(CommandFailure) {
    do throws(PrepareError) {
      try filling.set(step, in: interpreter)
    } catch {
      throw CommandFailure(error, file: path)
    }
  }

  func invoke(_ interpreter: Interpreter, deadline: UInt64?) throws(CommandFailure) {
    do throws(InvokeError) {
      try interpreter.invoke(within: deadline)
    } catch {
      throw CommandFailure(error, file: path)
    }
  }
}
