import Foundation
import Testing

@testable import SwiftletCommand

@Suite struct CheckCommandTests {
  let files: TemporaryFolder

  init() throws { files = try TemporaryFolder() }

  @Test func saysThatAModelRuns() throws {
    let model = try files.write(Models.reshape(), to: "model.tflite")
    let check = try Command("check", model)
    #expect(check.exitCode == 0)
    #expect(check.output.hasPrefix("\(model): runs: 1 operators"))
    #expect(check.error.isEmpty)
  }

  @Test func listsEveryProblem() throws {
    let model = try files.write(Models.unsupported(), to: "model.tflite")
    let check = try Command("check", model)
    #expect(check.exitCode == 69)
    let lines = check.output.split(separator: "\n")
    try #require(lines.count == 4, "\(check.output)")
    #expect(lines[0] == "\(model): would not run:")
    #expect(lines[1].hasPrefix("  node 0 'first' (Mystery): "))
    #expect(lines[2].hasPrefix("  node 1 'second' (RESHAPE): "))
    #expect(lines[3].hasPrefix("  node 2 'third' (Riddle): "))
  }

  @Test func aDamagedFileIs65() throws {
    let model = try files.write(Array(Models.reshape().dropLast(40)), to: "model.tflite")
    let check = try Command("check", model)
    #expect(check.exitCode == 65)
  }

  @Test func oneMissingFileDoesNotStopTheOthers() throws {
    let model = try files.write(Models.reshape(), to: "model.tflite")
    let check = try Command("check", "\(files.path)/none.tflite", model, "--json")
    #expect(check.exitCode == 66)
    let answer = try #require(try JSONSerialization.jsonObject(with: Data(check.output.utf8)) as? [[String: Any]])
    #expect(answer.map { $0["runs"] as? Bool } == [false, true])
    #expect(answer.map { $0["exit_code"] as? Int } == [66, 0])
  }

  @Test func countsMemory() throws {
    let model = try files.write(Models.reshape(), to: "model.tflite")
    #expect(try Command("check", model, "--memory-limit", "8").exitCode == 69)
  }
}

@Suite struct OperatorsCommandTests {
  @Test func listsTheTable() throws {
    let list = try Command("operators")
    #expect(list.exitCode == 0)
    #expect(list.output.contains("RESHAPE"))
    let json = try JSONSerialization.jsonObject(with: Data(Command("operators", "--json").output.utf8))
    let names = (json as? [[String: Any]])?.compactMap { $0["name"] as? String }
    #expect(names?.contains("CONV_2D") == true)
    #expect(names?.contains("CUSTOM") == false)
  }
}
