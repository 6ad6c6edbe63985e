"""Digits from pictures: a network with ReLU hidden layers and softmax outputs, trained on cross-entropy by mini-batches.

64-32-10 for the 8x8 digits, 784-500-400-10 for MNIST and for the synthetic set of its shape. The network gives logits, and the
softmax stands in the loss, where its logarithm keeps all digits.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import autograd_lite.engine.numpy_needed  # noqa: F401 - says what to install  # isort: skip
import numpy

from autograd_lite.datasets import Array, Dataset, Shifts, digits, mnist, mnist_sample, split, synthetic_mnist
from autograd_lite.losses import cross_entropy
from autograd_lite.nn import MLP
from autograd_lite.nn.initializers import He
from autograd_lite.optim import SGD, AdamW, Cosine, Optimizer
from autograd_lite.training import Callback, Checkpoints, History, fit, predict

CLASSES = 10


@dataclass(frozen=True)
class Parts:
    """One set of pictures in three parts.

    Attributes:
        training: to learn from. validation: to look at while learning, if any are held back. test: to judge by, once, at the end.
    """

    training: Dataset
    validation: Dataset | None
    test: Dataset


@dataclass(frozen=True)
class Recipe:
    """How to train on a set.

    Attributes:
        hidden: the sizes of the hidden layers.
        epochs: passes over the training data.
        batch_size: samples per step.
        weight_decay: what is taken off each weight per step, as a share of the learning rate.
        shift: pixels by which every training picture is moved at random, anew in every epoch (`Shifts`).
        warmup: the share of the steps in which the learning rate rises.
        dtype: what a program computes in.
    """

    hidden: tuple[int, ...]
    epochs: int
    batch_size: int
    weight_decay: float
    shift: int = 0
    warmup: float = 0.0
    dtype: str = "float64"


RECIPES = {
    "digits": Recipe((32,), 60, 16, 1e-3),
    "mnist": Recipe((500, 400), 12, 128, 1e-4, shift=1, warmup=0.1, dtype="float32"),
    "mnist-sample": Recipe((500, 400), 30, 64, 1e-4, shift=1, warmup=0.1, dtype="float32"),
    "synthetic": Recipe((500, 400), 3, 128, 1e-4),
}


# What makes an optimizer, and the learning rate it starts with.
OPTIMIZERS: dict[str, tuple[Callable[..., Optimizer], float]] = {
    "sgd": (SGD, 0.3),
    "momentum": (partial(SGD, momentum=0.9), 0.1),
    "adam": (AdamW, 0.003),
}


def recipe(
    name: str,
    hidden: Sequence[int] | None = None,
    epochs: int | None = None,
    batch_size: int | None = None,
    shift: int | None = None,
) -> Recipe:
    """The recipe of a set, with what is given in place of its own.

    >>> recipe("digits", epochs=5)
    Recipe(hidden=(32,), epochs=5, batch_size=16, weight_decay=0.001, shift=0, warmup=0.0, dtype='float64')
    """
    usual = RECIPES[name]
    return replace(
        usual,
        hidden=tuple(hidden or usual.hidden),
        epochs=epochs or usual.epochs,
        batch_size=batch_size or usual.batch_size,
        shift=usual.shift if shift is None else shift,
    )


def load(
    name: str, folder: str | Path | None = None, seed: int = 0, samples: int | None = None, held_back: int | None = None
) -> Parts:
    """One of the sets by its name, in parts.

    Args:
        name: "digits" (70, 10 and 20 % of 1,797), "mnist" (55,000, 5,000 and the 10,000 test pictures), "mnist-sample" (1,833,
            167 and 500 of them, which come with this package) or "synthetic" (60,000, 5,000 and 10,000).
        folder: where the files of "mnist" are; the other sets need none, and read none.
        seed: of the split, and of the synthetic pictures.
        samples: how many to learn from, where not all.
        held_back: how many training pictures of "mnist" or its sample to keep for validation, 0 for none; 1 in 12 by default.
    Raises:
        ModuleNotFoundError: for "digits", if scikit-learn is not installed.
        FileNotFoundError: for "mnist", if a file is missing.
        ValueError: for "mnist", if no folder is given or a file is damaged; or if so many cannot be held back.
    """
    if held_back is not None and name in ("digits", "synthetic"):
        raise ValueError(f'pictures are held back of "mnist" and "mnist-sample"; "{name}" has a validation part of its own')
    validation: Dataset | None
    if name == "digits":
        training, validation, test = split(digits(), (0.7, 0.1, 0.2), seed)
    elif name == "synthetic":
        sizes = (min(samples or 60_000, 60_000), 5_000, 10_000)
        training, validation, test = (synthetic_mnist(size, 3 * seed + i) for i, size in enumerate(sizes))
    else:
        if folder is None and name == "mnist":
            raise ValueError('MNIST is read from a folder: say which, or take "mnist-sample", which needs none')
        whole, test = mnist(folder) if folder is not None and name == "mnist" else mnist_sample()
        training, validation = _parted(whole, round(len(whole) / 12) if held_back is None else held_back, seed)
    return Parts(training.take(slice(samples)), validation, test)


def _parted(whole: Dataset, held_back: int, seed: int) -> tuple[Dataset, Dataset | None]:
    if not 0 <= held_back < len(whole):
        raise ValueError(f"of {len(whole):,} training pictures 0 to {len(whole) - 1:,} can be held back, not {held_back:,}")
    if not held_back:
        return whole, None
    training, validation = split(whole, (1.0 - held_back / len(whole), held_back / len(whole)), seed)
    return training, validation


def network(inputs: int, hidden: Sequence[int], seed: int = 0) -> MLP:
    """A network of ReLU layers with ten linear outputs, the logits of the digits; He's initialisation.

    >>> network(64, [32])
    MLP(64 -> 32 relu -> 10 linear, 2,410 parameters)
    """
    return MLP(inputs, [*hidden, CLASSES], "relu", initializer=He(), seed=seed)


def train(
    model: MLP,
    parts: Parts,
    recipe: Recipe,
    *,
    optimizer: str = "momentum",
    learning_rate: float | None = None,
    engine: str = "eager",
    seed: int = 0,
    callbacks: Sequence[Callback] = (),
    progress: bool | None = None,
    checkpoint: str | os.PathLike[str] | Checkpoints | None = None,
    resume: bool = False,
    history: History | None = None,
) -> History:
    """Trains by a recipe; the learning rate rises in the warm-up, if there is one, and then falls along half a cosine to 0.

    Args:
        model: as `network` makes it.
        parts: what to learn from, and what to validate on.
        recipe: how.
        optimizer: one of `OPTIMIZERS`.
        learning_rate: the highest one; the optimizer's usual one by default.
        engine, seed, callbacks, progress, checkpoint, resume, history: as for `fit`.
    Example:
        >>> from autograd_lite.datasets import synthetic_mnist
        >>> few = synthetic_mnist(20)
        >>> history = train(network(784, [4]), Parts(few, few, few), Recipe((4,), 2, 10, 0.0), progress=False)
        >>> len(history.costs)
        4
    """
    make, usual_rate = OPTIMIZERS[optimizer]
    steps = recipe.epochs * -(-len(parts.training) // recipe.batch_size)
    rate = usual_rate if learning_rate is None else learning_rate
    schedule = Cosine(rate, steps, warmup=int(recipe.warmup * steps))
    return fit(
        model,
        parts.training,
        cross_entropy,
        make(model.parameters(), schedule, weight_decay=recipe.weight_decay),
        batch_size=recipe.batch_size,
        epochs=recipe.epochs,
        engine=engine,
        dtype=recipe.dtype if engine == "program" else None,
        seed=seed,
        validation=parts.validation,
        augment=Shifts(parts.training.shape, recipe.shift) if recipe.shift else None,
        callbacks=callbacks,
        progress=progress,
        checkpoint=checkpoint,
        resume=resume,
        history=history,
    )


# ---- what it learned ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Mistake:
    """A picture that was taken for another digit.

    Attributes:
        place: which sample. truth: what it is. answer: what the network says.
        cost: the cross-entropy of the sample, in nats: how surprised the network is by the truth.
    """

    place: int
    truth: int
    answer: int
    cost: float


@dataclass(frozen=True, eq=False)
class Results:
    """How a trained network does on data it has not seen.

    Attributes:
        accuracy: the share of right answers.
        confusion: (classes, classes) how many samples of the row's class were answered with the column's.
        mistakes: the wrong answers, the worst first.
    """

    accuracy: float
    confusion: Array
    mistakes: list[Mistake]


def judge(model: Callable[..., Any], data: Dataset, engine: str = "eager") -> Results:
    """The model's answers to the data, compared with the truth.

    >>> from autograd_lite.datasets import synthetic_mnist
    >>> verdict = judge(network(784, [4]), synthetic_mnist(20))
    >>> int(verdict.confusion.sum()), len(verdict.mistakes) == 20 - round(20 * verdict.accuracy)
    (20, True)
    """
    outputs = predict(model, data.inputs, engine)
    labels, answers = data.labels, outputs.argmax(axis=1)
    wrong = numpy.flatnonzero(labels != answers)
    costs = [cross_entropy(outputs[place].tolist(), int(labels[place])) for place in wrong]
    mistakes = [Mistake(int(p), int(labels[p]), int(answers[p]), cost) for p, cost in zip(wrong, costs, strict=True)]
    mistakes.sort(key=lambda mistake: -mistake.cost)
    return Results(1.0 - len(wrong) / len(data), confusion(labels, answers, len(data.names)), mistakes)


def confusion(labels: Any, answers: Any, classes: int) -> Array:
    """(classes, classes) how many samples of the row's class were answered with the column's.

    >>> confusion([0, 0, 1], [0, 1, 1], 2).tolist()
    [[1, 1], [0, 1]]
    """
    pairs = numpy.asarray(labels) * classes + numpy.asarray(answers)
    return numpy.bincount(pairs, minlength=classes * classes).reshape(classes, classes)
