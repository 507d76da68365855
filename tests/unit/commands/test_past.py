"""What ``--log`` may name."""

from pathlib import Path

import pytest

from bawwab.commands.past import moment, opened
from bawwab.core.errors import ConfigurationError
from bawwab.learning.train import Logs
from log_kit import Logged


@pytest.fixture
def url(tmp_path: Path) -> str:
    platform = Logged(tmp_path)
    platform.send()
    platform.log.close()
    return f"sqlite:///{tmp_path / 'log.sqlite'}"


def sort(*named: object, kept: Path | None = None) -> Logs:
    with opened([str(source) for source in named], kept=kept, cutoff=None, means=None) as logs:
        assert all((folder / "export.json").is_file() for folder in logs.exports)
        return logs


def test_a_log_is_exported_to_a_folder_that_goes_afterwards(url: str) -> None:
    (folder,) = sort(url).exports
    assert not folder.exists()


def test_a_log_is_exported_to_the_folder_that_is_named(url: str, tmp_path: Path) -> None:
    assert sort(url, kept=tmp_path / "kept").exports == (tmp_path / "kept",)
    assert list((tmp_path / "kept" / "decisions").glob("*/*.parquet"))


def test_an_export_is_read_where_it_is(url: str, tmp_path: Path) -> None:
    sort(url, kept=tmp_path / "kept")
    assert sort(tmp_path / "kept") == Logs(exports=(tmp_path / "kept",))


def test_streams_are_files_or_a_folder_of_them_without_the_truth(tmp_path: Path) -> None:
    for name in ("1.parquet", "1.truth.parquet", "2.parquet"):
        (tmp_path / name).touch()
    both = (tmp_path / "1.parquet", tmp_path / "2.parquet")
    assert sort(tmp_path).streams == both
    assert sort(*both).streams == both


@pytest.mark.parametrize("name", ["nothing", "."])
def test_what_is_none_of_them_is_refused_by_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigurationError, match="neither an export"):
        sort(tmp_path / name)


def test_a_cutoff_that_is_no_time_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="no time"):
        moment("yesterday")
