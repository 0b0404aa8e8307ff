// Models and interpreters that own themselves, and errors as exceptions.
#ifndef SWIFTLET_INTERPRETER_HPP
#define SWIFTLET_INTERPRETER_HPP

#include "swiftlet.h"
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace swiftlet {

/// What the library could not do, in its own words.
struct Error : std::runtime_error {
  Error() : std::runtime_error(SwiftletLastError()) {}
  explicit Error(const std::string &what) : std::runtime_error(what) {}
};

template <typename Element> struct TypeOf;
template <> struct TypeOf<float> : std::integral_constant<TfLiteType, kTfLiteFloat32> {};
template <> struct TypeOf<std::int8_t> : std::integral_constant<TfLiteType, kTfLiteInt8> {};
template <> struct TypeOf<std::uint8_t> : std::integral_constant<TfLiteType, kTfLiteUInt8> {};
template <> struct TypeOf<std::int16_t> : std::integral_constant<TfLiteType, kTfLiteInt16> {};
template <> struct TypeOf<std::int32_t> : std::integral_constant<TfLiteType, kTfLiteInt32> {};
template <> struct TypeOf<std::int64_t> : std::integral_constant<TfLiteType, kTfLiteInt64> {};

/// Elements of a tensor, in memory of the interpreter.
template <typename Element> class Elements {
public:
  explicit Elements(const TfLiteTensor *tensor)
      : first(static_cast<Element *>(TfLiteTensorData(tensor))), count(TfLiteTensorByteSize(tensor) / sizeof(Element)) {
    if (TfLiteTensorType(tensor) != TypeOf<typename std::remove_const<Element>::type>::value)
      throw Error(std::string("the elements are ") + TfLiteTypeGetName(TfLiteTensorType(tensor)));
    if (first == nullptr && count > 0)
      throw Error("the tensor has no memory yet: call allocate");
  }
  Element *begin() const { return first; }
  Element *end() const { return first + count; }
  Element &operator[](std::size_t index) const { return first[index]; }
  std::size_t size() const { return count; }

private:
  Element *first;
  std::size_t count;
};

class Interpreter {
public:
  /// Loads a model and prepares it, within `budget` bytes of memory where that is not 0.
  explicit Interpreter(const std::string &path, int threads = 1, std::size_t budget = 0) {
    const std::unique_ptr<TfLiteModel, decltype(&TfLiteModelDelete)> model(TfLiteModelCreateFromFile(path.c_str()),
                                                                           TfLiteModelDelete);
    const std::unique_ptr<TfLiteInterpreterOptions, decltype(&TfLiteInterpreterOptionsDelete)> options(
        TfLiteInterpreterOptionsCreate(), TfLiteInterpreterOptionsDelete);
    if (!model || !options)
      throw Error();
    TfLiteInterpreterOptionsSetNumThreads(options.get(), threads);
    if (budget > 0)
      SwiftletInterpreterOptionsSetMemoryBudget(options.get(), budget);
    handle.reset(TfLiteInterpreterCreate(model.get(), options.get()));
    if (!handle)
      throw Error();
    allocate();
  }

  void resize(int input, const std::vector<int> &shape) {
    check(TfLiteInterpreterResizeInputTensor(handle.get(), input, shape.data(), static_cast<int32_t>(shape.size())));
  }
  void allocate() { check(TfLiteInterpreterAllocateTensors(handle.get())); }
  void invoke() { check(TfLiteInterpreterInvoke(handle.get())); }

  /// Valid until the next `allocate`; throws when the elements are of another type.
  template <typename Element> Elements<Element> input(int index) {
    return Elements<Element>(tensor(TfLiteInterpreterGetInputTensor(handle.get(), index)));
  }
  template <typename Element> Elements<const Element> output(int index) const {
    return Elements<const Element>(tensor(TfLiteInterpreterGetOutputTensor(handle.get(), index)));
  }
  std::vector<int> inputShape(int index) const {
    const TfLiteTensor *input = tensor(TfLiteInterpreterGetInputTensor(handle.get(), index));
    return std::vector<int>(input->dims->data, input->dims->data + input->dims->size);
  }

private:
  static void check(TfLiteStatus status) {
    if (status != kTfLiteOk)
      throw Error();
  }
  template <typename Tensor> static Tensor *tensor(Tensor *found) {
    if (found == nullptr)
      throw Error();
    return found;
  }

  struct Delete {
    void operator()(TfLiteInterpreter *interpreter) const { TfLiteInterpreterDelete(interpreter); }
  };
  std::unique_ptr<TfLiteInterpreter, Delete> handle;
};

} // namespace swiftlet

#endif
