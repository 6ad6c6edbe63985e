/* Bodies in C for `many.py`; setup.py puts them into the C that mypyc writes, behind its description of a Value. Each looks at what it
   is given, as anybody may call it, and says no where it is something else: the caller then goes the way of Python. */

/* The doubles of an array, as many as are expected; NULL for None and for anything else, which is then no fit. */
static double *doubles_of(PyObject *array, Py_ssize_t count, char written, Py_buffer *view, char *fits) {
    view->obj = NULL;
    if (array == Py_None) {
        return NULL;
    }
    if (PyObject_GetBuffer(array, view, PyBUF_FORMAT | PyBUF_C_CONTIGUOUS | (written ? PyBUF_WRITABLE : 0)) < 0) {
        PyErr_Clear();
        view->obj = NULL;
        *fits = 0;
        return NULL;
    }
    *fits &= view->format != NULL && strcmp(view->format, "d") == 0 && view->len == count * (Py_ssize_t)sizeof(double);
    return view->buf;
}

static char copied(PyObject *values, PyObject *numbers, PyObject *slopes, char inwards) {
    if (!PyList_CheckExact(values)) {
        return 0;
    }
    Py_ssize_t count = PyList_GET_SIZE(values), done = 0;
    Py_buffer first, second;
    char fits = 1;
    double *data = doubles_of(numbers, count, !inwards, &first, &fits), *grads = doubles_of(slopes, count, !inwards, &second, &fits);
    PyObject **items = ((PyListObject *)values)->ob_item;
    for (; fits && done < count && Py_TYPE(items[done]) == CPyType_value___Value; done++) {
        Node *node = (Node *)items[done];
        if (data != NULL) {
            *(inwards ? &node->__data : data + done) = *(inwards ? data + done : &node->__data);
        }
        if (grads != NULL) {
            *(inwards ? &node->__grad : grads + done) = *(inwards ? grads + done : &node->__grad);
        }
        if (data != NULL && grads != NULL && node->_requires_grad != 1) {
            break;
        }
    }
    PyBuffer_Release(&first);
    PyBuffer_Release(&second);
    return fits && done == count;
}

static char are_same(PyObject *first, PyObject *second) {
    if (!(PyList_Check(first) || PyTuple_Check(first)) || !(PyList_Check(second) || PyTuple_Check(second))) {
        return 0;
    }
    Py_ssize_t count = PySequence_Fast_GET_SIZE(first);
    return count == PySequence_Fast_GET_SIZE(second) &&
           (count == 0 || memcmp(PySequence_Fast_ITEMS(first), PySequence_Fast_ITEMS(second), count * sizeof(PyObject *)) == 0);
}
