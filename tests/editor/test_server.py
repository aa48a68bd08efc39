"""The language server as an editor meets it: through its protocol, and in Neovim."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

pytest_lsp = pytest.importorskip("pytest_lsp", reason='needs `pip install "cnnspec[dev]"`')
from lsprotocol import types as lsp  # noqa: E402 - it comes with pytest-lsp
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities  # noqa: E402

from cnnspec.bundled import bundled_source  # noqa: E402

COMMAND: Final = [sys.executable, "-m", "cnnspec", "lsp"]
SPEC: Final = """\
# 😋
input: 8x8x1
layers:
  - conv: 4 3x3 same
    name: first
  - add: [first, [conv: 4 1x1]]
  - gap
"""


@pytest_lsp.fixture(config=ClientServerConfig(server_command=COMMAND))
async def client(lsp_client: LanguageClient, tmp_path: Path) -> Any:
    """Start a server and a client for each test."""
    capabilities = client_capabilities("neovim")
    await lsp_client.initialize_session(lsp.InitializeParams(capabilities, root_uri=tmp_path.as_uri()))
    yield lsp_client
    await lsp_client.shutdown_session()


class Opened:
    """A text that is open in a client."""

    def __init__(self, client: LanguageClient, path: Path) -> None:
        """Take the client and the file that the text would be in."""
        self.client, self.uri, self.version = client, path.as_uri(), 1
        self.id = lsp.TextDocumentIdentifier(self.uri)

    async def open(self, text: str) -> list[str]:
        """Open the text and return the first lines of what is said of it."""
        self.client.text_document_did_open(
            lsp.DidOpenTextDocumentParams(lsp.TextDocumentItem(self.uri, "yaml", self.version, text))
        )
        return await self.said()

    async def change(self, text: str) -> list[str]:
        """Change the text and return the first lines of what is said of it."""
        self.type(text)
        return await self.said()

    def type(self, text: str) -> None:
        """Change the text."""
        self.version += 1
        whole = lsp.TextDocumentContentChangeWholeDocument(text)
        name = lsp.VersionedTextDocumentIdentifier(self.version, self.uri)
        self.client.text_document_did_change(lsp.DidChangeTextDocumentParams(name, [whole]))

    async def said(self) -> list[str]:
        """Wait for what is said of the text."""
        await self.client.wait_for_notification(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        return [each.message.split("\n")[0] for each in self.client.diagnostics[self.uri]]


@pytest.mark.asyncio
async def test_errors_come_while_one_types(client: LanguageClient, tmp_path: Path) -> None:
    """Each at its place, counted as the protocol counts, and they go when the text is right again."""
    opened = Opened(client, tmp_path / "net.yaml")
    assert await opened.open(SPEC) == []
    assert await opened.change(SPEC.replace("gap", "gapp")) == ["unknown kind `gapp`"]
    (fault,) = client.diagnostics[opened.uri]
    assert (fault.code, fault.source) == ("E104", "cnnspec")
    assert fault.range == lsp.Range(lsp.Position(6, 4), lsp.Position(6, 8))
    assert await opened.change(SPEC) == []


@pytest.mark.asyncio
async def test_several_keys_make_one_message(client: LanguageClient, tmp_path: Path) -> None:
    """What is told after several keys is of the last of them, in ResNet-50 too."""
    source = bundled_source("resnet50")
    assert source is not None
    opened = Opened(client, tmp_path / "resnet.yaml")
    await opened.open(source.text)
    for end in range(4, 6):
        opened.type(source.text.replace("- gap", f"- {'gapbp'[:end]}"))
    assert await opened.change(source.text.replace("- gap", "- gapbp")) == ["unknown kind `gapbp`"]


@pytest.mark.asyncio
async def test_the_features(client: LanguageClient, tmp_path: Path) -> None:
    """Each as the editor asks for it."""
    opened = Opened(client, tmp_path / "net.yaml")
    await opened.open(SPEC)
    place = lsp.Position(5, 10)
    everything = lsp.Range(lsp.Position(0, 0), lsp.Position(99, 0))
    found = await client.text_document_inlay_hint_async(lsp.InlayHintParams(opened.id, everything))
    assert [hint.label for hint in found or ()][-1] == "→ (4,)"
    hover = await client.text_document_hover_async(lsp.HoverParams(opened.id, place))
    assert hover is not None
    assert "(F·F·C + 1)·K = (3·3·1 + 1)·4 = 40" in hover.contents.value
    defined = await client.text_document_definition_async(lsp.DefinitionParams(opened.id, place))
    name = lsp.Range(lsp.Position(4, 10), lsp.Position(4, 15))
    assert defined == lsp.Location(opened.uri, name)
    context = lsp.ReferenceContext(include_declaration=True)
    places = await client.text_document_references_async(lsp.ReferenceParams(context, opened.id, place))
    assert [each.range.start.line for each in places or ()] == [4, 5]
    edit = await client.text_document_rename_async(lsp.RenameParams(opened.id, place, "one"))
    assert edit is not None
    assert [change.new_text for change in (edit.changes or {})[opened.uri]] == ["one", "one"]
    with pytest.raises(Exception, match="`9` is not a name"):
        await client.text_document_rename_async(lsp.RenameParams(opened.id, place, "9"))
    symbols = await client.text_document_document_symbol_async(lsp.DocumentSymbolParams(opened.id))
    assert [symbol.name for symbol in symbols or ()] == ["input", "layers"]
    folds = await client.text_document_folding_range_async(lsp.FoldingRangeParams(opened.id))
    assert [(fold.start_line, fold.end_line) for fold in folds or ()] == [(2, 6), (3, 4)]


@pytest.mark.asyncio
async def test_completion_and_replacements(client: LanguageClient, tmp_path: Path) -> None:
    """While the text is none yet, and where it has a fault."""
    opened = Opened(client, tmp_path / "net.yaml")
    await opened.open("input: 8x8x1\nlayers:\n  - conv: 4 3x3 smae\n  - fl")
    found = await client.text_document_completion_async(lsp.CompletionParams(opened.id, lsp.Position(3, 6)))
    (flatten,) = [each for each in found if each.label == "flatten"]
    place = lsp.Range(lsp.Position(3, 4), lsp.Position(3, 6))
    assert flatten.text_edit == lsp.TextEdit(place, "flatten")
    place = lsp.Range(lsp.Position(2, 16), lsp.Position(2, 16))
    context = lsp.CodeActionContext(client.diagnostics[opened.uri])
    (action,) = await client.text_document_code_action_async(lsp.CodeActionParams(opened.id, place, context)) or ()
    assert action.title == "Replace `smae` with `same`"
    assert [given.code for given in action.diagnostics] == ["E103"]
    place = lsp.Range(lsp.Position(2, 16), lsp.Position(2, 20))
    assert list(action.edit.changes[opened.uri]) == [lsp.TextEdit(place, "same")]


@pytest.mark.asyncio
async def test_formatting(client: LanguageClient, tmp_path: Path) -> None:
    """As `cnnspec fmt` does; what is wrong stays as it is."""
    opened = Opened(client, tmp_path / "net.yaml")
    await opened.open("input:   8x8x1\nlayers:\n- flatten\n")
    options = lsp.FormattingOptions(tab_size=2, insert_spaces=True)
    edits = await client.text_document_formatting_async(lsp.DocumentFormattingParams(opened.id, options))
    assert [edit.new_text for edit in edits or ()] == ["input: 8x8x1\nlayers:\n  - flatten\n"]
    await opened.change("input: [\n")
    assert not await client.text_document_formatting_async(lsp.DocumentFormattingParams(opened.id, options))


@pytest.mark.asyncio
async def test_other_files_are_left_alone(client: LanguageClient, tmp_path: Path) -> None:
    """An editor may start the server for every YAML file."""
    opened = Opened(client, tmp_path / "compose.yaml")
    assert await opened.open("services:\n  web:   {image: x}\n") == []
    place = lsp.Position(1, 3)
    assert await client.text_document_hover_async(lsp.HoverParams(opened.id, place)) is None
    assert not await client.text_document_completion_async(lsp.CompletionParams(opened.id, place))
    assert not await client.text_document_document_symbol_async(lsp.DocumentSymbolParams(opened.id))
    options = lsp.FormattingOptions(tab_size=2, insert_spaces=True)
    assert not await client.text_document_formatting_async(lsp.DocumentFormattingParams(opened.id, options))


@pytest.mark.asyncio
async def test_what_is_said_ends_with_the_text(client: LanguageClient, tmp_path: Path) -> None:
    """A closed text has no errors; what belongs to an error elsewhere has its place there."""
    opened = Opened(client, tmp_path / "net.yaml")
    twice = "input: 8x8x1\nlayers:\n  - conv: 4 3x3\n    name: a\n  - gap:\n    name: a\n"
    assert await opened.open(twice) == ["the name `a` is used twice"]
    (fault,) = client.diagnostics[opened.uri]
    place = lsp.Location(opened.uri, lsp.Range(lsp.Position(3, 10), lsp.Position(3, 11)))
    assert [(each.location, each.message) for each in fault.related_information or ()] == [(place, "first given here")]
    client.text_document_did_close(lsp.DidCloseTextDocumentParams(opened.id))
    assert await opened.said() == []


@pytest.mark.asyncio
async def test_another_file_may_change_meanwhile(client: LanguageClient, tmp_path: Path) -> None:
    """A network that is an item is read anew."""
    part = tmp_path / "part.yaml"
    part.write_text("input: 8x8x1\nlayers:\n  - conv: 4 3x3\n", encoding="utf-8")
    opened = Opened(client, tmp_path / "net.yaml")
    assert await opened.open("input: 8x8x1\nlayers:\n  - network: part.yaml\n") == []
    everything = lsp.InlayHintParams(opened.id, lsp.Range(lsp.Position(0, 0), lsp.Position(9, 0)))
    hints = await client.text_document_inlay_hint_async(everything)
    assert [hint.label for hint in hints or ()][-1] == "→ (6, 6, 4) · 40 parameters"
    part.write_text("input: 8x8x1\nlayers:\n  - conv: 2 3x3\n", encoding="utf-8")
    hints = await client.text_document_inlay_hint_async(everything)
    assert [hint.label for hint in hints or ()][-1] == "→ (6, 6, 2) · 20 parameters"


SCRIPT: Final = """
local start_server = vim.lsp.start or function(config)  -- before Neovim 0.8
  vim.lsp.buf_attach_client(0, vim.lsp.start_client(config))
