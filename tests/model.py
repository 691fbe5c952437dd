"""What must be true of threads and their runs: a small model of them, and the rules that a journal keeps."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.calls import Call
from tests.mock import Json

DONE = ("success", "interrupted", "error", "rolled back", "deleted")


@dataclass(eq=False)
class ModelRun:
    """What must be true of one run."""

    path: str
    question: str
    status: str = "pending"
    calls: list[tuple[Call, bool]] = field(default_factory=list)
    """Those who wait for it, and whether it is to be cancelled when they go."""

    heard: list[str] = field(default_factory=list)
    """What humans had said when it began, its own question included."""

    @property
    def run_id(self) -> str:
        return self.path.rpartition("/")[2]


@dataclass(eq=False)
class ModelThread:
    """What must be true of one thread. A run thinks until somebody joins it, so nothing happens by itself."""

    path: str
    working: ModelRun | None = None
    """The run at work; a deleted one goes on."""

    queue: list[ModelRun] = field(default_factory=list)
    runs: list[ModelRun] = field(default_factory=list)
    written: list[tuple[ModelRun | None, list[str]]] = field(default_factory=list)
    """Who has written to the state, None by hand, and what humans have said there; the last one shows."""

    has_graph: bool = False
    """Whether a run was ever accepted; a reset does not take that back."""

    deleted: bool = False

    @property
    def questions(self) -> list[str]:
        return self.written[-1][1] if self.written else []

    @property
    def in_flight(self) -> list[ModelRun]:
        head = [self.working] if self.working is not None and self.working.status == "running" else []
        return head + self.queue

    def accept(self, run: ModelRun, strategy: str) -> None:
        self.has_graph = True
        self.runs.append(run)
        if strategy in ("interrupt", "rollback"):
            for other in self.in_flight:
                self.stop(other, "interrupted" if strategy == "interrupt" else "rolled back")
        self.queue.append(run)
        self.go_on()

    def stop(self, run: ModelRun, status: str, *, watched: bool = False) -> None:
        if run is self.working:
            self.working = None
        else:
            self.queue.remove(run)
            if run.calls or watched:
                status = "interrupted"  # who waits for a run that never began is not told that it is gone
        if status == "rolled back":
            self.unwrite(run)
        run.status = status

    def unwrite(self, run: ModelRun) -> None:
        self.written = [(writer, said) for writer, said in self.written if writer is not run]

    def finish(self, last: ModelRun) -> None:
        """Let all runs up to this one come to their end."""
        while last is self.working or last in self.queue:
            assert self.working is not None
            ended, self.working = self.working, None
            self.written.append((ended, ended.heard))
            if ended.status == "running":
                ended.status = "success"
            self.go_on()

    def forget(self, run: ModelRun) -> None:
        """Delete a run with what it has written so far; one at work goes on, and writes more."""
        if run in self.queue:
            self.queue.remove(run)
        self.unwrite(run)
        run.status = "deleted"

    def go_on(self) -> None:
        if self.working is None and self.queue:
            self.working = run = self.queue.pop(0)
            run.status = "running"
            run.heard = [*self.questions, run.question]
            self.written.append((run, run.heard))

    def vanish(self) -> None:
        self.deleted, self.working = True, None
        self.queue.clear()
        for run in self.runs:
            run.status = "deleted"


def check_journal(journal: list[Json]) -> None:
    """Hold what was noted against the rules, thread by thread.

    One run works at a time, and only it writes checkpoints; runs start in the order they were accepted in;
    whoever was accepted is pending at once; what has ended stays as it is.
    """
    for thread_id in {entry["thread_id"] for entry in journal}:
        working: str | None = None
        accepted: list[str] = []
        begun: list[str] = []
        status: dict[str, str] = {}
        for entry in journal:
            if entry["thread_id"] != thread_id:
                continue
            run_id: str | None = entry.get("run_id")
            if entry["kind"] == "request":
                assert (run_id is None) is (entry["decision"] == "rejected"), entry
                assert entry["decision"] != "rejected" or entry["in_flight"], entry
                assert entry["in_flight"] == [id for id in accepted if status[id] not in DONE], entry
                if run_id is not None:
                    accepted.append(run_id)
                    status[run_id] = "requested"
            elif run_id is None:
                continue
            elif entry["kind"] == "run":
                before, status[run_id] = status[run_id], entry["status"]
                assert before not in DONE or entry["status"] == "deleted", entry
                if entry["status"] == "running":
                    assert working is None or status[working] in DONE, entry
                    working = run_id
                    begun.append(run_id)
            elif entry["kind"] == "checkpoint":
                assert run_id == working, entry
        assert begun == [id for id in accepted if id in begun]
