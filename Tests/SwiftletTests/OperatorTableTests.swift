import ModelFormat
import Testing

@testable import Swiftlet

/// What the tables of operators promise.
@Suite struct OperatorTableTests {
  @Test func hasWhatTheReadmePromises() {
    #expect(OperatorTable.all.count >= 120)
    #expect(Set(OperatorTable.all.map { $0.name }).count == OperatorTable.all.count)
  }

  @Test func everyCustomNameHasAnEntry() {
    for (name, types) in OperatorTable.customNames {
      #expect(OperatorTable.custom(name.string) != nil, "\(name)")
      #expect(!types.isEmpty)
    }
  }

  @Test(arguments: KernelFamily.allCases) func variantsBelongToOneArchitecture(family: KernelFamily) {
    #expect(family.variants.first == .scalar)
    let isARM = family.variants.contains { ["neon", "dotprod", "i8mm"].contains($0.name) }
    let isX86 = family.variants.contains { ["sse41", "avx2", "avxvnni", "avx512vnni", "amx"].contains($0.name) }
    #expect(!(isARM && isX86))
  }

  @Test func convolutionsHaveMoreVariantsThanPlainLoops() {
    #expect(KernelFamily.q8Convolution.variants.count > KernelFamily.vectorized.variants.count)
    #expect(KernelFamily.scalar.variants == [.scalar])
  }

  /// Operators in a family of computing kernels have types to compute on.
  @Test func familiesBelongToOperatorsWithData() {
    for row in OperatorTable.all where !row.families.isEmpty { #expect(!row.types.isEmpty, "\(row.name)") }
  }
}
