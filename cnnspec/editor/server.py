"""The language server: what editors ask, in the words of its protocol; every answer is computed elsewhere."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from cnnspec.editor import navigation
from cnnspec.editor.actions import actions
from cnnspec.editor.completion import complete
from cnnspec.editor.document import Document, open_any, open_document
from cnnspec.editor.hints import hints
from cnnspec.editor.hover import hover
from cnnspec.editor.messages import Mark, Message, messages
from cnnspec.editor.positions import Position, offset_of, position_of
from cnnspec.editor.symbols import Symbol, folds, symbols
from cnnspec.errors import CnnspecError, printable
from cnnspec.language.formatting import formatted
from cnnspec.spec_files import is_spec

NAME: Final = "cnnspec"
PAUSE: Final = 0.1
"""How many seconds nobody must have typed before a text is looked at."""
SORTS: Final = {
    "key": "Property",
    "kind": "Class",
    "block": "Function",
    "argument": "Field",
    "value": "EnumMember",
    "name": "Variable",
}
"""What the protocol calls the sorts of words that may stand at a place."""
FAULTY: Final = "input: 1\nlayers: [unknown: kind=1]\n"
"""A text with faults, which is looked at before the writer's own."""
REFUSED: Final = -32803
"""The protocol's code of a request that is understood and cannot be done."""


def serve() -> None:
    """Answer an editor on standard input and output until it ends the connection."""
    if find_spec("pygls") is None:
        raise CnnspecError.one("E501", "this command needs pygls", help='pip install "cnnspec[lsp]"')
    logging.getLogger("pygls").setLevel(logging.CRITICAL)  # what is refused is told the editor
    Binding().server.start_io()


def folder_of(uri: str) -> Path | None:
    """Return the folder of a file, None for a text that is in none.

    >>> folder_of("file:///tmp/my%20nets/a.yaml").as_posix()
    '/tmp/my nets'
    """
    parts = urlsplit(uri)
    return Path(url2pathname(parts.path)).parent if parts.scheme == "file" else None


