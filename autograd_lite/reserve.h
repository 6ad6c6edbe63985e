/* What to do when memory runs out where the C that mypyc writes cannot say so.

   mypyc takes it for granted that a float can be boxed, and aborts where a tuple cannot. Here both come from a reserve then, which is
   given up for them, and the thread raises MemoryError as soon as Python looks for what is pending. The reserve is taken anew when
   there is memory again. setup.py includes this file in the engine's C. */

#include <Python.h>
#include <CPy.h>
#include <stdlib.h>

#define RESERVE (4 << 20) /* some of Python's arenas, of 1 MB each */

static void *reserve = NULL;

static void reserve_memory(void) {
    reserve = malloc(RESERVE);
}

static int give_up_reserve(void) {
    if (reserve == NULL) {
        return 0;
    }
    free(reserve);
    reserve = NULL;
    PyErr_Clear();
    PyThreadState_SetAsyncExc(PyThread_get_thread_ident(), PyExc_MemoryError);
    return 1;
}

static PyObject *float_or_reserve(double x) {
    PyObject *out = PyFloat_FromDouble(x);
    if (unlikely(out == NULL)) {
        return give_up_reserve() ? PyFloat_FromDouble(x) : NULL;
    }
    if (unlikely(reserve == NULL)) {
        reserve_memory();
    }
    return out;
}

static PyObject *tuple_or_reserve(Py_ssize_t size) {
    PyObject *out = PyTuple_New(size);
    if (unlikely(out == NULL)) {
        return give_up_reserve() ? PyTuple_New(size) : NULL;
    }
    return out;
}

#define PyFloat_FromDouble float_or_reserve
#define PyTuple_New tuple_or_reserve
