/* Memory for nodes, outside of what Python's cyclic collector walks over.

   A graph of Values has no cycles, and is freed by reference counting alone; so the collector, which looks for cycles, finds
   nothing there however often it looks. A node made here is an object of Python's like any other, with the header that the
   collector wants of its type, but never entered in the collector's lists. It is taken from blocks of nodes. A block in which
   none is left goes back to the system, but for a few that are kept for the next graph.

   A slot is [header of the collector | object | the block it stands in]. A free slot holds the next free one of its block instead.

   Everything here runs under the global interpreter lock. `install` refuses what this was not built for: another layout of the
   header, Pythons that count references another way, classes with a dictionary. Nodes are then allocated as all objects are. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#if defined(Py_GIL_DISABLED) || defined(Py_TRACE_REFS) || defined(PYPY_VERSION) || SIZEOF_VOID_P != 8
#define UNKNOWN_OBJECTS 1
#else
#define UNKNOWN_OBJECTS 0
#endif

#define BLOCK_BYTES (256 << 10)
#define BLOCKS_KEPT 64 /* empty ones: 16 MB, or some 100,000 nodes, that need not be asked of the system again */

typedef struct { /* of CPython 3.11 to 3.14; the second word of an object that is not tracked serves mended.h */
    uintptr_t next, previous;
} Header;

typedef union Slot {
    union Slot *next_free;
    Header header;
} Slot;

typedef struct Block {
    struct Block *next, *previous; /* in the ring of blocks that have room */
    Slot *free;
    char *fresh; /* what was never in use begins here */
    Py_ssize_t used;
    double slots[]; /* aligned as objects are */
} Block;

static PyTypeObject *node_type = NULL;
static Py_ssize_t slot_bytes, slots_in_block, blocks_kept, nodes_alive, blocks_empty;
static size_t block_bytes;
static PyObjectArenaAllocator arenas;
static Block room = {&room, &room, NULL, NULL, 0}; /* the ring's beginning, itself no block */

static inline PyObject *object_in(Slot *slot) {
    return (PyObject *)(&slot->header + 1);
}

static inline Block **block_of(Slot *slot) {
    return (Block **)((char *)slot + slot_bytes) - 1;
}

static void enter(Block *block) {
    block->next = room.next;
    block->previous = &room;
    room.next->previous = block;
    room.next = block;
}

static void leave(Block *block) {
    block->previous->next = block->next;
    block->next->previous = block->previous;
}

static Block *new_block(void) {
    Block *block = slots_in_block > 1 ? arenas.alloc(arenas.ctx, block_bytes) : PyObject_Malloc(block_bytes);
    if (block == NULL) {
        return NULL;
    }
    if (slots_in_block > 1) {
        PyTraceMalloc_Track(0, (uintptr_t)block, block_bytes);
    }
    block->free = NULL;
    block->fresh = (char *)block->slots;
    block->used = 0;
    blocks_empty++;
    enter(block);
    return block;
}

static void give_back(Block *block) {
    leave(block);
    blocks_empty--;
    if (slots_in_block > 1) {
        PyTraceMalloc_Untrack(0, (uintptr_t)block);
        arenas.free(arenas.ctx, block, block_bytes);
    } else {
        PyObject_Free(block);
    }
}

static PyObject *new_node(PyTypeObject *type, Py_ssize_t Py_UNUSED(items)) {
    Block *block = room.next;
    if (block == &room && (block = new_block()) == NULL) {
        return PyErr_NoMemory();
    }
    Slot *slot = block->free;
    if (slot != NULL) {
        block->free = slot->next_free;
    } else {
        slot = (Slot *)block->fresh;
        block->fresh += slot_bytes;
        *block_of(slot) = block;
    }
    if (block->used++ == 0) {
        blocks_empty--;
    }
    if (block->used == slots_in_block) {
        leave(block);
    }
    nodes_alive++;
    memset(slot, 0, sizeof(Header) + type->tp_basicsize);
    PyObject *node = object_in(slot);
    node->ob_refcnt = 1;
    node->ob_type = type;
    Py_INCREF(type);
    return node;
}

static void free_node(void *node) {
    Slot *slot = (Slot *)((Header *)node - 1);
    Block *block = *block_of(slot);
    slot->next_free = block->free;
    block->free = slot;
    nodes_alive--;
    if (block->used-- == slots_in_block) {
        enter(block);
    }
    if (block->used == 0) {
        block->free = NULL;
        block->fresh = (char *)block->slots;
        if (++blocks_empty > blocks_kept) {
            give_back(block);
        }
    }
}

