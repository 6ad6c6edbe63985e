"""A one-layer GPT on scalars: 4,192 parameters, one training step on one word, about 60,000 operations as products and sums.

Every letter is a vector, the sum of what it is and where it stands. One layer lets each position look back at those before it
(attention) and then think about what it saw (a network of rectifiers); the result scores what comes next. Norms are root mean
squares without parameters, and there are no biases. For the position at hand, x is its vector, and q, k, v are what it asks,
offers and tells.

Source: Vaswani et al., "Attention is all you need", NeurIPS 2017; Zhang & Sennrich, "Root mean square layer normalization",
NeurIPS 2019; Kingma & Ba, "Adam", ICLR 2015.
"""

import random
from collections.abc import Sequence
from itertools import islice, pairwise
from typing import Any

from benchmarks.engines import BEFORE, COMPILED, INTERPRETED, MICROGPT, Engine
from benchmarks.scalars import Scalars, ScalarStep
from benchmarks.work import Work
from benchmarks.workload import Workload

__all__ = ["COUNT", "GPT", "WORKLOADS", "Adam"]

LETTERS = 27  # a to z, and the mark between words
WIDTH, HEADS, BLOCK = 16, 4, 16
SIZE_OF_HEAD = WIDTH // HEADS
WORD = "katherineelizabe"

Vector = list[Any]
Matrix = list[Vector]

# Rows and columns of every matrix, in the order in which the parameters lie; a matrix takes a vector of as many as its columns.
SHAPES = {
    "letters": (LETTERS, WIDTH),
    "places": (BLOCK, WIDTH),
    "scores": (LETTERS, WIDTH),
    "queries": (WIDTH, WIDTH),
    "keys": (WIDTH, WIDTH),
    "values": (WIDTH, WIDTH),
    "heads": (WIDTH, WIDTH),
    "widen": (4 * WIDTH, WIDTH),
    "narrow": (WIDTH, 4 * WIDTH),
}
COUNT = sum(rows * columns for rows, columns in SHAPES.values())


def tokens_of(word: str) -> list[int]:
    """The mark, the letters, the mark."""
    return [0, *(ord(letter) - ord("a") + 1 for letter in word), 0]


class GPT:
    """The leaves of an engine as matrices."""

    def __init__(self, engine: Scalars, leaves: Sequence[Any]) -> None:
        left = iter(leaves)
        self.engine = engine
        self.matrices: dict[str, Matrix] = {
            name: [list(islice(left, columns)) for _ in range(rows)] for name, (rows, columns) in SHAPES.items()
        }
        self.keys: Matrix = []
        self.values: Matrix = []

    def loss(self, tokens: list[int]) -> Any:
        """The mean surprise at each token after the first: -log of the probability that the model gave it."""
        self.keys, self.values, surprises = [], [], []
        for position, (token, following) in enumerate(pairwise(tokens)):
            probabilities = self.softmax(self.next_scores(token, position))
            surprises.append(-self.engine.log(probabilities[following]))
        return self.engine.sum_of(surprises) * (1.0 / len(surprises))

    def next_scores(self, token: int, position: int) -> Vector:
        """A score for every token that may follow, the higher the likelier."""
        letter, place = self.matrices["letters"][token], self.matrices["places"][position]
        x = self.norm(self.add(letter, place))
        x = self.add(x, self.attention(self.norm(x)))
        x = self.add(x, self.thought(self.norm(x)))
        return self.linear("scores", x)

    def attention(self, x: Vector) -> Vector:
        """What the positions so far tell this one, each heard as far as its key answers the query."""
        query = self.linear("queries", x)
        self.keys.append(self.linear("keys", x))
        self.values.append(self.linear("values", x))
        sum_of_products = self.engine.sum_of_products
        heard: Vector = []
        for start in range(0, WIDTH, SIZE_OF_HEAD):
            head = slice(start, start + SIZE_OF_HEAD)
            answers = [sum_of_products(query[head], key[head]) * SIZE_OF_HEAD**-0.5 for key in self.keys]
            weights = self.softmax(answers)
            heard += [sum_of_products(weights, told) for told in zip(*(value[head] for value in self.values), strict=True)]
        return self.linear("heads", heard)

    def thought(self, x: Vector) -> Vector:
        """A network of one wide layer of rectifiers."""
        return self.linear("narrow", [self.engine.relu(sum_) for sum_ in self.linear("widen", x)])

    def linear(self, name: str, x: Vector) -> Vector:
        """A matrix times a vector."""
        sum_of_products = self.engine.sum_of_products
        return [sum_of_products(row, x) for row in self.matrices[name]]

    def norm(self, x: Vector) -> Vector:
        """x divided by the root of its mean square."""
        mean_square = self.engine.sum_of_products(x, x) * (1.0 / len(x))
        scale = (mean_square + 1e-5) ** -0.5
        return [number * scale for number in x]

    def softmax(self, x: Vector) -> Vector:
        """exp(x), divided by its sum; shifted by the largest, which changes nothing and cannot overflow."""
        number, exp = self.engine.number, self.engine.exp
        largest = max(number(score) for score in x)
        weights = [exp(score - largest) for score in x]
        share = self.engine.sum_of(weights) ** -1.0
        return [weight * share for weight in weights]

    @staticmethod
    def add(x: Vector, y: Vector) -> Vector:
        """x + y."""
        return [a + b for a, b in zip(x, y, strict=True)]


