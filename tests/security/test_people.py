"""Several people: who is let in by whose token or name, what each may do, and what is written down of it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from command import Run, one_error
from service import Server

from kg.errors import KgError
from kg.service.access import Access
from kg.service.audit import Audit
from kg.service.people import WRITER, Person, by_name, entry, load
from kg.service.settings import Settings

PEOPLE = {"李查": "read", "王复": "review", "张写": "write"}


@pytest.fixture(scope="module")
def tokens(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """The file of the people, and their tokens."""
    made = {name: entry(name, role) for name, role in PEOPLE.items()}
    path = tmp_path_factory.mktemp("people") / "people.toml"
    path.write_text(
        "\n".join(lines for _, lines in made.values()) + '\n[[person]]\nname = "赵登"\nrole = "review"\n', "utf-8"
    )
    return path, {name: token for name, (token, _) in made.items()}


@pytest.fixture(scope="module")
def bureau(
    sample_data: Path, tokens: tuple[Path, dict[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A service behind a sign-on proxy on the loopback, with named people."""
    folder = tmp_path_factory.mktemp("bureau")
    shutil.copytree(sample_data, folder / "data")
    options = ("--people", str(tokens[0]), "--proxy", "127.0.0.1", "--sso-header", "X-Remote-User")
    with Server(folder / "data", *options, log=folder / "log") as running:
        yield running


def header(tokens: dict[str, str], who: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens[who]}"} if who else {}


PAIR = "/api/indicators?limit=2"


@pytest.mark.parametrize(
    ("who", "review", "write", "audit"),
    [("", 401, 401, 401), ("李查", 403, 403, 403), ("王复", 200, 403, 403), ("张写", 200, 404, 200)],
)
def test_what_each_may_do(
    bureau: Server, tokens: tuple[Path, dict[str, str]], who: str, review: int, write: int, audit: int
) -> None:
    sent = header(tokens[1], who)
    pair = [item["iri"] for item in bureau.get(PAIR, headers=sent).json()["items"]]
    said = {"indicators": pair, "decision": "noted", "note": f"看过 {who}", "by": "别人"}
    answered = bureau.post("/api/duplicates/reviews", json=said, headers=sent)
    assert answered.status_code == review, answered.text
    if review == 200:
        assert answered.json()["by"] == who  # not who is claimed in the body
    assert bureau.client.delete("/api/documents/none.txt", headers=sent).status_code == write
    assert bureau.get("/api/audit", headers=sent).status_code == audit
    if audit == 200:
        deeds = bureau.get("/api/audit", params={"did": "review"}, headers=sent).json()
        assert {deed["by"] for deed in deeds} == {"王复", "张写"}


def test_a_session_is_its_owners(bureau: Server, tokens: tuple[Path, dict[str, str]]) -> None:
    entered = httpx.post(f"{bureau.url}/login", data={"token": tokens[1]["王复"]}, trust_env=False)
    cookie = {"Cookie": entered.headers["set-cookie"].partition(";")[0]}
    answer = bureau.client.delete("/api/documents/none.txt", headers=cookie)
    assert (answer.status_code, "王复的权限是复核" in answer.json()["detail"]) == (403, True)
    assert bureau.post("/logout", headers=cookie).status_code == 303
    assert bureau.client.delete("/api/documents/none.txt", headers=cookie).status_code == 401


def test_the_name_of_the_sign_on_proxy_counts_with_the_role_of_the_file(bureau: Server) -> None:
    pair = [item["iri"] for item in bureau.get(PAIR).json()["items"]]
    said = {"indicators": pair, "decision": "noted", "note": "经代理"}
    for sent, by in (("赵登".encode(), "赵登"), (b"%E8%B5%B5%E7%99%BB", "赵登")):
        answered = bureau.post("/api/duplicates/reviews", json=said, headers={"X-Remote-User": sent})
        assert (answered.status_code, answered.json().get("by")) == (200, by), answered.text
    assert bureau.post("/api/duplicates/reviews", json=said, headers={"X-Remote-User": "somebody"}).status_code == 403
    foreign = {"X-Remote-User": "赵登".encode(), "Origin": "http://evil.example"}
    assert bureau.post("/api/duplicates/reviews", json=said, headers=foreign).status_code == 403


