import Foundation
import ModelFormat
import TestSupport
import Testing

@testable import SwiftletCommand

@Suite struct TargetTests {
  let files: TemporaryFolder

  init() throws { files = try TemporaryFolder() }

  @Test func everyDescriptionIsInTheProgram() throws {
    let names = [
      "x86_64-linux", "aarch64-linux", "raspberry-pi-4", "raspberry-pi-5", "coral-dev-board", "armv7-linux",
      "cortex-m7",
      "edgetpu",
    ]
    #expect(Device.all.map(\.name) == names)
    for device in Device.all { #expect(device.ramBytes > device.reservedRamBytes && !device.title.isEmpty) }
  }

  @Test func saysWhatMemoryIsNeeded() throws {
    let model = try files.write(Models.convolution(), to: "m.tflite")
    let check = try Command("check", model, "--target", "cortex-m7", "--target", "raspberry-pi-4", "--json")
    #expect(check.exitCode == 0, "\(check.error)")
    let list = try #require(try JSONSerialization.jsonObject(with: Data(check.output.utf8)) as? [[String: Any]])
    let targets = try #require(list[0]["targets"] as? [[String: Any]])
    #expect(targets.map { $0["target"] as? String } == ["cortex-m7", "raspberry-pi-4"])
    let (board, computer) = (targets[0], targets[1])
    let parts = ["arena_bytes", "packed_bytes", "variable_bytes", "table_bytes"].compactMap { board[$0] as? Int }
    #expect(parts.count == 4 && board["ram_bytes"] as? Int == parts.reduce(0, +))
    let size = try files.read("m.tflite").count
    #expect(computer["ram_bytes"] as? Int == parts.reduce(0, +) + size, "on Linux the file is in memory")
    #expect(board["flash_bytes"] as? Int == size + 280000)
    #expect(board["fits"] as? Bool == true)
  }

  @Test func aModelThatIsTooLargeIs69() throws {
    let picture = Models.picture(.float32, height: 700, width: 700, channels: 1)
    let check = try Command("check", files.write(picture, to: "m.tflite"), "--target", "cortex-m7")
    #expect(check.exitCode == 69)
    #expect(check.output.contains("does not fit") && check.output.contains("of RAM and has 1000.0 KiB to spare"))
    let other = try Command("check", "\(files.path)/m.tflite", "--target", "toaster")
    #expect(other.exitCode == 64 && other.error.contains("'toaster' is no target; expected x86_64-linux"))
  }

  @Test func predictsWhatMapsToAnEdgeTPU() throws {
    let quantized = Models.picture(.int8, height: 2, width: 2, channels: 3, quantization: .perTensor(1, 0))
    let check = try Command("check", files.write(quantized, to: "m.tflite"), "--target", "edgetpu")
    #expect(check.exitCode == 0 && check.output.contains("a prediction: 1 of 1 operators would map"), "\(check.output)")
    let float = try Command("check", files.write(Models.convolution(), to: "f.tflite"), "--target", "edgetpu")
    #expect(float.exitCode == 69)
    #expect(float.output.contains("1 x CONV_2D: its data is float32, expected int8 or uint8"))
  }
}
