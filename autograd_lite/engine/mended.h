/* Put right for the C that mypyc writes; setup.py includes this file in it.

   What to do when memory runs out where that C cannot say so. mypyc takes it for granted that a float can be boxed, and aborts where a tuple cannot. Here both come from a reserve then, which is
   given up for them, and the thread raises MemoryError as soon as Python looks for what is pending. The reserve is taken anew when
   there is memory again. */

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

/* How deep a chain of nodes is freed before the rest is put aside: CPython 3.13 goes 10,000 levels deep, which takes more than the
   stack of a small thread. The other versions keep to 50, or measure the stack. As CPython does, what is put aside is linked through a
   word that the collector has no use for any more: the object is untracked. */

#if PY_VERSION_HEX >= 0x030D0000 && PY_VERSION_HEX < 0x030E0000
#ifdef _MSC_VER
#define PER_THREAD __declspec(thread)
#elif defined(__linux__) /* there from the start: what is made at first use may find no memory, and the process ends */
#define PER_THREAD __thread __attribute__((tls_model("initial-exec")))
#else
#define PER_THREAD __thread
#endif

static PER_THREAD int depth_of_freeing = 0;
static PER_THREAD PyObject *put_aside = NULL;

static void put_object_aside(PyObject *object) {
    uintptr_t *link = (uintptr_t *)object - 1;
    *link = (uintptr_t)put_aside | (*link & 3);
    put_aside = object;
}

static void free_what_is_put_aside(void) {
    while (put_aside != NULL) {
        PyObject *object = put_aside;
        put_aside = (PyObject *)(((uintptr_t *)object)[-1] & ~(uintptr_t)3);
        Py_TYPE(object)->tp_dealloc(object);
    }
}

#undef CPy_TRASHCAN_BEGIN
#undef CPy_TRASHCAN_END
#define CPy_TRASHCAN_BEGIN(op, dealloc) \
    do { \
        if (depth_of_freeing >= 50) { \
            put_object_aside((PyObject *)op); \
            break; \
        } \
        depth_of_freeing++;
#define CPy_TRASHCAN_END(op) \
        if (depth_of_freeing == 1) { \
            free_what_is_put_aside(); \
        } \
        depth_of_freeing--; \
    } \
    while (0);
#endif
