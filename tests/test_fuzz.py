"""Fuzzing: every endpoint gets valid and invalid arguments.

The response is a result or an error message: never a traceback, a path of the server, unescaped
markup, or no response.
"""

import json

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

ENDPOINTS = ("train", "resume", "predict", "inspect", "stop", "status", "save", "take_home",
             "export", "load", "tasks")
# So that a call of `train` that happens to be in order ends within moments.
QUICK = {"text": "a b -> b a\nb a -> a b", "epochs": 1, "hidden_size": 8}
NOT_UPLOADED = {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}
JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=True), st.text(max_size=60),
    st.sampled_from(["<script>alert(1)</script>", "../../etc/passwd", "=1+1", "\x00", "1 " * 5000,
                     "a -> b\n" * 50, "{{7*7}}", "🙂", "\ud800", 10**400, -1, 1e308]),
    st.lists(st.integers(), max_size=3), st.dictionaries(st.text(max_size=5), st.text(max_size=5)),
    st.just(NOT_UPLOADED))
LAWFUL = {"str": st.text(max_size=30), "int": st.integers(-5, 1000), "bool": st.booleans(),
          "float": st.floats(-2, 2)}
A_FEW = settings(max_examples=25, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def web(server):
    with httpx.Client(base_url=f"{server}/gradio_api", timeout=30) as web:
        yield web


@pytest.fixture(scope="module")
def described(web) -> dict:
    return web.get("/info").json()["named_endpoints"]


def ask(web: httpx.Client, name: str, data: list) -> tuple[str, object]:
    """How the last event of a call is named, and what it holds."""
    body = json.dumps({"data": data}).encode()
    begun = web.post(f"/call/{name}", content=body, headers={"content-type": "application/json"})
    if begun.status_code != 200:
        assert begun.status_code in (413, 422), begun.text  # Gradio's own: this is no request
        return "refused", begun.text
    told = web.get(f"/call/{name}/{begun.json()['event_id']}")
    lines = [line for line in told.text.splitlines() if line]
    return lines[-2].removeprefix("event: "), json.loads(lines[-1].removeprefix("data: "))


def test_these_are_all_endpoints(described):
    assert sorted(described) == sorted(f"/{name}" for name in ENDPOINTS)


@pytest.mark.parametrize("name", ENDPOINTS)
@A_FEW
@given(data=st.data())
def test_an_endpoint_answers_or_says_what_is_wrong(web, described, name, data):
    given_to = {}
    for parameter in described[f"/{name}"]["parameters"]:
        usual = parameter.get("parameter_default")
        kind = parameter["python_type"]["type"]
        usual = QUICK.get(parameter["parameter_name"], usual) if name == "train" else usual
        given_to[parameter["parameter_name"]] = (usual, LAWFUL.get(kind, JUNK))
    changed = data.draw(st.sets(st.sampled_from(sorted(given_to)), max_size=3)) if given_to else ()
    sent = [data.draw(lawful | JUNK) if key in changed and (name, key) != ("train", "epochs")
            else usual for key, (usual, lawful) in given_to.items()]
    event, answer = ask(web, name, sent)
    if event == "refused":
        return
    assert event in ("complete", "error"), (event, sent)
    if NOT_UPLOADED in sent:
        assert event == "error"  # Gradio refuses it at the door, without a word
    elif event == "error":
        sentence = answer["error"] if isinstance(answer, dict) else answer
        assert isinstance(sentence, str), sent
        assert 10 < len(sentence) < 400, (sent, sentence)
        assert not {"<", ">"} & set(sentence.replace("->", "")), sentence
        assert "Traceback" not in sentence
        assert "site-packages" not in sentence
        assert "root:" not in sentence
    assert web.get("/app_id").status_code == 200


@pytest.mark.parametrize("task", [[], {}, ["reverse"], 5])
def test_a_task_of_another_kind_gets_a_sentence(web, described, task):
    names = [p["parameter_name"] for p in described["/train"]["parameters"]]
    usual = [p.get("parameter_default") for p in described["/train"]["parameters"]]
    usual[names.index("task")] = task
    event, answer = ask(web, "train", usual)
    assert event == "error"
    assert "There is no task" in str(answer)
