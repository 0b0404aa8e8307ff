import ArgumentParser
import Vision

/// `--preprocess`, wherever a command turns pictures into inputs.
enum PreprocessingOption {
  static let help = ArgumentHelp(
    "How pictures become inputs, for example colors=bgr,std=255; without it what the model file says.",
    discussion: """
      KEY=VALUE separated by commas: fit (stretch, pad, crop), filter (antialiased as Pillow has it, bilinear as OpenCV \
      has it), colors (rgb, bgr, gray), mean and std, one number or one for each channel separated by /. A sample becomes \
      (sample - mean) / std. Those left out are fit=stretch,filter=antialiased,colors=rgb,mean=0,std=255.
      """, valueName: "rule")

  static func parse(_ text: String) throws -> PicturePreprocessing {
    do throws(VisionError) {
      return try PicturePreprocessing(text: text)
    } catch {
      throw ValidationError("found \(error.found), expected \(error.expected); \(error.remedy)")
    }
  }
}
