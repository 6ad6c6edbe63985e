"""`autograd-lite train`: learns digits from pictures, and writes the network, its history and charts."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograd_lite.commands.arguments import (
    Command,
    CommandFailed,
    argument,
    output,
    positive_integer,
    positive_number,
    whole_number,
)
from autograd_lite.commands.report import Headings, Report
from autograd_lite.files import WHERE_MNIST_IS

if TYPE_CHECKING:  # NumPy is loaded when something is trained, not with every command
    from autograd_lite.datasets import Dataset
    from autograd_lite.nn import MLP
    from autograd_lite.systems.digits import Parts, Recipe, Results
    from autograd_lite.training import History

_EXAMPLES = """\
examples
  autograd-lite train digits                             64-32-10, 8x8 digits
  autograd-lite train digits --epochs 5 --engine eager   sample by sample
  autograd-lite train digits --resume                    goes on after Ctrl-C
  autograd-lite train synthetic --samples 2000           some drawn digits
  autograd-lite train mnist                              2,000 real digits
  autograd-lite train mnist --data FOLDER --held-back 0  all 60,000
"""
_SETS = ("digits", "mnist", "synthetic")
_FOLDER = Path("SET-run")
_HISTORY = "history.json"
_PAUSE = 60.0  # seconds between two checkpoints of a network that is not readable, as writing it takes some
_SHOWN = 40  # pictures on the contact sheet
_WORST = 20  # mistakes
_READABLE = 100_000  # parameters up to which the network is written as JSON


def run(options: argparse.Namespace) -> int:
    """Trains, judges and writes; what was learned is written also when Ctrl-C ends the training early."""
    try:
        return _train(options)
    except (ValueError, ModuleNotFoundError) as error:  # data, a checkpoint or an option that does not fit
        raise CommandFailed(str(error)) from None


def _train(options: argparse.Namespace) -> int:
    from autograd_lite.systems import digits
    from autograd_lite.training import accuracy_panel, cost_panel

    name = "mnist-sample" if options.set == "mnist" and options.data is None else options.set
    recipe = digits.recipe(name, options.hidden, options.epochs, options.batch_size, options.shift)
    parts = digits.load(name, options.data, options.seed, options.samples, options.held_back)
    if options.show >= len(parts.training):
        raise ValueError(f"there is no training picture {options.show} to show: there are {len(parts.training):,}, from 0")
    model = digits.network(parts.training.inputs.shape[1], recipe.hidden, options.seed)
    with Report.of(options, Path(f"{options.set}-run") if options.out == _FOLDER else options.out) as report:
        _introduce(report, name, model, parts, recipe)
        settings = _settings(options, name, recipe)
        history = _learn(options, settings, report, model, parts, recipe)
        report.give(epochs=history.document()["epochs"])
        verdict = digits.judge(model, parts.test, options.engine)
        right = len(parts.test) - len(verdict.mistakes)
        found = {"pictures": len(parts.test), "right": right, "confusion": verdict.confusion.tolist()}
        history.save(report.folder / _HISTORY, {"settings": settings, "test": found})
        _tell(report, parts.test, verdict)
        _draw_data(report, parts.training, options.show)
        report.chart("cost", cost_panel(history))
        report.chart("accuracy", accuracy_panel(history))
        _draw_verdict(report, parts.test, verdict)
    return 0


def _introduce(report: Report, name: str, model: "MLP", parts: "Parts", recipe: "Recipe") -> None:
    """Who learns, and from what."""
    validation = 0 if parts.validation is None else len(parts.validation)
    judged = f", validated on {validation:,}" if validation else ""
    pixels = f"{recipe.shift} pixel{'s' * (recipe.shift > 1)}"
    moved = f",\neach moved by up to {pixels} at random, anew in every epoch" if recipe.shift else ""
    told = f"{model}\nlearns from {len(parts.training):,} pictures{judged}{moved}\n"
    report.say(told, set=name, model=repr(model), training=len(parts.training), validation=validation)
    if name == "mnist-sample":
        report.say(
            f"They are a sample of MNIST that comes with this package;\n--data DIR learns from all 60,000.\n{WHERE_MNIST_IS}"
        )


def _settings(options: argparse.Namespace, name: str, recipe: "Recipe") -> dict[str, Any]:
    """What decides the run; what is as usual in most sets is left out."""
    found = {"set": name, "hidden": list(recipe.hidden), "optimizer": options.optimizer, "lr": options.lr, "seed": options.seed}
    found |= {"epochs": recipe.epochs, "batch_size": recipe.batch_size}
    found |= {"dtype": recipe.dtype} if recipe.dtype != "float64" and options.engine == "program" else {}
    found |= {"shift": recipe.shift} if recipe.shift else {}
    return found | ({} if options.held_back is None else {"held_back": options.held_back})


def _learn(
    options: argparse.Namespace, settings: dict[str, Any], report: Report, model: "MLP", parts: "Parts", recipe: "Recipe"
) -> "History":
    """Trains with progress and checkpoints, and writes what was learned however the training ends."""
    from autograd_lite.systems import digits
    from autograd_lite.training import Checkpoints, History

    history, pause = History(), _PAUSE if len(model.parameters()) > _READABLE else 0.0
    fixed = {name: each for name, each in settings.items() if name not in ("seed", "epochs", "batch_size")}  # `fit` sees to those
    try:
        digits.train(
            model,
            parts,
            recipe,
            optimizer=options.optimizer,
            learning_rate=options.lr,
            engine=options.engine,
            seed=options.seed,
            checkpoint=Checkpoints(report.folder / "checkpoint.npz", settings=fixed, pause=pause),
            resume=options.resume,
            history=history,
            **report.training(),
        )
    except KeyboardInterrupt:
        report.say(f"\nto go on: the same command with --resume; what was learned is in {report.folder}")
        raise
    finally:
        if history.costs:
            _keep(report, model, history, settings)
    return history


def _keep(report: Report, model: "MLP", history: "History", settings: dict[str, Any]) -> None:
    name = "model.json" if len(model.parameters()) <= _READABLE else "model.npz"
    report.written += [report.folder / "checkpoint.npz", model.save(report.folder / name)]
    report.written.append(history.save(report.folder / _HISTORY, {"settings": settings}))


def _tell(report: Report, data: "Dataset", verdict: "Results") -> None:
    right, names = len(data) - len(verdict.mistakes), data.names
    report.heading(f"Of {len(data):,} test pictures {right:,} are right, {100.0 * verdict.accuracy:.2f} %")
    report.give(test=len(data), right=right, accuracy=verdict.accuracy)
    headings: Headings = {"true": ("answer", "true {}".format), **{name: (name, lambda count: count or None) for name in names}}
    rows = [(name, *row) for name, row in zip(names, verdict.confusion.tolist(), strict=True)]
    report.table("confusion", headings, rows)


def _draw_data(report: Report, data: "Dataset", index: int) -> None:
    """How often each digit occurs, one picture large, and many small."""
    from autograd_lite.plotting.classes import class_frequencies
    from autograd_lite.plotting.pictures import contact_sheet, one_picture

    digits = [data.names[label] for label in data.labels]
    counts = data.counts().tolist()
    title = f"Training pictures of each digit, {len(data):,} in all"
    report.picture("classes", lambda: class_frequencies(counts, data.names, title))
    report.picture("digit", lambda: one_picture(data.picture(index), f"Training picture {index}: a {digits[index]}"))
    pictures = [data.picture(place) for place in range(min(_SHOWN, len(data)))]
    title = f"The first {len(pictures)} training pictures"
    report.picture("sheet", lambda: contact_sheet(pictures, digits[: len(pictures)], title))


def _draw_verdict(report: Report, data: "Dataset", verdict: "Results") -> None:
    """Which digit was taken for which, and the worst mistakes."""
    from autograd_lite.plotting.classes import confusion_matrix
    from autograd_lite.plotting.pictures import contact_sheet

    heading = f"Test pictures: {100.0 * verdict.accuracy:.2f} % right"
    report.picture("confusion", lambda: confusion_matrix(verdict.confusion.tolist(), data.names, heading))
    worst = verdict.mistakes[:_WORST]
    if worst:
        pictures = [data.picture(mistake.place) for mistake in worst]
        captions = [f"{data.names[mistake.truth]} as {data.names[mistake.answer]}" for mistake in worst]
        count = len(verdict.mistakes)
        title = f"{f'The {_WORST} worst of' if count > _WORST else 'All'} {count} mistakes: truth as answer"
        report.picture("mistakes", lambda: contact_sheet(pictures, captions, title))


configure = Command(
    "train",
    run,
    "learn digits from pictures",
    "Trains a ReLU network with softmax outputs by mini-batches: on the 8x8 digits of scikit-learn, on MNIST or a sample of it, "
    "or on a synthetic set of MNIST's shape.",
    f"{_EXAMPLES}\n{WHERE_MNIST_IS}",
    [
        argument("set", choices=_SETS, help="what to learn"),
        argument("--data", type=Path, metavar="DIR", help="the folder with MNIST's four files (a sample of them)"),
        *output(str(_FOLDER)),
        argument("--seed", type=whole_number, default=0, help="of the weights, the order and the split (0)"),
        argument("--epochs", type=positive_integer, help="passes over the data (digits 60, mnist 12, its sample 30, synthetic 3)"),
        argument("--batch-size", type=positive_integer, help="samples per step (digits 16, MNIST's sample 64, else 128)"),
        argument("--hidden", type=positive_integer, nargs="+", help="sizes of the hidden layers (digits 32, else 500 400)"),
        argument("--optimizer", choices=("sgd", "momentum", "adam"), default="momentum", help="the update rule (momentum)"),
        argument("--lr", type=positive_number, help="learning rate at the start (sgd 0.3, momentum 0.1, adam 0.003)"),
        argument("--engine", choices=("program", "eager"), default="program", help="what computes gradients (program)"),
        argument("--shift", type=whole_number, metavar="PIXELS", help="move pictures so far while learning (MNIST 1, else 0)"),
        argument("--held-back", type=whole_number, metavar="N", help="MNIST's training pictures to validate on (1 in 12; 0: none)"),
        argument("--samples", type=positive_integer, help="learn from so many samples only (all)"),
        argument("--show", type=whole_number, default=0, metavar="INDEX", help="the training picture to draw large (0)"),
        argument("--resume", action="store_true", help="go on from the checkpoint in the folder, if there is one"),
    ],
).configure
