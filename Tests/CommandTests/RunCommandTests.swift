import Foundation
import ModelFormat
import Testing

@testable import SwiftletCommand

@Suite struct RunCommandTests {
  let files: TemporaryFolder
  let model: String

  init() throws {
    files = try TemporaryFolder()
    model = try files.write(Models.reshape(), to: "model.tflite")
  }

  private func array(_ type: ElementType, _ shape: [Int], _ bytes: [UInt8], _ name: String = "x.npy") throws -> String {
    try files.write(NPY(type: type, shape: shape, bytes: bytes).contents(), to: name)
  }

  private let numbers = [UInt8](1...24)

  @Test func writesOutputsAsArrays() throws {
    let input = try array(.float32, [2, 3], numbers)
    let run = try Command("run", model, "--input", input, "--output-dir", "\(files.path)/deep/out")
    #expect(run.exitCode == 0, "\(run.error)")
    let output = try NPY(contents: files.read("deep/out/0.npy"))
    #expect(output == NPY(type: .float32, shape: [3, 2], bytes: numbers))
    #expect(!files.exists("deep/out/1.npy"))
  }

  @Test(arguments: ["x", "numbers"]) func takesInputsByName(name: String) throws {
    let input = try array(.float32, [2, 3], numbers)
    #expect(try Command("run", model, "--input", "\(name)=\(input)").exitCode == 0)
  }

  @Test func takesRawBytes() throws {
    let input = try files.write(numbers, to: "x.bin")
    #expect(try Command("run", model, "--input", input, "--output-dir", files.path).exitCode == 0)
    #expect(try NPY(contents: files.read("0.npy")).bytes == numbers)
  }

  @Test func takesTheShapeOfTheArrayWhereTheModelLeavesItOpen() throws {
    let open = try files.write(Models.reshape(batch: true), to: "open.tflite")
    let input = try array(.float32, [5, 3], [UInt8](repeating: 0, count: 60))
    let run = try Command("run", open, "--input", input, "--output-dir", files.path)
    #expect(run.exitCode == 0, "\(run.error)")
    #expect(try NPY(contents: files.read("0.npy")).shape == [15, 1])
  }

  @Test func keepsVariablesThroughASequence() throws {
    let delay = try files.write(Models.delay(), to: "delay.tflite")
    let input = try array(.int8, [3, 2], [1, 2, 3, 4, 5, 6])
    let run = try Command("run", delay, "--input", input, "--sequence", "--output-dir", files.path)
    #expect(run.exitCode == 0, "\(run.error)")
    #expect(try NPY(contents: files.read("0.npy")) == NPY(type: .int8, shape: [3, 2], bytes: [0, 0, 1, 2, 3, 4]))
  }

  @Test func randomInputsAreReproducible() throws {
    let first = try Command("run", model, "--random-input", "3", "--json", "--threads", "2").json()
    let second = try Command("run", model, "--random-input", "3", "--json", "--isa", "scalar").json()
    let other = try Command("run", model, "--random-input", "4", "--json").json()
    func values(_ answer: [String: Any]) throws -> [Double] {
      let outputs = try #require(answer["outputs"] as? [[String: Any]])
      return try #require(outputs[0]["values"] as? [Double])
    }
    #expect(try values(first) == values(second))
    #expect(try values(first) != values(other))
    #expect(second["isa"] as? String == "scalar")
    #expect(first["threads"] as? Int == 2)
  }

  @Test func writesEveryTensorForComparison() throws {
    let input = try array(.float32, [2, 3], numbers)
    let run = try Command("run", model, "--input", input, "--dump-tensors", "\(files.path)/all")
    #expect(run.exitCode == 0, "\(run.error)")
    #expect(try NPY(contents: files.read("all/2.npy")).bytes == numbers)
    let index = try JSONSerialization.jsonObject(with: Data(files.read("all/index.json"))) as? [[String: Any]]
    #expect(index?.first?["name"] as? String == "turned")
    #expect(index?.first?["operator"] as? String == "RESHAPE")
  }

  // MARK: Refusals

  @Test func refusesAnArrayOfAnotherShape() throws {
    let input = try array(.float32, [3, 2], numbers)
    let run = try Command("run", model, "--input", input)
    #expect(run.exitCode == 65)
    #expect(run.error == "swiftlet: \(input): found float32[3,2], expected float32[2,3] for input 'x'\n")
  }

  @Test func refusesAnArrayOfAnotherType() throws {
    let input = try array(.int32, [2, 3], numbers)
    let run = try Command("run", model, "--input", input)
    #expect(run.exitCode == 65)
    #expect(run.error == "swiftlet: \(input): found int32[2,3], expected float32[2,3] for input 'x'\n")
  }

