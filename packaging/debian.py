"""Packs the bundle as a Debian package: /usr/lib/lookalike, a command, menu entry, icons, licences."""

import gzip
import os
import shutil
import subprocess
from collections.abc import Sequence

NAME = "lookalike"
HOME = f"usr/lib/{NAME}"
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
# Only caches, and only where their tools are: what the user made lies in the user's own folders and stays.
REFRESH = """#!/bin/sh
# Menus and icons are to know of it at once.
set -e
if command -v update-desktop-database >/dev/null; then update-desktop-database -q || true; fi
if command -v gtk-update-icon-cache >/dev/null; then gtk-update-icon-cache -q -t -f /usr/share/icons/hicolor || true; fi
exit 0
"""
COPYRIGHT = """Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: Lookalike

Files: *
Copyright: The Lookalike authors
License: Apache-2.0
 On Debian systems the text is in /usr/share/common-licenses/Apache-2.0, and in LICENSE beside this file.
 .
 The package holds the work of others as well, each under its own licence: THIRD_PARTY_NOTICES.txt beside this file
 has their names and texts.
"""
DESCRIPTION = """ See which images of your folders are alike, find duplicates, teach it your
 own notion of "alike", and take embeddings, decisions and reports away.
 Everything stays on this machine.
"""


def lay_out(
    tree: str, bundle: str, depends: Sequence[str], facts: dict[str, str], texts: dict[str, str]
) -> None:
    """Fill ``tree`` with the package's files and control files; the desktop's are there already, below usr/share.

    ``facts`` are version, architecture and description; ``texts`` the files of /usr/share/doc by name.
    """
    home = os.path.join(tree, *HOME.split("/"))
    os.makedirs(os.path.dirname(home), exist_ok=True)
    # Links as they are, and hard ones to save the copy where the disk allows it.
    shutil.copytree(bundle, home, symlinks=True, copy_function=_link_or_copy)
    programs = os.path.join(tree, "usr", "bin")
    os.makedirs(programs)
    os.symlink(f"../lib/{NAME}/{NAME}", os.path.join(programs, NAME))
    doc = os.path.join(tree, "usr", "share", "doc", NAME)
    os.makedirs(doc)
    for name, source in texts.items():
        shutil.copyfile(source, os.path.join(doc, name))
    with open(os.path.join(doc, "copyright"), "w", encoding="utf-8") as file:
        file.write(COPYRIGHT)
    changes = os.path.join(doc, "CHANGELOG.md")
    if os.path.exists(changes):
        with (
            open(changes, "rb") as plain,
            gzip.GzipFile(os.path.join(doc, "changelog.gz"), "wb", mtime=0) as packed,
        ):
            shutil.copyfileobj(plain, packed)
        os.unlink(changes)
    _allow_all_to_read(tree)
    control = os.path.join(tree, "DEBIAN")
    os.makedirs(control)
    with open(os.path.join(control, "control"), "w", encoding="utf-8") as file:
        file.write(control_text(facts, depends, size_kb(tree)))
    for name in ("postinst", "postrm"):
        path = os.path.join(control, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(REFRESH)
        os.chmod(path, 0o755)


def control_text(facts: dict[str, str], depends: Sequence[str], installed_kb: int) -> str:
    """DEBIAN/control (Debian Policy, 5.3)."""
    fields = {
        "Package": facts.get("name", NAME),
        "Version": facts["version"],
        "Architecture": facts["architecture"],
        "Maintainer": "The Lookalike authors <lookalike@localhost>",
        "Installed-Size": str(installed_kb),
        "Depends": ", ".join(depends),
        "Recommends": "ca-certificates, fonts-dejavu-core | fonts-noto-core, xkb-data",
        "Suggests": "fonts-noto-cjk",
        "Section": "graphics",
        "Priority": "optional",
        "Description": facts["description"].rstrip("."),
    }
    if (
        fields["Package"] != NAME
    ):  # the build for another processor takes the place of the usual one
        fields |= {"Provides": NAME, "Conflicts": NAME, "Replaces": NAME}
        fields["Description"] = fields.pop("Description")
    return "".join(f"{key}: {value}\n" for key, value in fields.items()) + DESCRIPTION


def debian_version(version: str) -> str:
    """A version of Python's kind in Debian's order: 1.0rc1 comes before 1.0, so it is 1.0~rc1."""
    for at, letter in enumerate(version):
        if letter.isalpha():
            return f"{version[:at].rstrip('.')}~{version[at:]}"
    return version


def build(tree: str, target: str, level: int) -> None:
    """Pack the tree with zstd, which dpkg reads from 1.21.18 on (Debian 12, Ubuntu 22.04). Raises
    CalledProcessError."""
    command = ["dpkg-deb", "--root-owner-group", "-Zzstd", f"-z{level}", "--build", tree, target]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def size_kb(tree: str) -> int:
    """What the tree takes unpacked, in kB of 1,024 bytes, as Installed-Size states it."""
    total = 0
    for root, folders, names in os.walk(tree):
        total += 4096 * len(folders)
        total += sum(
            -(-os.lstat(os.path.join(root, name)).st_size // 4096) * 4096 for name in names
        )
    return total // 1024


def _allow_all_to_read(tree: str) -> None:
    """Modes as a package has them, whatever the umask of the build."""
    for root, folders, names in os.walk(tree):
        for name in folders:
            path = os.path.join(root, name)
            if not os.path.islink(path):
                os.chmod(path, 0o755)
        for name in names:
            path = os.path.join(root, name)
            if not os.path.islink(path):
                is_program = os.stat(path).st_mode & 0o100
                os.chmod(path, 0o755 if is_program else 0o644)


def _link_or_copy(source: str, target: str) -> str:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
    return target
