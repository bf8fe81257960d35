"""Files are replaced whole, or not at all."""

from __future__ import annotations

import os

import pytest

from numerics.errors import InputError
from proofs_check.store.files import check_target, write_json, write_text


def test_an_existing_file_is_replaced_and_keeps_its_permissions(tmp_path):
    target = tmp_path / "result.json"
    target.write_text("old")
    target.chmod(0o640)
    write_json({"new": True}, str(target))
    assert target.read_text() == '{\n  "new": true\n}\n'
    assert target.stat().st_mode & 0o777 == 0o640
    assert os.listdir(tmp_path) == ["result.json"]


def test_a_failed_write_leaves_the_old_file_alone(tmp_path, monkeypatch):
    target = tmp_path / "result.json"
    target.write_text("old")

    def full(descriptor):
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match="no space left"):
        write_text("new", str(target), "--json")
    assert target.read_text() == "old"
    assert os.listdir(tmp_path) == ["result.json"]


def test_a_link_is_followed(tmp_path):
    real, link = tmp_path / "real.json", tmp_path / "link.json"
    real.write_text("old")
    link.symlink_to(real)
    write_text("new", str(link), "--json")
    assert link.is_symlink()
    assert real.read_text() == "new"


def test_a_document_that_is_not_json_is_refused(tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        write_json({"value": float("nan")}, str(tmp_path / "result.json"))
    assert not os.listdir(tmp_path)


def test_devices_are_written_to():
    write_text("text", os.devnull, "--json")
    check_target(os.devnull, "--json")


@pytest.mark.parametrize("target", ["", "/no/such/folder/x", "/", "a\0b"])
def test_unusable_targets_are_refused_before_any_work(target):
    with pytest.raises(InputError, match="--json"):
        check_target(target, "--json")
