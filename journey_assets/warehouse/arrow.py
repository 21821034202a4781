"""Columns of NumPy and of Python as Arrow arrays, without what Arrow's own conversion loads.

``pyarrow.array`` and ``pyarrow.table`` ask of whatever they are given whether it is of pandas, and
import pandas where it is installed: a third of a second and 45 MB, which a short run notices. So arrays
are made of the memory in which values stand already.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray


def arrow_table(columns: Mapping[str, Any]) -> "pa.Table":
    """A table of columns as :func:`in_arrow` takes them."""
    import pyarrow as pa

    return pa.table({name: in_arrow(values) for name, values in columns.items()})


def in_arrow(values: Any, *, nan_is_null: bool = False) -> "pa.Array":
    """An array of NumPy (numbers, truth values, times, texts; masked ones are empty), a sequence of such
    values or None, or an array of Arrow as it is. nan_is_null: numbers that are none are empty, too.
    """
    import numpy as np
    import pyarrow as pa

    if isinstance(values, pa.Array | pa.ChunkedArray):
        return values
    empty = np.ma.getmaskarray(values) if isinstance(values, np.ma.MaskedArray) else None
    if not isinstance(values, np.ndarray) or values.dtype.kind == "O":
        given = list(values)
        missing = np.array([each is None for each in given], dtype=bool)
        empty = missing if empty is None else empty | missing
        present = [each for each, gone in zip(given, empty, strict=True) if not gone]
        values = _of_one_kind(given, empty, present)
    whole = np.ascontiguousarray(np.ma.getdata(values))
    if nan_is_null and whole.dtype.kind == "f":
        empty = np.isnan(whole) if empty is None else empty | np.isnan(whole)
    valid = pa.py_buffer(_bits(~empty)) if empty is not None and empty.any() else None
    if whole.dtype.kind == "U":
        return _texts(whole, valid)
    if whole.dtype.kind == "b":
        whole, type_ = _bits(whole), pa.bool_()
        return pa.Array.from_buffers(type_, len(values), [valid, pa.py_buffer(whole)])
    if whole.dtype == np.dtype("datetime64[D]"):
        whole = whole.astype(np.int32)
        return pa.Array.from_buffers(pa.date32(), len(whole), [valid, pa.py_buffer(whole)])
    type_ = pa.from_numpy_dtype(whole.dtype)
    return pa.Array.from_buffers(type_, len(whole), [valid, pa.py_buffer(whole.view(np.uint8))])


def numbers_of(column: "pa.Array", type_: str) -> "NDArray[Any]":
    """A column of numbers without empty ones, as it stands in memory; ``type_``: as NumPy names it."""
    import numpy as np

    values: NDArray[Any] = np.frombuffer(column.buffers()[1], dtype=type_)
    return values[column.offset : column.offset + len(column)]


def _of_one_kind(
    given: Sequence[Any], empty: "NDArray[np.bool_]", present: Sequence[Any]
) -> "NDArray[Any]":
    """The values as an array with a type of its own; where one is empty stands any."""
    import numpy as np

    if not present:
        return np.zeros(len(given))
    import datetime

    kind = "datetime64[D]" if type(present[0]) is datetime.date else None
    filled = [present[0] if gone else each for each, gone in zip(given, empty, strict=True)]
    return np.array(filled, dtype=kind)


def _bits(truth: "NDArray[np.bool_]") -> "NDArray[np.uint8]":
    import numpy as np

    return np.packbits(truth, bitorder="little")


def _texts(values: "NDArray[np.str_]", valid: "pa.Buffer | None") -> "pa.Array":
    import numpy as np
    import pyarrow as pa

    encoded = [each.encode() for each in values.tolist()]
    ends = np.cumsum([0, *map(len, encoded)], dtype=np.int64)
    data = pa.py_buffer(b"".join(encoded))
    return pa.Array.from_buffers(pa.large_utf8(), len(encoded), [valid, pa.py_buffer(ends), data])
