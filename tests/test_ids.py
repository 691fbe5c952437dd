from __future__ import annotations

from uuid import UUID

from mockserver.ids import Ids, canonical_uuid, iso, system_assistant_id


def test_the_same_seed_gives_the_same_ids() -> None:
    one, two = Ids(7), Ids(7)

    assert [one.uuid7(), one.uuid4()] == [two.uuid7(), two.uuid4()]


def test_another_seed_gives_other_ids() -> None:
    assert Ids(1).uuid7() != Ids(2).uuid7()


def test_thread_and_run_ids_are_version_7_and_sort_by_time() -> None:
    ids = Ids()

    drawn = [ids.uuid7() for _ in range(100)]

    assert {UUID(one).version for one in drawn} == {7}
    assert drawn == sorted(set(drawn))


def test_checkpoint_ids_are_version_6_carry_the_step_and_sort_by_time() -> None:
    ids = Ids().for_thread("t")

    drawn = [str(ids.checkpoint_id(step)) for step in (-1, 0, 1, 300)]

    assert {UUID(one).version for one in drawn} == {6}
    assert [one.split("-")[3] for one in drawn] == ["bfff", "8000", "8001", "812c"]
    assert drawn == sorted(drawn)


def test_times_have_microseconds_and_an_offset() -> None:
    assert iso(Ids().now()) == "2026-01-01T00:00:00.001000+00:00"


def test_the_system_assistant_has_the_id_of_the_real_server() -> None:
    assert system_assistant_id("agent") == "fe096781-5601-53d2-b2f6-0d3403f7e9ca"


def test_uuids_are_read_in_any_spelling() -> None:
    assert canonical_uuid("FE096781560153D2B2F60D3403F7E9CA") == "fe096781-5601-53d2-b2f6-0d3403f7e9ca"
    assert canonical_uuid("nope") is None
