/// The descriptions of this folder as they stand in the program: it needs no file beside it.
package enum DeviceFiles {
  /// Each file, JSON. A new description is a file, a line here and one in Package.swift.
  package static let all: [[UInt8]] = [
    PackageResources.x86_64_linux_json,
    PackageResources.aarch64_linux_json,
    PackageResources.raspberry_pi_4_json,
    PackageResources.raspberry_pi_5_json,
    PackageResources.coral_dev_board_json,
    PackageResources.armv7_linux_json,
    PackageResources.cortex_m7_json,
    PackageResources.edgetpu_json,
  ]
}
