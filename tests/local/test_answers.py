"""A request is run once, however often it is sent; one that takes long is asked for again."""

from __future__ import annotations

import asyncio
import json

from starlette.responses import JSONResponse, Response

from snowbuild.local.wire.answers import IN_PROGRESS, KEPT, PATH, Answers


def content(response: Response) -> object:
    return json.loads(bytes(response.body))


def test_a_request_that_is_sent_again_is_not_run_again() -> None:
    runs: list[int] = []

    async def run() -> Response:
        runs.append(1)
        await asyncio.sleep(0.01)
        return JSONResponse(len(runs))

    async def scenario() -> list[object]:
        answers = Answers()
        pair = await asyncio.gather(answers.first("r", run), answers.first("r", run))
        other = await answers.first("other", run)
        return [content(r) for r in (*pair, await answers.first("r", run), other)]

    assert asyncio.run(scenario()) == [1, 1, 1, 2]


def test_a_slow_statement_says_where_to_ask_again() -> None:
    async def scenario() -> tuple[object, object, object, int]:
        answers, done = Answers(patience_s=0.01), asyncio.Event()

        async def run() -> Response:
            await done.wait()
            return JSONResponse("done")

        first = content(await answers.first("r", run))
        second = content(await answers.later("r"))
        done.set()
        return first, second, content(await answers.later("r")), (await answers.later("s")).status_code

    first, second, third, strangers = asyncio.run(scenario())
    assert first == second
    assert first == {
        "success": True,
        "code": IN_PROGRESS,
        "message": "Query execution in progress.",
        "data": {"getResultUrl": f"{PATH}r", "queryId": "r"},
    }
    assert (third, strangers) == ("done", 404)


def test_old_answers_are_forgotten() -> None:
    async def run() -> Response:
        return JSONResponse(None)

    async def scenario() -> list[int]:
        answers = Answers()
        for number in range(KEPT + 2):
            await answers.first(str(number), run)
        return [(await answers.later(str(number))).status_code for number in (0, KEPT + 1)]

    assert asyncio.run(scenario()) == [404, 200]