class Adam:
    """The next parameters from the gradient and its running means; everything plain numbers."""

    def __init__(self, count: int, rate: float = 0.01, beta1: float = 0.85, beta2: float = 0.99, epsilon: float = 1e-8) -> None:
        self.mean, self.square = [0.0] * count, [0.0] * count
        self.rate, self.beta1, self.beta2, self.epsilon = rate, beta1, beta2, epsilon
        self.steps = 0

    def __call__(self, numbers: Sequence[float], gradient: Sequence[float]) -> list[float]:
        self.steps += 1
        beta1, beta2, epsilon = self.beta1, self.beta2, self.epsilon
        self.mean = [beta1 * m + (1.0 - beta1) * g for m, g in zip(self.mean, gradient, strict=True)]
        self.square = [beta2 * v + (1.0 - beta2) * g * g for v, g in zip(self.square, gradient, strict=True)]
        rate = self.rate / (1.0 - beta1**self.steps)
        unbiased = 1.0 / (1.0 - beta2**self.steps)
        moments = zip(numbers, self.mean, self.square, strict=True)
        return [x - rate * m / ((unbiased * v) ** 0.5 + epsilon) for x, m, v in moments]


def numbers() -> list[float]:
    """Parameters from a normal distribution of deviation 0.08."""
    rng = random.Random(0)
    return [rng.gauss(0.0, 0.08) for _ in range(COUNT)]


def operations(letters: int) -> int:
    """How many scalar operations the loss of a word takes as products and sums."""
    in_linear = sum(rows * (2 * columns - 1) for name, (rows, columns) in SHAPES.items() if name not in ("letters", "places"))
    norm, add = 2 * WIDTH + 2 + WIDTH, WIDTH
    each = in_linear + 3 * norm + 3 * add + 4 * WIDTH + 3 * LETTERS + 4  # and the rectifiers, the softmax, the surprise
    looking_back = [HEADS * (past * 2 * SIZE_OF_HEAD + 4 * past + SIZE_OF_HEAD * (2 * past - 1)) for past in range(1, letters + 2)]
    return (letters + 1) * each + sum(looking_back)


def _on_scalars(engine: Engine, form: str, size: int) -> Work:
    adapter, tokens = engine.adapter(form), tokens_of(WORD[:size])

    def arranged(leaves: list[Any]) -> GPT:
        return GPT(adapter, leaves)

    return ScalarStep(adapter, numbers(), lambda model: model.loss(tokens), arranged, Adam(COUNT), operations(size))


WORKLOADS = (
    Workload(
        "gpt",
        "GPT, one step",
        "GPT of 4,192 parameters, word length {size}, one step",
        {"scalars": _on_scalars},
        (COMPILED, BEFORE, INTERPRETED, MICROGPT, "micrograd", "XAD"),
        (7,),
        (1,),
    ),
)
