"""The endpoints as tools for agents, called by a real MCP client: train, predict, inspect."""

import asyncio
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import pytest
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from waiting import run_async

SMALL = {"task": "reverse", "epochs": 2, "num_examples": 300, "hidden_size": 16,
         "attention": "dot"}


def with_client(server, what):
    async def talk():
        async with (streamable_http_client(f"{server}/gradio_api/mcp/") as (read, write, _),
                    ClientSession(read, write) as session):
            await session.initialize()
            return await what(session)
    return run_async(asyncio.wait_for(talk(), 120))


async def call(session, name, **arguments):
    """The tool's result, or its error message."""
    answer = await session.call_tool(name, arguments)
    text = answer.content[0].text
    return text if answer.isError else json.loads(text)


@pytest.fixture(scope="module")
def tools(server):
    async def listed(session):
        return (await session.list_tools()).tools
    return {tool.name: tool for tool in with_client(server, listed)}


def test_the_tools_are_the_endpoints_and_nothing_of_the_page(server, tools):
    info = httpx.get(f"{server}/gradio_api/info").json()["named_endpoints"]
    assert {f"/{name}" for name in tools} == set(info)
    for name, tool in tools.items():
        assert tool.description, name
        asked = {p["parameter_name"]: p for p in info[f"/{name}"]["parameters"]}
        assert set(tool.inputSchema["properties"]) == set(asked)
        for parameter, what in tool.inputSchema["properties"].items():
            assert what["description"], (name, parameter)
            assert what.get("default", asked[parameter].get("parameter_default")) == asked[
                parameter].get("parameter_default")
    assert httpx.get(f"{server}/de/gradio_api/mcp/schema").status_code == 404


def test_an_agent_trains_predicts_and_inspects(server):
    async def work(session):
        trained = await call(session, "train", **SMALL)
        asked = {"text": "3 1 4", "model_id": trained["model_id"]}
        return (trained, await call(session, "predict", **asked),
                await call(session, "inspect", **asked))
    trained, predicted, seen = with_client(server, work)
    assert trained["status"] == "done"
    assert len(trained["losses"]) == 2
    assert predicted["source"] == "3 1 4"
    assert [step["token"] for step in seen["steps"]][:len(predicted["prediction"].split())] == (
        predicted["prediction"].split())
    for step in seen["steps"]:
        assert len(step["attention"]) == len(seen["positions"])
        assert sum(step["attention"]) == pytest.approx(1, abs=1e-4)


def test_no_agent_finds_another_s_model_without_its_id(server):
    async def train(session):
        return await call(session, "train", **{**SMALL, "epochs": 1})

    async def ask(session):
        return [await call(session, name) for name in ("predict", "status", "stop", "save")]
    assert with_client(server, train)["model_id"]
    for sentence in with_client(server, ask):
        assert "pass the model_id" in sentence


def test_bad_calls_are_sentences(server):
    async def ask(session):
        return (await call(session, "train", epochs=10**6), await call(session, "juggle"))
    too_many, unknown = with_client(server, ask)
    assert "Epochs is 1000000: it must be a whole number from 1 to 200" in too_many
    assert "juggle" in unknown
    assert "Traceback" not in too_many + unknown


def test_a_tool_fetches_nothing_from_the_server_s_own_network(server):
    hits = []

    class Canary(BaseHTTPRequestHandler):
        def do_GET(self):
            hits.append(self.path)
            self.send_response(200)
            self.end_headers()

        do_HEAD = do_POST = do_GET

    canary = HTTPServer(("127.0.0.1", 0), Canary)
    threading.Thread(target=canary.serve_forever, daemon=True).start()

    async def ask(session):
        return [await call(session, "load", checkpoint=f"http://{host}:{canary.server_port}/m")
                for host in ("127.0.0.1", "localhost")] + [
                    await call(session, "load", checkpoint="data:text/plain;base64,bm9pc2U=")]
    try:
        answers = with_client(server, ask)
    finally:
        canary.shutdown()
    assert hits == []
    assert all(isinstance(answer, str) and "Traceback" not in answer for answer in answers)