class Binding:
    """The server with its features; `lsp` are the protocol's types."""

    def __init__(self) -> None:
        """Register what the server can do."""
        from lsprotocol import types
        from pygls.lsp.server import LanguageServer

        from cnnspec import __version__

        self.lsp: Any = types
        self.server: Any = LanguageServer(NAME, __version__)
        self.waiting: dict[str, asyncio.Task[None]] = {}
        for feature, options, handler in self._features():
            self.server.feature(feature, *options)(partial(handler))  # pygls marks it, and a method takes no mark

    def _features(self) -> list[tuple[str, tuple[Any, ...], Callable[[Any], Any]]]:
        lsp = self.lsp
        return [
            (lsp.INITIALIZED, (), self.started),
            (lsp.TEXT_DOCUMENT_DID_OPEN, (), self.opened),
            (lsp.TEXT_DOCUMENT_DID_CHANGE, (), self.changed),
            (lsp.TEXT_DOCUMENT_DID_SAVE, (), self.opened),
            (lsp.TEXT_DOCUMENT_DID_CLOSE, (), self.closed),
            (lsp.TEXT_DOCUMENT_HOVER, (), self.hover),
            (lsp.TEXT_DOCUMENT_INLAY_HINT, (), self.hints),
            (lsp.TEXT_DOCUMENT_DEFINITION, (), self.definition),
            (lsp.TEXT_DOCUMENT_REFERENCES, (), self.references),
            (lsp.TEXT_DOCUMENT_RENAME, (), self.rename),
            (
                lsp.TEXT_DOCUMENT_COMPLETION,
                (lsp.CompletionOptions(trigger_characters=[" ", "=", "$", "[", "{"]),),
                self.complete,
            ),
            (lsp.TEXT_DOCUMENT_CODE_ACTION, (lsp.CodeActionOptions([lsp.CodeActionKind.QuickFix]),), self.actions),
            (lsp.TEXT_DOCUMENT_FORMATTING, (), self.formatting),
            (lsp.TEXT_DOCUMENT_DOCUMENT_SYMBOL, (), self.symbols),
            (lsp.TEXT_DOCUMENT_FOLDING_RANGE, (), self.folds),
        ]

    async def started(self, _: Any) -> None:
        """Import what only faulty texts need before the first fault is typed."""
        await asyncio.to_thread(open_document, FAULTY)

    async def opened(self, params: Any) -> None:
        """Say what is wrong with a text at once."""
        await self._publish(params.text_document.uri)

    async def changed(self, params: Any) -> None:
        """Say what is wrong with a text when its writer pauses."""
        uri = params.text_document.uri
        self._forget(uri)
        self.waiting[uri] = asyncio.create_task(self._publish(uri, PAUSE))

    def closed(self, params: Any) -> None:
        """Take back what was said of a text."""
        self._forget(params.text_document.uri)
        self._say(params.text_document.uri, [], None)

    def _forget(self, uri: str) -> None:
        if task := self.waiting.pop(uri, None):
            task.cancel()

    async def _publish(self, uri: str, pause: float = 0) -> None:
        await asyncio.sleep(pause)
        text = self.server.workspace.get_text_document(uri)
        version = text.version
        document = await asyncio.to_thread(self._document, uri)
        if text.version == version:
            self._say(uri, [self._diagnostic(uri, document, each) for each in messages(document)], version)

    def _say(self, uri: str, found: list[Any], version: int | None) -> None:
        self.server.text_document_publish_diagnostics(self.lsp.PublishDiagnosticsParams(uri, found, version))

    def _document(self, uri: str) -> Document:
        text = self.server.workspace.get_text_document(uri).source
        folder = folder_of(uri)
        document = open_any(text, unquote(uri.rpartition("/")[2]) or "spec.yaml", folder)
        if document.summary and document.summary.graph.others:  # these files may change meanwhile
            open_document.cache_clear()
        return document

    def _at(self, params: Any) -> tuple[Document, int]:
        """Return the document that a request is about, and the offset in it."""
        document = self._document(params.text_document.uri)
        position = Position(params.position.line, params.position.character)
        return document, offset_of(document.source, position, self._encoding)

    @property
    def _encoding(self) -> str:
        found = self.server.server_capabilities.position_encoding
        return str(getattr(found, "value", found) or "utf-16")

    def _position(self, document: Document, offset: int) -> Any:
        return self.lsp.Position(*position_of(document.source, offset, self._encoding))

    def _range(self, document: Document, start: int, end: int) -> Any:
        return self.lsp.Range(self._position(document, start), self._position(document, end))

    def _diagnostic(self, uri: str, document: Document, message: Message) -> Any:
        lsp = self.lsp
        severity = lsp.DiagnosticSeverity.Error if message.severity == "error" else lsp.DiagnosticSeverity.Warning
        return lsp.Diagnostic(
            self._range(document, message.mark.start, message.mark.end),
            message.mark.text,
            severity=severity,
            code=message.code,
            source=NAME,
            related_information=[self._related(uri, document, each) for each in message.related] or None,
        )

    def _related(self, uri: str, document: Document, mark: Mark) -> Any:
        place = self.lsp.Location(uri, self._range(document, mark.start, mark.end))
        return self.lsp.DiagnosticRelatedInformation(place, mark.text)

    def hover(self, params: Any) -> Any:
        """Say how the number under the cursor comes about."""
        document, offset = self._at(params)
        found = hover(document, offset)
        if found is None:
            return None
        content = self.lsp.MarkupContent(self.lsp.MarkupKind.Markdown, found.text)
        return self.lsp.Hover(content, self._range(document, found.start, found.end))

    def hints(self, params: Any) -> list[Any]:
        """Return shapes and parameters at the ends of lines."""
        document = self._document(params.text_document.uri)
        lines = range(params.range.start.line, params.range.end.line + 1)
        placed = ((self._position(document, each.offset), each) for each in hints(document))
        return [
            self.lsp.InlayHint(place, each.text, tooltip=each.more or None, padding_left=True)
            for place, each in placed
            if place.line in lines
        ]

    def definition(self, params: Any) -> Any:
        """Return where a name is given."""
        document, offset = self._at(params)
        place = navigation.definition(document, offset)
        return self.lsp.Location(params.text_document.uri, self._range(document, *place)) if place else None

    def references(self, params: Any) -> list[Any]:
        """Return where a name stands."""
        document, offset = self._at(params)
        places = navigation.references(document, offset)
        return [self.lsp.Location(params.text_document.uri, self._range(document, *place)) for place in places]

    def rename(self, params: Any) -> Any:
        """Give a layer or a block another name."""
        from pygls.exceptions import JsonRpcException

        document, offset = self._at(params)
        try:
            edits = navigation.rename(document, offset, params.new_name)
        except CnnspecError as error:
            fault = error.diagnostics[0]
            facts = [fault.message, *fault.notes, fault.help]
            raise JsonRpcException(printable("; ".join(filter(None, facts))), REFUSED) from None
        changes = [self._edit(document, each) for each in edits]
        return self.lsp.WorkspaceEdit(changes={params.text_document.uri: changes})

    def _edit(self, document: Document, edit: navigation.Edit) -> Any:
        return self.lsp.TextEdit(self._range(document, edit.start, edit.end), edit.text)

    def complete(self, params: Any) -> list[Any]:
        """Return what may stand where one types."""
        document, offset = self._at(params)
        if not is_spec(document.text) and len(document.text.split()) > 1:
            return []
        sorts = {word: getattr(self.lsp.CompletionItemKind, name) for word, name in SORTS.items()}
        return [
            self.lsp.CompletionItem(
                label=each.text,
                kind=sorts[each.sort],
                detail=each.detail,
                sort_text=f"{number:04}",
                text_edit=self._edit(document, navigation.Edit(each.start, offset, each.text)),
            )
            for number, each in enumerate(complete(document, offset))
        ]

    def actions(self, params: Any) -> list[Any]:
        """Return what mends the faults of a range."""
        uri = params.text_document.uri
        document = self._document(uri)
        places = (Position(each.line, each.character) for each in (params.range.start, params.range.end))
        start, end = (offset_of(document.source, place, self._encoding) for place in places)
        return [
            self.lsp.CodeAction(
                each.title,
                kind=self.lsp.CodeActionKind.QuickFix,
                is_preferred=True,
                diagnostics=[given for given in params.context.diagnostics if given.code == each.code],
                edit=self.lsp.WorkspaceEdit(changes={uri: [self._edit(document, each.edit)]}),
            )
            for each in actions(document, start, end)
        ]

    def formatting(self, params: Any) -> list[Any]:
        """Bring a text into the layout of `cnnspec fmt`; one with faults stays as it is."""
        document = self._document(params.text_document.uri)
        if not is_spec(document.text):
            return []
        try:
            text = formatted(document.source.name, document.text, None)
        except CnnspecError:
            return []
        whole = navigation.Edit(0, len(document.text), text)
        return [self._edit(document, whole)] if text != document.text else []

    def symbols(self, params: Any) -> list[Any]:
        """Return the keys, the blocks and the layers."""
        document = self._document(params.text_document.uri)
        return [self._symbol(document, each, 0) for each in symbols(document)]

    def _symbol(self, document: Document, symbol: Symbol, level: int) -> Any:
        kind = self.lsp.SymbolKind
        return self.lsp.DocumentSymbol(
            name=symbol.name,
            detail=symbol.detail or None,
            kind=kind.Object if level else kind.Key,
            range=self._range(document, symbol.start, symbol.end),
            selection_range=self._range(document, symbol.start, symbol.word_end),
            children=[self._symbol(document, each, level + 1) for each in symbol.inside] or None,
        )

    def folds(self, params: Any) -> list[Any]:
        """Return what can be folded."""
        return [self.lsp.FoldingRange(*each) for each in folds(self._document(params.text_document.uri))]
