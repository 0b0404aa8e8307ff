import ArgumentParser
import DeviceDescriptions
import FoundationEssentials
import Swiftlet

/// A device that models are made for, as a file in Targets/devices describes it.
struct Device: Decodable, Sendable {
  let name: String
  /// In words.
  let title: String
  let architecture: String
  /// The fastest kernels that it surely has.
  let isa: String
  let cores: Int
  /// Of the smallest board of this name.
  let ramBytes: Int
  /// `nil` where models lie on a disk.
  let flashBytes: Int?
  /// What the system, the stack and the rest of a program take.
  let reservedRamBytes: Int
  /// The runtime's own code.
  let programBytes: Int
  /// The operators that an accelerator has; `nil` where the runtime itself runs.
  let operators: [String]?
  let note: String

  /// Its kernels where this machine has them, otherwise the portable ones.
  var kernels: ISA { ISA.runnable.first { $0.name == isa } ?? .scalar }

  static let all: [Device] = DeviceFiles.all.compactMap { bytes in
    try? JSONDecoder.snakeCase.decode(Device.self, from: Data(bytes))
  }

  static func parse(_ name: String) throws -> Device {
    if let device = all.first(where: { $0.name == name }) { return device }
    throw ValidationError("'\(name)' is no target; expected \(all.map(\.name).joined(separator: ", "))")
  }

  static let help = ArgumentHelp(
    "Say whether the model fits this device: \(all.map(\.name).joined(separator: ", ")).", valueName: "name")
}
