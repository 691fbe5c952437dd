"""The mock deployment in a thread, and its command."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from mockserver import MockDeployment, PortInUse, UnsafeHost
from tests.mock import SF, ask


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


def test_a_deployment_answers_at_its_url_until_it_is_stopped() -> None:
    with MockDeployment() as deployment:
        url = deployment.url
        assert httpx.get(f"{url}/ok").json() == {"ok": True, "services": {}}

    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/ok")


def test_the_log_tells_requests_and_what_became_of_runs() -> None:
    with MockDeployment() as deployment, httpx.Client(base_url=deployment.url) as client:
        thread = client.post("/threads", json={}).json()["thread_id"]
        run = client.post(f"/threads/{thread}/runs", json=ask(SF)).json()["run_id"]
        client.get(f"/threads/{thread}/runs/{run}/join")
        client.post(f"/threads/{thread}/runs", json={})

        log = deployment.log_tail()

    assert log[0] == "POST /threads 200"
    assert f"run {run} accepted (enqueue, thread {thread})" in log
    assert f"run {run} success" in log
    assert log[-1].startswith(f'POST /threads/{thread}/runs 422 "assistant_id" is a required property')


def test_two_deployments_in_one_process_know_nothing_of_each_other() -> None:
    with MockDeployment() as one, MockDeployment(seed=1) as two:
        thread = httpx.post(f"{one.url}/threads", json={}).json()["thread_id"]

        assert httpx.get(f"{one.url}/threads/{thread}").status_code == 200
        assert httpx.get(f"{two.url}/threads/{thread}").status_code == 404


def test_stopping_answers_those_who_wait_for_a_held_run() -> None:
    deployment = MockDeployment(hold_s=3600, think_s=3600).start()
    thread = httpx.post(f"{deployment.url}/threads", json={}).json()["thread_id"]
    answers: list[httpx.Response] = []

    def wait() -> None:
        url = f"{deployment.url}/threads/{thread}/runs/wait"
        with httpx.stream("POST", url, json=ask(SF), timeout=60) as answer:
            begun.set()
            answer.read()
            answers.append(answer)

    begun = threading.Event()
    waiting = threading.Thread(target=wait)
    waiting.start()
    assert begun.wait(60)
    deployment.stop()
    waiting.join(60)

    assert [answer.status_code for answer in answers] == [200]


def test_a_port_in_use_is_named_with_its_remedy(taken_port: int) -> None:
    with pytest.raises(PortInUse, match=f"Port {taken_port} on 127.0.0.1 is already in use"):
        MockDeployment(port=taken_port).start()


def test_other_machines_are_let_in_with_an_api_key_only() -> None:
    with pytest.raises(UnsafeHost, match="an API key is needed"):
        MockDeployment(host="0.0.0.0")

    with MockDeployment(host="0.0.0.0", api_key="secret") as deployment:
        port = deployment.url.rpartition(":")[2]
        assert httpx.get(f"http://127.0.0.1:{port}/info").status_code == 401


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_prints_its_url_and_an_example_and_stops_cleanly(number: signal.Signals) -> None:
    command = [sys.executable, "-m", "mockserver", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        first, second = process.stdout.readline(), process.stdout.readline()
        url = first.split()[4]
        assert httpx.get(f"{url}/ok").status_code == 200
        process.send_signal(number)
        _, complaints = process.communicate(timeout=60)

    assert first == f"Mock LangGraph deployment at {url} (Ctrl-C stops it). Try:\n"
    assert second == f"  curl --request POST {url}/threads --data '{{}}'\n"
    assert (process.returncode, complaints) == (0, "")


def test_the_command_tells_of_a_port_in_use_in_one_line(taken_port: int) -> None:
    command = [sys.executable, "-m", "mockserver", "--port", str(taken_port)]

    finished = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert finished.returncode == 1
    assert finished.stderr == (
        f"Port {taken_port} on 127.0.0.1 is already in use. Stop the program that listens there, "
        f"or choose another port: mockserver --port {taken_port + 1}\n"
    )


def test_a_graph_that_is_not_there_is_told_in_one_line(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mockserver", "--port=0", f"--graph=own={tmp_path}/none.py:graph"]

    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 1
    assert done.stderr == (
        f"Graph 'own': there is no file {tmp_path}/none.py. Name it as path/to/file.py:attribute\n"
    )


def test_the_command_refuses_a_graph_without_a_name() -> None:
    command = [sys.executable, "-m", "mockserver", "--port=0", "--graph=agent.py:graph"]

    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 1
    assert "Write --graph NAME=path/to/file.py:ATTRIBUTE" in done.stderr
    assert "Traceback" not in done.stderr
