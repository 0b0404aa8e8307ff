// Prints the five likeliest classes of a picture: classify MODEL PICTURE.bmp
#include "interpreter.hpp"
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <numeric>

namespace {

/// An uncompressed BMP of 24 bits, as BMP stores it: rows from the bottom, blue first, rows of whole words.
struct Picture {
  std::vector<unsigned char> bytes;
  std::size_t width, height, start;

  explicit Picture(const std::string &path) {
    std::ifstream file(path, std::ios::binary);
    bytes.assign(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    if (bytes.size() < 54 || bytes[0] != 'B' || bytes[1] != 'M' || bytes[28] != 24 || number(30) != 0)
      throw swiftlet::Error(path + " is no uncompressed BMP of 24 bits");
    start = number(10);
    width = number(18);
    height = number(22);
    if (width == 0 || height == 0 || width > 1 << 14 || height > 1 << 14 || start + stride() * height > bytes.size())
      throw swiftlet::Error(path + " is cut off");
  }
  std::size_t number(std::size_t at) const {
    return bytes[at] | std::size_t(bytes[at + 1]) << 8 | std::size_t(bytes[at + 2]) << 16 |
           std::size_t(bytes[at + 3]) << 24;
  }
  std::size_t stride() const { return (3 * width + 3) / 4 * 4; }
  unsigned char at(std::size_t x, std::size_t y, std::size_t channel) const {
    return bytes[start + (height - 1 - y) * stride() + 3 * x + 2 - channel];
  }
};

} // namespace

int main(int count, char **arguments) try {
  if (count != 3) {
    std::fprintf(stderr, "usage: classify MODEL PICTURE.bmp\n");
    return 64;
  }
  swiftlet::Interpreter interpreter(arguments[1]);
  const Picture picture(arguments[2]);
  const std::vector<int> shape = interpreter.inputShape(0);
  if (shape.size() != 4 || shape[3] != 3)
    throw swiftlet::Error("the model takes no picture of three channels");

  auto pixels = interpreter.input<std::uint8_t>(0);
  const std::size_t rows = std::size_t(shape[1]), columns = std::size_t(shape[2]);
  for (std::size_t i = 0; i < pixels.size(); i++) { // the nearest pixel
    const std::size_t y = i / 3 / columns % rows, x = i / 3 % columns;
    pixels[i] = picture.at(x * picture.width / columns, y * picture.height / rows, i % 3);
  }
  interpreter.invoke();

  const auto scores = interpreter.output<std::uint8_t>(0);
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), 0);
  const std::size_t shown = std::min<std::size_t>(5, order.size());
  std::partial_sort(order.begin(), order.begin() + std::ptrdiff_t(shown), order.end(),
                    [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
  for (std::size_t i = 0; i < shown; i++)
    std::printf("class %zu: %d/255\n", order[i], scores[order[i]]);
  return 0;
} catch (const swiftlet::Error &error) {
  std::fprintf(stderr, "classify: %s\n", error.what());
  return 65;
}
