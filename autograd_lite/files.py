"""Writing files so that a reader never meets half of one, and so that two writers of one file do not meet at all.

And where the files are that do not come with the package.
"""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import IO

try:
    import fcntl
except ModuleNotFoundError:  # Windows, where an open file can be neither removed nor renamed
    fcntl = None  # type: ignore[assignment]

# Named here and not in `datasets`, which loads NumPy: the command line says it in a help.
WHERE_MNIST_IS = """\
MNIST's four files go into one folder, packed (.gz) or not, under their names:
  train-images-idx3-ubyte.gz  train-labels-idx1-ubyte.gz
  t10k-images-idx3-ubyte.gz  t10k-labels-idx1-ubyte.gz
They are at http://yann.lecun.com/exdb/mnist/ and, if that does not answer, at
  https://ossci-datasets.s3.amazonaws.com/mnist/
  https://storage.googleapis.com/cvdf-datasets/mnist/
"""


def write_whole(path: str | os.PathLike[str], content: str | bytes) -> Path:
    """Writes the content beside the path and then renames it there, so that the path holds the old file or the new one.

    What is no file, such as a device or a pipe, is written to and stays what it is. What other writers of this path left behind
    when they were killed is removed.

    Args:
        path: the file to write; its folder must exist.
        content: text (written as UTF-8) or bytes.
    Returns:
        The path written.
    Raises:
        OSError: if it cannot be written; the message names the path, and nothing is left behind.
    Example:
        >>> import tempfile
        >>> folder = tempfile.mkdtemp()
        >>> write_whole(f"{folder}/a.txt", "hello").read_text()
        'hello'
    """
    target = Path(os.path.realpath(path))  # a link stays a link
    data = content.encode() if isinstance(content, str) else content
    try:
        if target.exists() and not target.is_file() and not target.is_dir():
            target.write_bytes(data)
            return Path(path)
        while not _written(target.with_name(f"{target.name}.{secrets.token_hex(4)}.part"), target, data):
            pass
        remove_left_over(target)
    except OSError as error:  # for a full disk Python names no file, else the part, which the caller does not know
        raise OSError(error.errno, error.strerror or str(error), os.fspath(path)) from None
    return Path(path)


def remove_left_over(path: str | os.PathLike[str]) -> None:
    """Removes what processes left beside the path that were killed while they wrote it; not what others are writing right now."""
    target = Path(os.path.realpath(path))
    for part in target.parent.iterdir():
        if part.name.startswith(f"{target.name}.") and part.name.endswith(".part"):
            with suppress(OSError):  # while its writer lives; the system opens the locks of the dead
                if fcntl is None:
                    part.unlink()
                    continue
                with open(part, "rb") as file:
                    _lock(file)
                    part.unlink()


def _written(beside: Path, target: Path, data: bytes) -> bool:
    """Whether the part was written and renamed; False if another process took it for left over and removed it."""
    try:
        with open(beside, "xb") as file:
            try:
                _lock(file)
            except BlockingIOError:
                return False
            except OSError:  # a file system without locks
                pass
            if not beside.exists():
                return False
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            if fcntl is not None:
                os.replace(beside, target)  # while it is locked
        if fcntl is None:
            try:
                os.replace(beside, target)
            except FileNotFoundError:  # no longer open, it was taken for one left over
                return False
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    return True


def _lock(file: IO[bytes]) -> None:
    if fcntl is not None:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
