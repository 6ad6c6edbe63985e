/* Bodies in C for `packs.py`; setup.py puts them into the C that mypyc writes, behind its description of a Value.

   A pack is immutable, and refers to Values that the collector need not see and to plain numbers only: so no cycle leads through
   it, and the collector does not know it either. The same operands with the same numbers give the pack that is there already, as
   long as some node keeps it: `known` refers to packs without owning them, and each takes itself out when it is freed. */

typedef autograd_lite___engine___value___ValueObject Node;

typedef struct {
    PyObject_VAR_HEAD
    char needed, interior, shared;   /* whether an operand needs a gradient; whether such a one was computed; among which it is known */
    PyObject *operands[];              /* and then a double and a flag for each: its number, and whether it needs a gradient */
} Pack;

#define KNOWN 4096
static Pack *known[2][KNOWN]; /* by their first operands: weights, and inputs, so that these do not push out those */

static inline double *numbers_in(Pack *pack) {
    return (double *)(pack->operands + Py_SIZE(pack));
}

static inline char *flags_in(Pack *pack) {
    return (char *)(numbers_in(pack) + Py_SIZE(pack));
}

static inline int is_node(PyObject *operand) {
    return Py_TYPE(operand) == CPyType_value___Value;
}

static inline Pack **place_for(PyObject *first, char shared) {
    uintptr_t key = (uintptr_t)first >> 4;
    return &known[shared != 0][(key ^ key >> 12) % KNOWN];
}

static void free_pack(PyObject *self) {
    Pack *pack = (Pack *)self;
    Pack **place = Py_SIZE(pack) == 0 ? NULL : place_for(pack->operands[0], pack->shared);
    if (place != NULL && *place == pack) {
        *place = NULL;
    }
    for (Py_ssize_t i = 0; i < Py_SIZE(pack); i++) {
        Py_DECREF(pack->operands[i]);
    }
    PyObject_Free(pack);
}

static PyTypeObject PackType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "autograd_lite.engine.packs.Pack",
    .tp_doc = PyDoc_STR("Operands and their numbers, beside each other."),
    .tp_basicsize = offsetof(Pack, operands),
    .tp_itemsize = sizeof(PyObject *) + sizeof(double) + sizeof(char),
    .tp_dealloc = free_pack,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
};

/* Whether a pack still says what its operands say. */
static int is_current(Pack *pack) {
    double *numbers = numbers_in(pack);
    char *flags = flags_in(pack);
    for (Py_ssize_t i = 0; i < Py_SIZE(pack); i++) {
        Node *node = (Node *)pack->operands[i];
        if (is_node(pack->operands[i]) &&
            (memcmp(&node->__data, numbers + i, sizeof(double)) != 0 || node->_requires_grad != flags[i] || node->__watched)) {
            return 0;
        }
    }
    return 1;
}

/* The number and the flag of each operand; whether all are Values that need not be seen, or plain numbers. */
static int fill(Pack *pack) {
    double *numbers = numbers_in(pack);
    char *flags = flags_in(pack);
    pack->needed = pack->interior = 0;
    for (Py_ssize_t i = 0; i < Py_SIZE(pack); i++) {
        PyObject *operand = pack->operands[i];
        flags[i] = 0;
        if (is_node(operand)) {
            Node *node = (Node *)operand;
            if (node->__watched || node->_primitive == NULL) {
                return 0;
            }
            numbers[i] = node->__data;
            flags[i] = node->_requires_grad;
            pack->interior |= flags[i] && node->_primitive != Py_None;
        } else if (PyFloat_CheckExact(operand)) {
            numbers[i] = PyFloat_AS_DOUBLE(operand);
        } else if (PyLong_CheckExact(operand)) {
            numbers[i] = PyLong_AsDouble(operand);
            if (numbers[i] == -1.0 && PyErr_Occurred()) { /* too large: who asked for the pack will find out */
                PyErr_Clear();
                return 0;
            }
        } else {
            return 0;
        }
        pack->needed |= flags[i];
    }
    return 1;
}

/* Whether these are the packs of one sum: as many weights as inputs, and a bias or none; else TypeError. */
static int fit(PyObject *own, PyObject *inputs) {
    if (Py_TYPE(own) == &PackType && Py_TYPE(inputs) == &PackType &&
        (size_t)(Py_SIZE(own) - Py_SIZE(inputs)) <= 1) {
        return 1;
    }
    PyErr_SetString(PyExc_TypeError, "these are not the two packs of one sum of products");
    return 0;
}

static char needs_gradient(PyObject *own, PyObject *inputs) {
    return !fit(own, inputs) ? 2 : ((Pack *)own)->needed || ((Pack *)inputs)->needed;
}

