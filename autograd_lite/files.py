"""Writing files so that a reader never meets half of one."""

import os
import secrets
from pathlib import Path


def write_whole(path: str | os.PathLike[str], content: str | bytes) -> Path:
    """Writes the content beside the path and then renames it there, so that the path holds the old file or the new one.

    Args:
        path: the file to write; its folder must exist.
        content: text (written as UTF-8) or bytes.
    Returns:
        The path written.
    Raises:
        OSError: if the folder cannot be written to; nothing is left behind then.
    Example:
        >>> import tempfile
        >>> folder = tempfile.mkdtemp()
        >>> write_whole(f"{folder}/a.txt", "hello").read_text()
        'hello'
    """
    target = Path(os.path.realpath(path))  # a link stays a link
    data = content.encode() if isinstance(content, str) else content
    beside = target.with_name(f"{target.name}.{secrets.token_hex(4)}.part")
    try:
        with open(beside, "xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    return Path(path)
