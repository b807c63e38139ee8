"""All limits: reading, validation, documentation."""

import os
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest
from documents import GUIDES, text_of

from seq2seq.errors import ConfigError
from seq2seq.hosting.sockets import free_port
from seq2seq.jobs.limits import DEFAULT, PREFIX, Limits, as_table, kind_of, limit_of

ROOT = Path(__file__).parents[2]
NUMBERS = [f for f in fields(Limits) if kind_of(f) is not str]


def test_without_variables_the_defaults_hold():
    assert Limits.read({}) == DEFAULT
    assert Limits.read({"PATH": "/bin", "SEQ2SEQ_MAX_OWNED": ""}) == DEFAULT


def test_variables_become_numbers_and_texts():
    limits = Limits.read({"SEQ2SEQ_MAX_ACTIVE": " 12 ", "SEQ2SEQ_RUN_SECONDS": "1.5",
                          "SEQ2SEQ_STATE_DIR": "~/runs", "SEQ2SEQ_MAX_RUN_MB": "2"})
    assert (limits.max_active, limits.run_seconds) == (12, 1.5)
    assert limits.state_path == Path.home() / "runs"
    assert limits.max_run_bytes == 2 * 2**20


@pytest.mark.parametrize("f", NUMBERS, ids=lambda f: f.name)
def test_each_number_has_a_range_that_is_enforced_with_a_sentence(f):
    limit, name = limit_of(f), PREFIX + f.name.upper()
    assert limit.low <= f.default <= limit.high
    for value in (limit.low, limit.high):
        assert getattr(Limits.read({name: f"{value:.10g}"}), f.name) == value
    for value in (f"{limit.low - 1:g}", f"{2 * limit.high:.10g}", "many", "nan", "1e999"):
        with pytest.raises(ConfigError, match=rf"^{name} is “.*”: it must be a (whole )?number fr"):
            Limits.read({name: value})


def test_a_space_has_a_proxy_in_front_unless_it_is_told_otherwise():
    assert Limits.read({"SPACE_ID": "a/b"}).proxies == 1
    assert Limits.read({"SPACE_ID": "a/b", "SEQ2SEQ_PROXIES": "2"}).proxies == 2
    assert Limits.read({}).proxies == 0


def test_a_folder_of_a_user_who_does_not_exist_is_a_sentence():
    with pytest.raises(ConfigError, match="SEQ2SEQ_STATE_DIR is ~nosuchuser/x: there is"):
        Limits.read({"SEQ2SEQ_STATE_DIR": "~nosuchuser/x"}).state_path  # noqa: B018


@pytest.mark.parametrize("port", ["0", "70000", "many", "-1", "9" * 5000])
def test_a_port_that_is_none_is_a_sentence(port):
    with pytest.raises(ConfigError, match="from 1 to 65535"):
        free_port("127.0.0.1", port)


def test_a_misspelt_variable_is_not_ignored():
    with pytest.raises(ConfigError, match="SEQ2SEQ_MAX_ACTIV is not a setting"):
        Limits.read({"SEQ2SEQ_MAX_ACTIV": "3"})


def test_the_hosting_guide_has_the_table_of_all_limits():
    assert as_table() in text_of(GUIDES / "hosting.md")


@pytest.mark.parametrize("wrong", [
    {"SEQ2SEQ_STATE_DIR": "/proc/no"}, {"SEQ2SEQ_RAY_ADDRESS": "127.0.0.1:9"}],
    ids=lambda wrong: next(iter(wrong)))
def test_a_wrong_value_ends_the_start_of_the_app_with_one_sentence(wrong):
    env = {**os.environ, **wrong, "GRADIO_ANALYTICS_ENABLED": "False"}
    app = subprocess.run([sys.executable, "app.py"], cwd=ROOT, env=env, capture_output=True,
                         text=True, timeout=120)
    assert app.returncode == 1
    *_, said = app.stderr.strip().splitlines()
    assert said.startswith(f"{next(iter(wrong))} is ")
    assert said.endswith(".")
    assert "Traceback" not in app.stderr
