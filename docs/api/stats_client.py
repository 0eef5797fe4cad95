"""统计接口示例：只用标准库。令牌由系统管理员在“接口”页发放，范围须有 stats。

    RELIEF_URL=https://… RELIEF_TOKEN=… python3 stats_client.py payouts --by office --from 2026-01

同一问题再问一次时带上 ETag，没有变化的不再传。
"""

import argparse
import json
import os
import urllib.error
import urllib.parse
import urllib.request


class Statistics:
    """A client of /api/v1/stats/: keeps the last answer of each question with its ETag."""

    def __init__(self, url: str, token: str) -> None:
        self.url, self.token = url.rstrip("/"), token
        self.known: dict[str, tuple[str, dict]] = {}

    def get(self, group: str, **asked: str) -> dict:
        """The figures of a group; raises ValueError with the reason that the system gives."""
        query = urllib.parse.urlencode({k: v for k, v in asked.items() if v})
        address = f"{self.url}/api/v1/stats/{group}/" + (f"?{query}" if query else "")
        headers = {"Authorization": f"Token {self.token}"}
        if address in self.known:
            headers["If-None-Match"] = self.known[address][0]
        try:
            with urllib.request.urlopen(urllib.request.Request(address, headers=headers)) as answer:
                found = json.load(answer)
                self.known[address] = (answer.headers["ETag"], found)
                return found
        except urllib.error.HTTPError as error:
            if error.code == 304:
                return self.known[address][1]
            problem = json.loads(error.read() or b"{}")
            raise ValueError(problem.get("detail") or f"HTTP {error.code}") from error


def main() -> None:
    """Print one group of figures."""
    parser = argparse.ArgumentParser(description="查询统计数据")
    parser.add_argument("group", help="overview deadlines payouts visits samples errors …")
    parser.add_argument("--by", default="", choices=["", "office", "programme", "month"])
    parser.add_argument("--from", dest="first", default="", help="起月，如 2026-01")
    parser.add_argument("--to", dest="last", default="", help="止月")
    parser.add_argument("--office", default="", help="镇、街道代码")
    parser.add_argument("--programme", default="")
    given = parser.parse_args()
    client = Statistics(os.environ["RELIEF_URL"], os.environ["RELIEF_TOKEN"])
    asked = {
        "by": given.by, "from": given.first, "to": given.last, "office": given.office,
        "programme": given.programme,
    }
    for row in client.get(given.group, **asked)["values"]:
        value = "（基数太小，不提供）" if row["suppressed"] else row["value"]
        print(f"{row['group_label'] or '合计'}\t{row['label']}\t{value}\t{row['unit']}")


if __name__ == "__main__":
    main()
