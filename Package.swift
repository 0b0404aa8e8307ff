// swift-tools-version: 6.2
import PackageDescription

/// The core is one source for three worlds: a Swift package, a C library without a Swift runtime, and bare metal.
/// With the trait the core's library targets compile as Embedded Swift; executables never mention Embedded, because
/// SwiftPM would then drop their runpath.
let swift: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .strictMemorySafety(),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]
let core: [SwiftSetting] =
  swift + [
    .enableExperimentalFeature("Embedded", .when(traits: ["EmbeddedCore"]))
  ]

let package = Package(
  name: "swiftlet",
  products: [
    .library(name: "Swiftlet", targets: ["Swiftlet", "ModelFormat"]),
    .library(name: "SwiftletCore", type: .static, targets: ["Swiftlet"]),
    .library(name: "CSwiftlet", type: .static, targets: ["CSwiftlet"]),
    .library(name: "Vision", targets: ["Vision"]),
    .executable(name: "swiftlet", targets: ["SwiftletCommand"]),
  ],
  traits: [
    .trait(name: "EmbeddedCore", description: "Compile the core as Embedded Swift: no runtime, no Foundation.")
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"),
    // Without its streams, which would bring all of Foundation.
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0", traits: []),
  ],
  targets: [
    .target(name: "CPlatform"),
    .target(name: "CKernels"),
    .target(name: "ModelFormat", dependencies: ["CPlatform"], swiftSettings: core),
    .target(name: "Swiftlet", dependencies: ["ModelFormat", "CKernels", "CPlatform"], swiftSettings: core),
    .target(name: "CTensorFlowLite", path: "Sources/CSwiftlet/C"),
    .target(
      name: "CSwiftlet", dependencies: ["CTensorFlowLite", "Swiftlet", "ModelFormat", "CKernels", "CPlatform"],
      path: "Sources/CSwiftlet/Library", swiftSettings: core),
    .systemLibrary(
      name: "CJPEG", path: "Sources/SystemLibraries/CJPEG", pkgConfig: "libjpeg",
      providers: [.apt(["libjpeg62-turbo-dev"])]),
    .systemLibrary(
      name: "CPNG", path: "Sources/SystemLibraries/CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
    .target(name: "CVision", dependencies: ["CJPEG", "CPNG"], linkerSettings: [.linkedLibrary("z")]),
    .target(name: "Vision", dependencies: ["CVision"], swiftSettings: swift),
    .target(
      name: "CFlatBuilder", path: "Converter/Writer/CFlatBuilder", linkerSettings: [.linkedLibrary("stdc++")]),
    .target(name: "CKerasFile", path: "Converter/Frontends/Keras/CKerasFile"),
    .target(name: "CFloatLayers", path: "Converter/Execution/CFloatLayers"),
    .target(
      name: "ONNXFormat", dependencies: [.product(name: "SwiftProtobuf", package: "swift-protobuf")],
      path: "Converter/Frontends/ONNX/Format", exclude: ["onnx.proto", "generate"],
      swiftSettings: [.swiftLanguageMode(.v6)]),
    .target(
      name: "Converter",
      dependencies: [
        "Swiftlet", "ModelFormat", "CPlatform", "CFlatBuilder", "ONNXFormat", "CKerasFile", "CFloatLayers", "Vision",
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ],
      path: "Converter",
      exclude: [
        "README.md", "Writer/CFlatBuilder", "Frontends/ONNX/Format", "Frontends/Keras/CKerasFile",
        "Execution/CFloatLayers",
      ],
      swiftSettings: swift),
    .target(
      name: "DeviceDescriptions", path: "Targets/devices",
      resources: [
        .embedInCode("aarch64-linux.json"), .embedInCode("armv7-linux.json"), .embedInCode("coral-dev-board.json"),
        .embedInCode("cortex-m7.json"), .embedInCode("edgetpu.json"), .embedInCode("raspberry-pi-4.json"),
        .embedInCode("raspberry-pi-5.json"), .embedInCode("x86_64-linux.json"),
      ], swiftSettings: [.swiftLanguageMode(.v6)]),
    .executableTarget(
      name: "SwiftletCommand",
      dependencies: [
        "Swiftlet", "ModelFormat", "Vision", "CPlatform", "Converter", "DeviceDescriptions",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], swiftSettings: swift),
    .executableTarget(
      name: "firmware-daemon", dependencies: ["Swiftlet", "ModelFormat"], path: "Examples/DaemonSwift",
      exclude: ["README.md"], swiftSettings: swift),
    .executableTarget(
      name: "person-detection", dependencies: ["Swiftlet", "ModelFormat", "Vision"], path: "Examples/PersonDetection",
      exclude: ["README.md"], swiftSettings: swift),
    .target(name: "CTestSupport", path: "Tests/CSupport"),
    .target(
      name: "TestSupport", dependencies: ["ModelFormat", "Swiftlet"], path: "Tests/Support", swiftSettings: swift),
    .testTarget(name: "ModelFormatTests", dependencies: ["ModelFormat", "TestSupport"], swiftSettings: swift),
    .testTarget(name: "CKernelsTests", dependencies: ["CKernels"], swiftSettings: swift),
    .testTarget(
      name: "SwiftletTests", dependencies: ["Swiftlet", "ModelFormat", "TestSupport", "CTestSupport", "CKernels"],
      swiftSettings: swift),
    .testTarget(name: "VisionTests", dependencies: ["Vision"], swiftSettings: swift),
    .testTarget(
      name: "ConverterTests",
      dependencies: [
        "Converter", "ONNXFormat", "ModelFormat", "Swiftlet", "TestSupport",
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ], swiftSettings: swift),
    .testTarget(
      name: "CommandTests", dependencies: ["SwiftletCommand", "ModelFormat", "TestSupport", "Vision"],
      swiftSettings: swift),
  ],
  cLanguageStandard: .c11,
  cxxLanguageStandard: .cxx17
)
