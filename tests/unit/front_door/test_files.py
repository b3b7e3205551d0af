"""The front door's folder, its files, and the note of its process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hosted_ce.front_door import pid_file
from hosted_ce.front_door.account import name_of, owner_of
from hosted_ce.front_door.door import door_of
from hosted_ce.front_door.errors import NoFrontDoor, ProgramsMissing, UnfitState, Unwritable
from hosted_ce.front_door.files import make_signing_key, prepare_folders, write_files
from hosted_ce.front_door.layout import Layout, layout_of
from hosted_ce.front_door.programs import Programs, condor_version, find_programs
from tests.unit.front_door.sites import site_with


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return layout_of(tmp_path / "state")


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o7777


def test_folders_are_for_us_alone_whatever_the_umask_and_whoever_made_them(layout: Layout) -> None:
    layout.logs.mkdir(parents=True, mode=0o777)
    layout.logs.chmod(0o777)
    before = os.umask(0)
    try:
        prepare_folders(layout)
        make_signing_key(layout)
        write_files({layout.config: "x"})
    finally:
        os.umask(before)
    assert {mode(folder) for folder in layout.folders()} == {0o700}
    assert (mode(layout.signing_key), mode(layout.config)) == (0o600, 0o600)


def test_something_else_in_the_place_of_a_folder_is_refused(layout: Layout, tmp_path: Path) -> None:
    prepare_folders(layout)
    layout.spool.rmdir()
    layout.spool.symlink_to(tmp_path)
    with pytest.raises(UnfitState, match=r"spool is not a folder; move it away"):
        prepare_folders(layout)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_somebody_else_is_refused(layout: Layout) -> None:
    prepare_folders(layout)
    os.chown(layout.spool, 4711, 4711)
    with pytest.raises(UnfitState, match="spool belongs to user 4711, not to us"):
        prepare_folders(layout)


def test_the_signing_key_is_made_once(layout: Layout) -> None:
    prepare_folders(layout)
    assert make_signing_key(layout)
    key = layout.signing_key.read_text()
    assert len(key) == 64
    assert not make_signing_key(layout)
    assert layout.signing_key.read_text() == key


def test_only_what_differs_is_written(layout: Layout) -> None:
    prepare_folders(layout)
    assert write_files({layout.config: "a", layout.mapfile: "b"}) == [layout.config, layout.mapfile]
    assert write_files({layout.config: "a", layout.mapfile: "c"}) == [layout.mapfile]
    assert write_files({layout.config: "a", layout.mapfile: "c"}) == []
    assert sorted(path.name for path in layout.folder.iterdir() if path.is_file()) == [
        "condor_config",
        "mapfile",
    ]


def test_a_door_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    programs = Programs(Path("/usr/sbin/condor_master"))
    door = door_of(site_with(), layout_of(tmp_path / "state"), programs)
    assert door.user == name_of(os.geteuid())
    assert [path.name for path in door.write()] == ["POOL", "condor_config", "mapfile"]
    assert door.write() == []
    own = site_with(issuers=[{"issuer": "https://x.org", "account": "osg01"}])
    refused = door_of(own, layout_of(tmp_path / "my state"), programs)
    with pytest.raises(Unwritable):
        refused.write()
    assert not (tmp_path / "my state").exists()


def test_a_site_without_a_door_has_none(layout: Layout) -> None:
    site = site_with().model_copy(update={"front_door": None})
    with pytest.raises(NoFrontDoor, match=r"routes/example\.yaml"):
        door_of(site, layout, Programs(Path("/usr/sbin/condor_master")))


def test_a_user_without_a_name_is_told_what_to_do() -> None:
    with pytest.raises(UnfitState, match="add it to /etc/passwd"):
        name_of(2**31 - 7)


def test_the_owner_is_us_until_there_is_a_folder(layout: Layout) -> None:
    assert owner_of(layout) == name_of(os.geteuid())
    prepare_folders(layout)
    assert owner_of(layout) == name_of(os.geteuid())


def test_a_master_is_known_by_number_time_and_name(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    program = tmp_path / pid_file.MASTER
    program.symlink_to(sys.executable)
    assert pid_file.read(note) is None
    with subprocess.Popen([program, "-c", "input()"], stdin=subprocess.PIPE) as process:
        _until_named(process.pid)
        pid_file.write(note, process.pid)
        assert pid_file.read(note) == process.pid
        pid, began = note.read_text().split()
        note.write_text(f"{pid} {int(began) + 1}")
        assert pid_file.read(note) is None
        note.write_text(f"{pid} {began}")
        process.kill()
        process.wait()
        assert pid_file.read(note) is None
    pid_file.write(note, os.getpid())
    assert pid_file.read(note) is None  # this is no condor_master
    note.write_text("nonsense")
    assert pid_file.read(note) is None
    pid_file.remove(note)
    pid_file.remove(note)


def _until_named(pid: int) -> None:
    while Path(f"/proc/{pid}/comm").read_text().strip() != pid_file.MASTER:
        pass


def tree(folder: Path, libexec: str) -> Path:
    """An installation of HTCondor, as far as it is looked at."""
    for name in ("sbin/condor_master", f"{libexec}/condor_shared_port"):
        program = folder / name
        program.parent.mkdir(parents=True)
        program.write_text('#!/bin/sh\necho "$CondorVersion: 25.14.1 2026-10-16 $"\n')
        program.chmod(0o755)
    return folder / "sbin"


@pytest.mark.parametrize("libexec", ["libexec/condor", "libexec", "lib/condor/libexec"])
def test_programs_are_found_with_their_libexec(tmp_path: Path, libexec: str) -> None:
    found = find_programs(tree(tmp_path, libexec))
    assert found.macros() == {
        "RELEASE_DIR": tmp_path, "SBIN": tmp_path / "sbin", "LIBEXEC": tmp_path / libexec,
    }  # fmt: skip


def test_programs_are_looked_for_on_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tree(tmp_path, "libexec")))
    assert find_programs(None).folder == tmp_path / "sbin"
    with pytest.raises(ProgramsMissing, match="HOSTED_CE_CONDOR_BIN"):
        find_programs(tmp_path / "libexec")


def test_the_version_is_what_the_program_says(tmp_path: Path) -> None:
    programs = find_programs(tree(tmp_path, "libexec"))
    programs.master.write_text("#!/bin/sh\nprintf '%s\\n' '$CondorVersion: 25.14.1 2026-10-16 $'\n")
    assert condor_version(programs) == (25, 14, 1)
    programs.master.write_text("#!/bin/sh\necho something\n")
    assert condor_version(programs) is None
    assert condor_version(Programs(tmp_path / "none")) is None
