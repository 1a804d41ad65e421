import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gameday.domain.errors import FileError
from gameday.twin.listeners import Endpoint, Listeners
from tests.gameday.twin.gate import gate


def place(endpoint, mapping=None, **listeners):
    return Listeners(gate(**listeners), mapping or {}).place(endpoint)


def at(url, **more):
    return Endpoint("m (p/m)", ("m",), "openai", url, **more)


def test_the_upstreams_url_tells_the_listener_and_the_path_stays():
    found = place(at("https://api.openai.com:443/v1/"))
    assert (found.listener, found.url) == ("primary", "http://127.0.0.1:8481/v1")


def test_what_the_upstream_brings_of_the_path_is_not_said_twice():
    found = place(
        at("https://llm.example/team-a/v1"),
        one=("127.0.0.1:1", "https://llm.example", "openai"),
        two=("127.0.0.1:2", "https://llm.example/team-a/", "openai"),
    )
    assert (found.listener, found.url) == ("two", "http://127.0.0.1:2/v1")


def test_a_path_is_compared_by_its_parts():
    with pytest.raises(FileError, match="no listener of the gate has the upstream"):
        place(
            at("https://llm.example/team-ab/v1"),
            two=("127.0.0.1:2", "https://llm.example/team-a", "openai"),
        )


def test_another_server_is_never_taken_for_the_listeners_because_of_its_dialect():
    with pytest.raises(FileError, match=r"has the upstream http://vllm:8000") as refused:
        place(at("http://user:pw@vllm:8000/v1"))
    assert "--map m=LISTENER" in refused.value.next_step
    assert "pw" not in refused.value.sentence


def test_two_listeners_for_one_url_are_nobodys_guess():
    twice = {"a": ("127.0.0.1:1", "https://x.example", "openai")}
    twice["b"] = ("127.0.0.1:2", "https://x.example/", "openai")
    with pytest.raises(FileError, match="the listeners a and b both stand for"):
        place(at("https://x.example/v1"), **twice)
    assert place(at("https://x.example/v1"), {"m": "b"}, **twice).listener == "b"


def test_without_a_url_the_only_listener_of_the_dialect_is_meant():
    azure = Endpoint("m", ("m",), "azure_openai", None)
    with pytest.raises(FileError, match="2 listeners of the gate speak its dialect, azure_openai"):
        place(azure)
    one = {"only": ("127.0.0.1:1", "https://x.example", "azure_openai")}
    assert place(azure, **one).url == "http://127.0.0.1:1"


def test_a_variable_is_not_taken_for_the_usual_url():
    variable = at(None, usual_url="https://api.openai.com/v1", is_variable=True)
    two = {
        "usual": ("127.0.0.1:1", "https://api.openai.com", "openai"),
        "other": ("127.0.0.1:2", "https://x.example", "openai"),
    }
    with pytest.raises(FileError, match="2 listeners"):
        place(variable, **two)
    assert place(variable).url == "http://127.0.0.1:8481/v1"


def test_direct_leaves_it_and_a_map_for_nothing_is_a_slip():
    listeners = Listeners(gate(), {"m": "direct", "mm": "primary"})
    assert listeners.place(at("http://vllm/v1")).url == ""
    with pytest.raises(FileError, match="nothing in the configuration is called 'mm'"):
        listeners.require_all_used()
    with pytest.raises(FileError, match="the gate has the listeners primary, secondary"):
        Listeners(gate(), {"m": "thrid"})


def test_an_address_for_all_is_dialled_on_loopback():
    everywhere = {"one": ("0.0.0.0:81", "https://x.example", "openai")}
    assert place(at("https://x.example/v1"), **everywhere).url == "http://127.0.0.1:81/v1"


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.sampled_from(["v1", "openai", "a-b"]), max_size=3),
    st.lists(st.sampled_from(["v1", "x"]), max_size=3),
)
def test_upstream_path_and_base_path_make_the_original_path(upstream, rest):
    """What the gate puts before the twin's path is what the original had."""
    brought = "".join(f"/{part}" for part in upstream)
    path = brought + "".join(f"/{part}" for part in rest)
    one = {"one": ("127.0.0.1:1", f"https://x.example{brought}", "openai")}
    found = place(at(f"https://x.example{path}"), **one)
    assert brought + found.url.removeprefix("http://127.0.0.1:1") == path
