"""LiteRT in child processes: some valid files abort it."""

import multiprocessing
import os
import threading

_local = threading.local()


def _serve(connection):
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    while True:
        path, inputs, reference = connection.recv()
        resolver = OpResolverType.BUILTIN_REF if reference else OpResolverType.AUTO
        try:
            interpreter = Interpreter(str(path), num_threads=1, experimental_op_resolver_type=resolver)
            if inputs is None:
                connection.send((interpreter.get_input_details(), None))
                continue
            interpreter.allocate_tensors()
            for detail, value in zip(interpreter.get_input_details(), inputs):
                interpreter.set_tensor(detail["index"], value)
            interpreter.invoke()
            connection.send(([interpreter.get_tensor(d["index"]) for d in interpreter.get_output_details()], None))
        except Exception as error:  # whatever it is, it is the answer
            connection.send((None, " ".join(str(error).split())[:160]))


def run_litert(path, inputs, timeout=60, reference=False):
    """The outputs, or why there are none; without inputs (None) their details."""
    child = getattr(_local, "child", None)
    if child is None or not child[0].is_alive():
        ours, theirs = multiprocessing.Pipe()
        process = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs,), daemon=True)
        process.start()
        theirs.close()
        child = _local.child = (process, ours)
    process, connection = child
    try:
        connection.send((path, inputs, reference))
        if connection.poll(timeout):
            return connection.recv()
        process.kill()
        return None, "takes more than a minute"
    except (EOFError, BrokenPipeError, ConnectionResetError):
        _local.child = None
        return None, "aborts"
