"""The endpoints, called by a client program on the running app."""

import json
import struct
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import httpx
import pytest
from documents import GUIDES, blocks, section
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

from seq2seq import TASKS, EpochEnd, Experiment, ModelConfig, TrainConfig

PAIRS = "a b c -> x y z\nb c a -> y z x\nc a b -> z x y\na c b -> x z y"
SMALL = {"text": PAIRS, "epochs": 30, "hidden_size": 16, "batch_size": 4, "seed": 1}


@pytest.fixture
def client(server) -> Client:
    return Client(server, verbose=False)


@pytest.fixture(scope="module")
def trained_client(server) -> Client:
    client = Client(server, verbose=False)
    run(client, task="sort", epochs=1, num_examples=200, hidden_size=8)
    return client


def run(client: Client, **settings) -> list[dict]:
    return list(client.submit(**settings, api_name="/train"))


def test_a_model_is_trained_asked_saved_and_opened_again(client, server):
    events = run(client, **SMALL)
    assert events[0]["status"] in {"waiting", "running"}
    last = events[-1]
    assert last["status"] == "done"
    assert len(last["losses"]) == 30
    assert last["losses"][-1] < last["losses"][0]
    assert len(last["model_id"]) >= 20
    answer = client.predict("a b c", api_name="/predict")
    assert answer["source"] == "a b c"
    assert set(answer["prediction"].split()) <= set("xyz")

    path = client.predict(api_name="/save")
    assert Path(path).read_bytes()[8:9] == b"{"
    other = Client(server, verbose=False)
    opened = other.predict(handle_file(path), api_name="/load")
    assert opened["model_id"] != last["model_id"]
    assert other.predict("a b c", api_name="/predict") == answer
    assert other.predict("a b c", last["model_id"], api_name="/predict") == answer


def test_the_example_of_the_guide_runs(server, capsys):
    [code] = blocks(GUIDES / "command-line.md", "py")
    assert "http://127.0.0.1:7860" in code
    exec(code.replace("http://127.0.0.1:7860", server).replace("epochs=5", "epochs=1"), {})
    assert "'target': '5 1 4 1 3'" in capsys.readouterr().out


def test_the_guide_lists_every_endpoint(client):
    stated = section(GUIDES / "command-line.md", "The API")
    for name in client.view_api(return_format="dict")["named_endpoints"]:
        assert f"`{name.removeprefix('/')}`" in stated, name


def test_the_losses_are_those_of_the_python_face(client):
    told = run(client, task="sort", epochs=2, num_examples=200, attention="dot", seed=5)[-1]
    experiment = Experiment("sort", ModelConfig(attention="dot"))
    config = TrainConfig(num_epochs=2, num_examples=200, seed=5)
    direct = [e.train_loss for e in experiment.fit(config) if isinstance(e, EpochEnd)]
    assert told["losses"] == direct


def test_four_trainings_at_once_lose_nothing_and_change_nothing(server):
    def one(seed):
        return run(Client(server, verbose=False), **{**SMALL, "seed": seed})[-1]["losses"]

    alone = one(1)
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(one, [1, 1, 2, 3]))
    assert together[0] == together[1] == alone
    assert together[2] != alone


def test_a_training_that_nobody_listens_to_any_more_is_stopped(client, server):
    job = client.submit(task="reverse", epochs=200, api_name="/train")
    first = next(iter(job))
    job.cancel()
    watcher = Client(server, verbose=False)
    for _ in range(100):
        now = watcher.predict(first["model_id"], api_name="/status")
        if now["status"] == "stopped":
            break
    assert now["status"] == "stopped"


def test_stop(client):
    job = client.submit(task="reverse", epochs=200, api_name="/train")
    next(iter(job))
    assert client.predict(api_name="/stop")["status"] == "stopped"
    assert job.result()["status"] == "stopped"


def test_a_run_is_taken_home_and_its_answers_are_exported(client):
    last = run(client, task="sort", epochs=1, num_examples=200, hidden_size=8)[-1]
    with zipfile.ZipFile(client.predict(text="3 1 2", api_name="/take_home")) as archive:
        program = archive.read("seq2seq-sort/retrain.py").decode()
    assert f"    {last['losses'][0]!r},  # epoch 1" in program
    assert 'text = "3 1 2"' in program
    table = Path(client.predict(answers="memorised", api_name="/export")).read_text()
    assert table.splitlines()[0] == "input,target,predicted,verdict"