  @Test func refusesTooFewRawBytes() throws {
    let input = try files.write([1, 2, 3], to: "x.bin")
    let run = try Command("run", model, "--input", input)
    #expect(run.exitCode == 65)
    #expect(run.error == "swiftlet: \(input): found 3 bytes, expected float32[2,3] for input 'x', 24 bytes\n")
  }

  @Test func refusesAFileThatIsNoInput() throws {
    let input = try files.write(Array("hello".utf8), to: "x.txt")
    let run = try Command("run", model, "--input", input)
    #expect(run.exitCode == 65)
    #expect(run.error.hasPrefix("swiftlet: \(input): "))
  }

  @Test func missingFilesAreNoInput() throws {
    let run = try Command("run", "\(files.path)/none.tflite", "--zero-input")
    #expect(run.exitCode == 66)
    #expect(run.error.hasPrefix("swiftlet: \(files.path)/none.tflite: "))
    let second = try Command("run", model, "--input", "\(files.path)/none.npy")
    #expect(second.exitCode == 66)
    #expect(second.error == "swiftlet: \(files.path)/none.npy: No such file or directory\n")
    #expect(try Command("run", model, "--input", files.path).exitCode == 66)
    #expect(try Command("run", model, "--input", "/dev/zero").exitCode == 66)
  }

  @Test func refusesAModelThatIsNone() throws {
    let text = try files.write(Array("this is not a model at all".utf8), to: "text.tflite")
    let run = try Command("run", text, "--zero-input")
    #expect(run.exitCode == 65)
    #expect(run.error.split(separator: "\n").count == 1)
  }

  @Test func answersFailuresInJSON() throws {
    let run = try Command("run", "\(files.path)/none.tflite", "--json")
    let error = try #require(try run.json()["error"] as? [String: Any])
    #expect(error["code"] as? Int == 66)
    #expect(error["file"] as? String == "\(files.path)/none.tflite")
    #expect((error["message"] as? String)?.isEmpty == false)
  }

  @Test func saysWhichOperatorIsNotThere() throws {
    let file = try files.write(Models.unsupported(), to: "unsupported.tflite")
    let run = try Command("run", file, "--zero-input")
    #expect(run.exitCode == 69)
    #expect(run.error.contains("Mystery"))
  }

  @Test func honoursTheMemoryLimit() throws {
    #expect(try Command("run", model, "--zero-input", "--memory-limit", "16").exitCode == 69)
    #expect(try Command("run", model, "--zero-input", "--memory-limit", "1M").exitCode == 0)
  }

  @Test func givesUpAfterTheTimeout() throws {
    let layer = try files.write(Models.convolution(), to: "layer.tflite")
    let run = try Command("run", layer, "--zero-input", "--timeout", "0.000000001")
    #expect(run.exitCode == 69)
    #expect(run.error.hasPrefix("swiftlet: \(layer): the deadline passed"))
  }

  @Test func everyCommandHasAnExample() throws {
    for command in ["run", "bench", "detect", "inspect", "check", "operators"] {
      let help = try Command(command, "--help")
      #expect(help.exitCode == 0)
      #expect(help.output.contains("Example:\n  swiftlet \(command) "), "\(command)")
    }
  }

  @Test(arguments: [
    ["run"], ["run", "MODEL", "--threads", "0"], ["run", "MODEL", "--isa", "fast"], ["run", "MODEL", "--unknown"],
    ["run", "MODEL", "--memory-limit", "much"], ["run", "MODEL", "--zero-input", "--random-input", "1"],
    ["run", "MODEL", "--signature", "absent", "--zero-input"], ["run", "MODEL", "--input", "nothing=x.npy"],
    ["run", "MODEL"], ["run", "MODEL", "--zero-input", "--sequence"], ["nonsense"],
  ])
  func wrongUsageIs64(arguments: [String]) throws {
    let run = try Command(arguments.map { $0 == "MODEL" ? model : $0 })
    #expect(run.exitCode == 64, "\(run.error)")
    #expect(!run.error.isEmpty && run.output.isEmpty)
  }

  @Test func environmentCapsTheInstructionSet() throws {
    let run = try Command(["run", model, "--zero-input", "--json"], environment: ["SWIFTLET_ISA": "scalar"])
    #expect(try run.json()["isa"] as? String == "scalar")
    #expect(try Command(["run", model, "--zero-input"], environment: ["SWIFTLET_ISA": "quick"]).exitCode == 64)
  }

  @Test func anOutputFolderThatCannotBeMadeIs73() throws {
    let file = try files.write([], to: "file")
    let run = try Command("run", model, "--zero-input", "--output-dir", "\(file)/out")
    #expect(run.exitCode == 73)
    #expect(run.error.hasPrefix("swiftlet: \(file)/out: "))
  }
}
