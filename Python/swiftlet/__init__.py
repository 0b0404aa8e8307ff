"""TensorFlow Lite models without TensorFlow: `swiftlet.interpreter` has the surface of `tflite_runtime.interpreter`."""

from ._library import library
from .interpreter import Interpreter, load_delegate

__all__ = ["Interpreter", "load_delegate"]
__version__ = library.SwiftletVersion().decode()
