"""Mount points, as the kernel lists them: a bind mount of a folder on itself shows nowhere else."""

from pathlib import Path


def below(folder: Path) -> list[Path]:
    """The folder's own mount included, in the order of mounting."""
    lines = Path("/proc/self/mountinfo").read_text().splitlines()
    points = (Path(_plain(line.split()[4])) for line in lines)
    return [point for point in points if point.is_relative_to(folder)]


def is_mounted(folder: Path) -> bool:
    return folder in below(folder)


def _plain(escaped: str) -> str:
    """Blanks are written as octal escapes."""
    return escaped.encode().decode("unicode_escape").encode("latin-1").decode()
