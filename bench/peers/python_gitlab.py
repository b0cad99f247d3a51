"""The contestant python-gitlab."""

import gitlab
from common import Reader, run


class PythonGitlab(Reader):
    def __init__(self, url, token):
        self.gl = gitlab.Gitlab(url, private_token=token, per_page=100)
        self.graphql = (url, token)

    def users(self):
        return sum(1 for _ in self.gl.users.list(iterator=True))

    def projects(self):
        return sum(1 for _ in self.gl.projects.list(iterator=True))

    def nodes(self, document):
        client = gitlab.GraphQL(*self.graphql[:1], token=self.graphql[1])
        count, after = 0, None
        while True:
            users = client.execute(document, variable_values={"first": 100, "after": after})["users"]
            count += len(users["nodes"])
            if not users["pageInfo"]["hasNextPage"]:
                return count
            after = users["pageInfo"]["endCursor"]

    def paths(self, paths):
        return sum(1 for path in paths if self.gl.projects.get(path).id)


run(PythonGitlab)
