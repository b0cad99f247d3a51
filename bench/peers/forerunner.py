"""The Python package that glabflow follows, with its defaults, or in its safe mode when the first argument is `safe`."""

import asyncio
import sys

import glabflow
from common import Reader, run
from glabflow.api.projects import ProjectsAPI
from glabflow.api.users import UsersAPI

SAFE = sys.argv[1] == "safe"


class Forerunner(Reader):
    def __init__(self, url, token):
        self.settings = (url + "/api/v4", token)

    def users(self):
        return asyncio.run(self._count(UsersAPI))

    def projects(self):
        return asyncio.run(self._count(ProjectsAPI))

    async def _count(self, api):
        async with glabflow.Client(*self.settings, safe_mode=SAFE) as gl:
            count = 0
            async for _ in api(gl).stream():
                count += 1
            return count

    def nodes(self, document):
        async def read():
            async with glabflow.Client(*self.settings, safe_mode=SAFE) as gl:
                count = 0
                # Its own throttle stays on: one request in a tenth of a second.
                async for _ in gl.graphql.stream(document, ["users"]):
                    count += 1
                return count

        return asyncio.run(read())


run(Forerunner)