end
start_server({name = 'cnnspec', cmd = vim.json.decode(vim.env.SERVER), root_dir = vim.fn.getcwd()})
local function wait(want)
  vim.wait(20000, function() return (#vim.diagnostic.get(0) > 0) == want end, 10)
end
wait(true)
local opened = vim.diagnostic.get(0)
vim.api.nvim_buf_set_lines(0, -2, -1, false, {'  - gap'})
wait(false)
local start = vim.loop.hrtime()
vim.api.nvim_buf_set_lines(0, -2, -1, false, {'  - gappo'})
wait(true)
local took = (vim.loop.hrtime() - start) / 1e9
local place = {textDocument = vim.lsp.util.make_text_document_params(), position = {line = 2, character = 5}}
local hover = vim.lsp.buf_request_sync(0, 'textDocument/hover', place, 9000)
local range = {['start'] = {line = 0, character = 0}, ['end'] = {line = 9, character = 0}}
vim.api.nvim_buf_set_lines(0, -2, -1, false, {'  - gap'})
local asked = {textDocument = place.textDocument, range = range}
local hints = vim.lsp.buf_request_sync(0, 'textDocument/inlayHint', asked, 9000)
local answer = {opened = opened, again = vim.diagnostic.get(0), took = took, hover = hover, hints = hints}
vim.fn.writefile({vim.json.encode(answer)}, 'answer.json')
vim.cmd('qa!')
"""


@pytest.mark.skipif(not shutil.which("nvim"), reason="needs Neovim")
def test_neovim_shows_an_error_at_its_place(tmp_path: Path) -> None:
    """And hints and derivations; the text is the one of another test, with an error in its last line."""
    (tmp_path / "net.yaml").write_text("input: 8x8x1\nlayers:\n  - conv: 4 3x3\n  - gapp\n", encoding="utf-8")
    (tmp_path / "try.lua").write_text(SCRIPT, encoding="utf-8")
    call = ["nvim", "--headless", "--clean", "net.yaml", "-c", "luafile try.lua", "-c", "cq"]
    environment = {"SERVER": json.dumps(COMMAND), "HOME": str(tmp_path), **_path()}
    subprocess.run(call, cwd=tmp_path, env=environment, timeout=90, check=True, capture_output=True)
    answer = json.loads((tmp_path / "answer.json").read_text(encoding="utf-8"))
    (opened,) = answer["opened"]
    assert (opened["lnum"], opened["col"], opened["end_col"]) == (3, 4, 8)
    assert opened["message"].startswith("unknown kind `gapp`")
    assert answer["again"][0]["message"].startswith("unknown kind `gappo`")
    assert "(F·F·C + 1)·K = (3·3·1 + 1)·4 = 40" in json.dumps(answer["hover"], ensure_ascii=False)
    labels = [hint["label"] for reply in answer["hints"] for hint in reply["result"]]
    assert labels[1:] == ["→ (6, 6, 4) · 40 parameters", "→ (4,)"]


def _path() -> dict[str, str]:
    import os  # noqa: PLC0415

    return {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