def test_without_a_known_proxy_the_header_is_nothing(server: Server) -> None:
    sent = {"X-Remote-User": "赵登".encode(), "X-Forwarded-For": "127.0.0.1"}
    assert server.client.delete("/api/documents/none.txt", headers=sent).status_code == 401


def test_an_upload_is_written_down_with_who_what_and_how_it_ended(
    bureau: Server, tokens: tuple[Path, dict[str, str]]
) -> None:
    sent = header(tokens[1], "张写")
    refused = bureau.post("/api/documents", files={"files": ("空.txt", b"")}, headers=sent)
    assert refused.status_code == 422
    assert bureau.post("/login", data={"token": "wrong-token"}).status_code == 403
    lines = [json.loads(line) for line in (bureau.data / "audit.jsonl").read_text("utf-8").splitlines()][-2:]
    assert [(deed["did"], deed["by"], deed["role"]) for deed in lines] == [
        ("upload", "张写", "write"),
        ("refused", "", ""),
    ]
    assert lines[0]["what"] == [{"name": "空.txt", "bytes": 0}]
    assert lines[0]["result"].startswith("没有写入：")
    assert not [token for token in (*tokens[1].values(), "wrong-token") if token in bureau.text()]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "[[person]]"),
        ("[[person", "TOML"),
        ('[[person]]\nname = "a"\nrole = "admin"', "role 应为"),
        ('[[person]]\nname = "a\\nb"\nrole = "read"', "name 应为"),
        ('[[person]]\nname = "a"\nrole = "read"\ntoken = "x"', "不认识 token"),
        ('[[person]]\nname = "a"\nrole = "read"\ntoken_sha256 = "12"', "64 位"),
        ('[[person]]\nname = "a"\nrole = "read"\n[[person]]\nname = "a"\nrole = "write"', "姓名相同"),
    ],
)
def test_a_file_of_people_that_is_wrong_is_one_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "people.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(KgError, match=said.replace("[", "\\[")):
        load(path)


def test_the_command_makes_a_token_and_the_service_refuses_what_is_not_safe(
    kg_run: Run, sample_data: Path, tmp_path: Path
) -> None:
    made = kg_run("token", "陈工", "--role", "write")
    (tmp_path / "people.toml").write_text(made.stdout, "utf-8")
    (person,) = load(tmp_path / "people.toml")
    assert (person.name, person.role) == ("陈工", "write")
    token = made.stderr.strip().rpartition("：")[2]
    assert Access("", [person]).knows(token.encode(), "1.2.3.4") == person
    assert token not in made.stdout
    one_error(kg_run("serve", "--data", sample_data, "--sso-header", "X-Remote-User"), "--proxy")
    one_error(kg_run("serve", "--data", sample_data, "--people", tmp_path / "none.toml"), "none.toml")


def test_who_is_who() -> None:
    people = [Person("甲", "write", "0" * 64), Person("乙", "review")]
    assert by_name(people, "甲".encode()) == people[0]
    assert by_name(people, b"nobody") == Person("nobody", "read")
    for wrong in (b"", b"\xff", b"%00x", "甲\u202e".encode(), b"x" * 100):
        assert by_name(people, wrong) is None
    access = Access("long-enough", people)
    assert access.knows(b"long-enough", "") == WRITER
    assert access.knows(b"", "") is None
    assert access.has(access.enter(people[1])) == people[1]
    assert Settings.checked(Path(), "0.0.0.0", 1, None, (), ("10.0.0.1",), None, "X-User").token == ""


def test_lines_of_the_record_survive_a_write_that_was_cut_off(tmp_path: Path) -> None:
    audit = Audit(tmp_path)
    assert audit.last(5) == []
    audit.add(WRITER, "review", ["a", "b"], "accepted\n假的一行")
    with audit.path.open("a") as file:
        file.write('{"did": "upl\n')
    audit.add(None, "refused", None)
    assert [deed["did"] for deed in audit.last(5)] == ["refused", "review"]
    assert [deed["did"] for deed in audit.last(5, "review")] == ["review"]
    assert len(audit.path.read_text("utf-8").splitlines()) == 3