/* Whether objects, and the headers before them, are what this file takes them for; tried on one node. */
static int objects_are_known(PyObject *class) {
    PyTypeObject *type = (PyTypeObject *)class;
    if (UNKNOWN_OBJECTS || Py_Version >> 16 != PY_VERSION_HEX >> 16 || !PyType_IS_GC(type) || type->tp_itemsize != 0 ||
        !(type->tp_flags & Py_TPFLAGS_HEAPTYPE) ||
        type->tp_dictoffset != 0 || type->tp_weaklistoffset != 0 || type->tp_finalize != NULL) {
        return 0;
    }
    PyObject *node = new_node(type, 0);
    if (node == NULL) {
        return -1;
    }
    Header *header = (Header *)node - 1;
    int known = Py_REFCNT(node) == 1 && !PyObject_GC_IsTracked(node);
    PyObject_GC_Track(node);
    known = known && PyObject_GC_IsTracked(node) && header->next != 0;
    PyObject_GC_UnTrack(node);
    known = known && !PyObject_GC_IsTracked(node) && header->next == 0;
    PyObject *bytes = PyObject_CallMethod(node, "__sizeof__", NULL);
    PyObject *system = PyImport_ImportModule("sys");
    PyObject *whole = system == NULL ? NULL : PyObject_CallMethod(system, "getsizeof", "O", node);
    if (bytes == NULL || whole == NULL) {
        known = -1;
    } else if (PyLong_AsLong(bytes) != type->tp_basicsize || PyLong_AsLong(whole) - PyLong_AsLong(bytes) != sizeof(Header)) {
        known = 0;
    }
    Py_XDECREF(bytes);
    Py_XDECREF(whole);
    Py_XDECREF(system);
    free_node(node);
    Py_DECREF(type);
    return known;
}

static PyObject *install(PyObject *Py_UNUSED(module), PyObject *class) {
    if (!PyType_Check(class)) {
        return PyErr_Format(PyExc_TypeError, "install takes a class, got %R", class);
    }
    PyTypeObject *type = (PyTypeObject *)class;
    if (node_type != NULL) { /* sizes are those of one class */
        return PyBool_FromLong(node_type == type);
    }
    slot_bytes = (sizeof(Header) + type->tp_basicsize + sizeof(Block *) + 15) / 16 * 16;
    /* Where a debugger of memory watches, every node is a piece of memory of its own, which it sees. */
    PyMemAllocatorEx objects;
    PyMem_GetAllocator(PYMEM_DOMAIN_OBJ, &objects);
    const char *chosen = getenv("PYTHONMALLOC");
    int watched = objects.ctx != NULL || (chosen != NULL && *chosen != '\0' && strcmp(chosen, "pymalloc") != 0);
    slots_in_block = watched ? 1 : (BLOCK_BYTES - sizeof(Block)) / slot_bytes;
    block_bytes = watched ? sizeof(Block) + slot_bytes : BLOCK_BYTES;
    blocks_kept = watched ? 0 : BLOCKS_KEPT;
    PyObject_GetArenaAllocator(&arenas);
    int known = objects_are_known(class);
    if (known == 1) {
        node_type = type;
        Py_INCREF(class);
        type->tp_alloc = new_node;
        type->tp_free = free_node;
    }
    return known < 0 ? NULL : PyBool_FromLong(known);
}

static PyObject *holds(PyObject *Py_UNUSED(module), PyObject *class) {
    return PyBool_FromLong(class == (PyObject *)node_type);
}

/* A node that refers to something which may refer to it: the collector must see it, as it sees all else. */
static PyObject *watch(PyObject *Py_UNUSED(module), PyObject *const *arguments, Py_ssize_t count) {
    if (count != 2 || !PyTuple_Check(arguments[1])) {
        PyErr_SetString(PyExc_TypeError, "watch takes a node and a tuple of what it refers to");
        return NULL;
    }
    PyObject *node = arguments[0];
    if (Py_TYPE(node) != node_type) {
        Py_RETURN_FALSE;
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(arguments[1]) && !PyObject_GC_IsTracked(node); i++) {
        PyObject *other = PyTuple_GET_ITEM(arguments[1], i);
        if (PyObject_IS_GC(other) && (Py_TYPE(other) != node_type || PyObject_GC_IsTracked(other))) {
            PyObject_GC_Track(node);
        }
    }
    return PyBool_FromLong(PyObject_GC_IsTracked(node));
}

static PyObject *alive(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(nothing)) {
    return PyLong_FromSsize_t(nodes_alive);
}

static PyMethodDef functions[] = {
    {"install", install, METH_O, "Allocates the nodes of a class here, from now on; whether that can be done."},
    {"holds", holds, METH_O, "Whether the nodes of a class are allocated here."},
    {"watch", (PyCFunction)(void (*)(void))watch, METH_FASTCALL, "Lets the collector see a node, if it sees one of those that the node refers to."},
    {"alive", alive, METH_NOARGS, "How many nodes there are."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "autograd_lite.engine.allocator", "Memory for nodes, outside of what the collector walks over.", -1, functions,
    NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit_allocator(void) {
    return PyModule_Create(&definition);
}
