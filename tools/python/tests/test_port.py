"""What a port is, and what becomes of what it returns."""

import numpy as np
import pytest

from touchstone import Port, Unsupported
from touchstone.port.port import as_array


class Job:
    method = "saliency"


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"name": ""}, "name must be a string of 1 to 100"),
        ({"version": 1}, "version must be a string"),
        ({"layout": "CHW"}, "layout must be NCHW or NHWC"),
        ({"dtype": "half"}, "dtype must be float32 or float64"),
        ({"arrays": "jax"}, "arrays must be torch or numpy"),
    ],
)
def test_a_port_that_cannot_be(more, words):
    with pytest.raises(ValueError, match=words):
        Port(**{"name": "p", "version": "1.0", **more})


def test_declarations():
    port = Port("p", "1.0")
    declared = port.method("saliency")(lambda job: [1.0])
    assert port.methods == {"saliency": declared}
    with pytest.raises(ValueError, match="'saliency' is declared twice"):
        port.method("saliency")(declared)
    with pytest.raises(TypeError, match="with the id of a method"):
        port.method(declared)


@pytest.mark.parametrize("answer", [None, {}, {"logits": np.ones(1)}, {"attribution": None}])
def test_an_answer_needs_an_attribution(answer):
    port = Port("p", "1.0")
    port.method("saliency")(lambda job: answer)
    with pytest.raises(TypeError, match="saliency returned no attribution"):
        port.answer(Job)


def test_stages_without_values_are_left_out():
    port = Port("p", "1.0")
    port.method("saliency")(lambda job: {"attribution": np.ones(2), "logits": None})
    assert list(port.answer(Job)) == ["attribution"]


def test_a_method_that_is_not_declared():
    with pytest.raises(Unsupported, match="no method 'saliency'"):
        Port("p", "1.0").answer(Job)


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        (np.ones((2, 3), np.float64).T, np.float64),
        (np.float32(3), np.float32),
        (np.ones(2, np.float16), np.float32),
        ([1, 2], np.float64),
        (np.array([True]), np.float64),
    ],
)
def test_arrays(values, dtype):
    array = as_array(values, "a")
    assert array.dtype == dtype and array.flags.c_contiguous and array.shape == np.shape(values)
    np.testing.assert_array_equal(array, values)


def test_what_is_no_array_of_numbers():
    with pytest.raises(TypeError, match="stage 'a' is complex128"):
        as_array(np.ones(1, complex), "a")