static PyObject *packed(PyObject *head, PyObject *sequence, char shared) {
    if (!PyList_CheckExact(sequence) && !PyTuple_CheckExact(sequence)) {
        Py_RETURN_NONE;
    }
    PyObject **operands = PySequence_Fast_ITEMS(sequence);
    Py_ssize_t rest = PySequence_Fast_GET_SIZE(sequence), first = head != Py_None, count = rest + first;
    Pack **place = count == 0 ? NULL : place_for(first ? head : operands[0], shared);
    if (count > 0 && *place != NULL && Py_SIZE(*place) == count && (!first || (*place)->operands[0] == head) &&
        memcmp((*place)->operands + first, operands, rest * sizeof(PyObject *)) == 0 && is_current(*place)) {
        return Py_NewRef((PyObject *)*place);
    }
    if (PyType_Ready(&PackType) < 0) {
        return NULL;
    }
    Pack *pack = PyObject_NewVar(Pack, &PackType, count);
    if (pack == NULL) {
        return NULL;
    }
    pack->shared = shared;
    if (first) {
        pack->operands[0] = Py_NewRef(head);
    }
    for (Py_ssize_t i = 0; i < rest; i++) {
        pack->operands[i + first] = Py_NewRef(operands[i]);
    }
    if (!fill(pack)) {
        Py_DECREF(pack);
        Py_RETURN_NONE;
    }
    if (count > 0) {
        *place = pack;
    }
    return (PyObject *)pack;
}

static double sum_of(PyObject *own, PyObject *inputs) {
    if (!fit(own, inputs)) {
        return CPY_FLOAT_ERROR;
    }
    Py_ssize_t count = Py_SIZE(inputs), first = Py_SIZE(own) - count;
    double *weights = numbers_in((Pack *)own), *factors = numbers_in((Pack *)inputs), sum = first ? *weights++ : -0.0;
    for (Py_ssize_t i = 0; i < count; i++) {
        sum = sum + weights[i] * factors[i];
    }
    return sum;
}

static void add_products(Pack *pack, Py_ssize_t first, double *local, double gradient) {
    char *flags = flags_in(pack);
    for (Py_ssize_t i = first; i < Py_SIZE(pack); i++) {
        if (flags[i]) {
            Node *node = (Node *)pack->operands[i];
            node->__grad = node->__grad + local[i - first] * gradient;
        }
    }
}

static char add_slopes(PyObject *own, PyObject *inputs, double gradient) {
    if (!fit(own, inputs)) {
        return 2;
    }
    Pack *left = (Pack *)own, *right = (Pack *)inputs;
    Py_ssize_t first = Py_SIZE(left) - Py_SIZE(right);
    if (first && flags_in(left)[0]) {
        ((Node *)left->operands[0])->__grad += gradient;
    }
    if (left->needed) {
        add_products(left, first, numbers_in(right), gradient);
    }
    if (right->needed) {
        add_products(right, 0, numbers_in(left) + first, gradient);
    }
    return 1;
}

static int64_t next_interior(PyObject *own, PyObject *inputs, int64_t place, int64_t below_mark) {
    if (!fit(own, inputs)) {
        return CPY_LL_INT_ERROR;
    }
    Py_ssize_t start = 0;
    for (int i = 0; i < 2; i++) {
        Pack *pack = (Pack *)(i == 0 ? own : inputs);
        for (; pack->interior && place - start < Py_SIZE(pack); place++) {
            Node *node = (Node *)pack->operands[place - start];
            if (flags_in(pack)[place - start] && node->__mark <= below_mark && node->_primitive != Py_None) {
                return place;
            }
        }
        start += Py_SIZE(pack);
        place = place > start ? place : start;
    }
    return place;
}

static PyObject *operand_at(PyObject *own, PyObject *inputs, int64_t place) {
    if (!fit(own, inputs)) {
        return NULL;
    }
    if (place < 0 || place >= Py_SIZE(own) + Py_SIZE(inputs)) {
        Py_RETURN_NONE;
    }
    return Py_NewRef(place < Py_SIZE(own) ? ((Pack *)own)->operands[place] : ((Pack *)inputs)->operands[place - Py_SIZE(own)]);
}

static PyObject *slope_at(PyObject *own, PyObject *inputs, int64_t place) {
    if (!fit(own, inputs)) {
        return NULL;
    }
    Py_ssize_t left = Py_SIZE(own), right = Py_SIZE(inputs), first = left - right;
    if (place < 0 || place >= left + right || !(place < left ? flags_in((Pack *)own)[place] : flags_in((Pack *)inputs)[place - left])) {
        Py_RETURN_NONE;
    }
    return PyFloat_FromDouble(place < first ? 1.0 : place < left ? numbers_in((Pack *)inputs)[place - first] : numbers_in((Pack *)own)[place - right]);
}
