"""What the assistant's operators ask of its index while it runs: build it, and which is served."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lab.assistant.admin import refused, text_in
from lab.assistant.indexes import Indexes, MovedMeanwhileError, UnknownIndexError


class ContentAdmin:
    """The admin port's paths about the index. A write is conditional where `If-Match` says so."""

    def __init__(self, indexes: Indexes) -> None:
        self._indexes = indexes

    def routes(self) -> list[Route]:
        return [
            Route("/admin/index", self.read),
            Route("/admin/index", self.build, methods=["POST"]),
            Route("/admin/index", self.serve, methods=["PUT"]),
            Route("/admin/indexes/{name}", self.read_one),
        ]

    async def read(self, request: Request) -> Response:
        _ = request
        return self._told()

    async def build(self, request: Request) -> Response:
        """Read the corpus and serve an index of it."""
        _ = request
        try:
            self._indexes.build()
        except (OSError, UnicodeDecodeError) as error:
            return refused(500, f"the corpus cannot be read: {error}")
        return self._told()

    async def serve(self, request: Request) -> Response:
        name = await text_in(request, "index")
        if name is None:
            return refused(400, "the body must be an object with a text 'index'")
        try:
            self._indexes.serve(name, request.headers.get("if-match"))
        except UnknownIndexError as error:
            return refused(404, str(error))
        except MovedMeanwhileError as error:
            return refused(412, str(error), {"etag": self._indexes.etag})
        return self._told()

    async def read_one(self, request: Request) -> Response:
        """Whether an index of this name could be served: 200, or 404."""
        try:
            index = self._indexes.find(request.path_params["name"])
        except UnknownIndexError as error:
            return refused(404, str(error))
        return JSONResponse({"index": index.name, "documents": len(index.corpus.passages)})

    def _told(self) -> Response:
        told = {
            "index": self._indexes.served.name,
            "documents": len(self._indexes.served.corpus.passages),
            "kept": self._indexes.names,
        }
        return JSONResponse(told, headers={"etag": self._indexes.etag})