@pytest.mark.parametrize(("call", "sentence"), [
    (("/take_home", {"text": "3 1 banana"}), "“b” is not in this task"),
    (("/take_home", {"text": "3 " * 1000}), "1000 tokens"),
    (("/export", {"answers": "<b>" * 1000}), "There is no set “‹b›.*…”: choose one of memorised"),
])
def test_what_cannot_be_taken_home_is_named(trained_client, call, sentence):
    name, arguments = call
    with pytest.raises(AppError, match=sentence) as caught:
        trained_client.submit(**arguments, api_name=name).result()
    assert len(str(caught.value)) < 300


def test_every_setting_of_the_page_can_be_passed(server):
    info = httpx.get(f"{server}/gradio_api/info").json()["named_endpoints"]["/train"]
    passed = {p["parameter_name"]: p["parameter_default"] for p in info["parameters"]}
    for config in (ModelConfig(), TrainConfig()):
        for name, value in asdict(config).items():
            assert passed["epochs" if name == "num_epochs" else name] == value


def test_the_address_of_a_zip_says_what_is_wrong(client, server):
    answer = httpx.get(f"{server}/take-home?run=nobody")
    assert answer.status_code == 404
    assert "no longer available" in answer.json()["problem"]
    model_id = run(client, **SMALL)[-1]["model_id"]
    answer = httpx.get(f"{server}/take-home", params={"run": model_id, "text": "? <b>"})
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["cache-control"] == "no-store"


def test_tasks_are_listed(client):
    listed = client.predict(api_name="/tasks")
    assert [t["name"] for t in listed] == [t.name for t in TASKS]


@pytest.mark.parametrize(("call", "sentence"), [
    (("/train", {"epochs": 10**9}), "Epochs is 1000000000: .* from 1 to 200"),
    (("/train", {"epochs": "5"}), "Epochs is “5”: .* whole number"),
    (("/train", {"learning_rate": 1e308}), "Learning rate .* from 1e-05 to 10"),
    (("/train", {"task": "juggle"}), "There is no task “juggle”.* reverse"),
    (("/train", {"text": "no arrow here"}), "Line 1 .*pair needs exactly two sides"),
    (("/train", {"cell": "tree"}), "Architecture is “tree”: .*rnn, gru, lstm"),
    (("/train", {"label_smoothing": 0.9}), "Label smoothing .* from 0 to 0.5"),
    (("/predict", {"text": "1 2 3"}), "call train first"),
    (("/predict", {"model_id": "x" * 22}), "no longer available"),
    (("/status", {}), "call train first"),
    (("/save", {}), "call train first"),
    (("/take_home", {}), "call train first"),
    (("/export", {}), "call train first"),
])
def test_bad_calls_get_a_sentence(client, call, sentence):
    name, arguments = call
    with pytest.raises(AppError, match=sentence):
        client.submit(**arguments, api_name=name).result()


def test_nan_is_refused(server):
    info = httpx.get(f"{server}/gradio_api/info").json()["named_endpoints"]["/train"]
    data = {p["parameter_name"]: p["parameter_default"] for p in info["parameters"]}
    assert data["epochs"] == TrainConfig().num_epochs
    body = json.dumps({"data": list({**data, "epochs": float("nan")}.values())})
    event = httpx.post(f"{server}/gradio_api/call/train", content=body,
                       headers={"content-type": "application/json"}).json()["event_id"]
    answer = httpx.get(f"{server}/gradio_api/call/train/{event}", timeout=20).text
    assert "Epochs is nan: it must be a whole number from 1 to 200" in answer


@pytest.mark.parametrize("blob", [b"", b"noise" * 50, struct.pack("<Q", 2**62) + b"{}"])
def test_strange_files_are_refused(client, tmp_path, blob):
    path = tmp_path / "model.safetensors"
    path.write_bytes(blob)
    with pytest.raises(AppError, match="not a model saved by this page"):
        client.predict(handle_file(str(path)), api_name="/load")


def test_the_servers_own_files_cannot_be_named(server):
    for given in ({"path": "/etc/passwd"}, "/etc/passwd",
                  {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}):
        event = httpx.post(f"{server}/gradio_api/call/load", json={"data": [given]}).json()
        answer = httpx.get(f"{server}/gradio_api/call/load/{event['event_id']}").text
        assert "event: error" in answer
        assert "root:" not in answer


def test_the_page_tells_nothing_of_the_server(server):
    config = httpx.get(f"{server}/config").text
    assert str(Path(__file__).parents[2]) not in config
    assert "site-packages" not in config
    assert json.loads(config)
