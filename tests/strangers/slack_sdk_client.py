"""Holds the Slack stand-in against the official Python client.

Reads the sandbox's description (one line of JSON) on stdin. Needs `slack_sdk`, `aiohttp` and
`websocket-client`. Exits with 1 and a message when anything is not as Slack does it.
"""

import json
import sys
import threading
import urllib.request
from concurrent.futures import ThreadPoolExecutor

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode import SocketModeClient as BuiltinSocket
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.socket_mode.websocket_client import SocketModeClient as WebsocketSocket

PATIENCE_S = 15
ANN = "ann@acme.example"
BOB = "bob@acme.example"


def check(condition, what):
    if not condition:
        raise AssertionError(what)


def refused(call, error):
    try:
        call()
    except SlackApiError as failure:
        check(failure.response["error"] == error, f"{failure.response['error']}, not {error}")
        return failure.response
    raise AssertionError(f"it passed, though {error} was due")


def control(description, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(description["control"] + path, data, headers)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def directory(bot):
    members = []
    for page in bot.users_list(limit=6):
        check(len(page["members"]) <= 6, "a page is longer than its limit")
        members.extend(page["members"])
    ids = [member["id"] for member in members]
    check(len(ids) == len(set(ids)) > 12, "pages overlap, or too few people came")
    emails = {member["profile"].get("email"): member["id"] for member in members}
    check(bot.users_lookupByEmail(email=ANN)["user"]["id"] == emails[ANN], "the wrong Ann")
    refused(lambda: bot.users_lookupByEmail(email="no@acme.example"), "users_not_found")
    check(bot.users_info(user=emails[ANN])["user"]["real_name"] == "Ann Lee", "Ann's name")
    check("channels:read" in bot.auth_test().headers["x-oauth-scopes"], "no scopes in the header")
    return emails


def messages(bot, emails):
    dm = bot.conversations_open(users=emails[ANN], return_im=True)["channel"]
    check(dm["is_im"] and dm["user"] == emails[ANN], "not Ann's DM")
    metadata = {"event_type": "causeway_relay", "event_payload": {"rid": "1"}}
    posted = bot.chat_postMessage(
        channel=dm["id"],
        text="first *bold*",
        username="Bob Stone",
        icon_url="https://example.com/b.png",
        metadata=metadata,
        blocks=[{"type": "section", "text": {"type": "mrkdwn", "text": "first *bold*"}}],
    )
    check(posted["message"]["username"] == "Bob Stone", "the name was not taken")
    check(posted["message"]["subtype"] == "bot_message", "no bot_message")
    edited = bot.chat_update(channel=dm["id"], ts=posted["ts"], text="second")
    check(edited["text"] == "second", "the edit is not in the answer")
    link = bot.chat_getPermalink(channel=dm["id"], message_ts=posted["ts"])["permalink"]
    check(posted["ts"].replace(".", "") in link, "the link names another message")
    bot.reactions_add(channel=dm["id"], timestamp=posted["ts"], name="eyes")
    refused(
        lambda: bot.reactions_add(channel=dm["id"], timestamp=posted["ts"], name="eyes"),
        "already_reacted",
    )
    found = bot.conversations_history(channel=dm["id"], include_all_metadata=True)["messages"][0]
    check(found["metadata"] == metadata, "the metadata did not come back")
    check(found["reactions"][0]["name"] == "eyes", "the reaction is not there")
    bot.chat_delete(channel=dm["id"], ts=posted["ts"])
    refused(lambda: bot.chat_delete(channel=dm["id"], ts=posted["ts"]), "message_not_found")
    refused(lambda: bot.chat_postMessage(channel="C0NOWHERE", text="x"), "channel_not_found")


def history(ann, bot, emails, description):
    for number in range(9):
        act = {"as": BOB, "on": "slack", "do": "send", "to": {"dm": ANN}, "text": f"n{number}"}
        control(description, "/act", act)
    dm = ann.conversations_open(users=[emails[BOB]])["channel"]["id"]
    texts = []
    for page in ann.conversations_history(channel=dm, limit=4):
        check(len(page["messages"]) <= 4, "a page is longer than its limit")
        texts.extend(message["text"] for message in page["messages"])
    newest = [f"n{number}" for number in reversed(range(9))]
    check(texts[:9] == newest, f"history is {texts}")
    refused(lambda: bot.conversations_history(channel=dm), "channel_not_found")
    posted = ann.chat_postMessage(channel=dm, text="as myself")
    check(posted["message"]["user"] == emails[ANN], "posted as somebody else")
    missing = refused(lambda: ann.conversations_list(types="public_channel"), "missing_scope")
    check(missing["needed"] == "channels:read", "needed is not said")


def limits(bot, emails, description):
    dm = bot.conversations_open(users=emails[BOB])["channel"]["id"]

    def post(_):
        try:
            bot.chat_postMessage(channel=dm, text="again")
        except SlackApiError as failure:
            return failure.response

    # At once: one after another they may be slower than the limit where the machine is busy.
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(post, range(100)))
    limited = next((answer for answer in answers if answer is not None), None)
    check(limited is not None, "a hundred posts at once passed")
    check(limited.status_code == 429, "not a 429")
    wait = int(limited.headers["Retry-After"])
    check(wait >= 1, "Retry-After is no wait")
    control(description, "/clock", {"advance_ms": 60_000})
    bot.chat_postMessage(channel=dm, text="after the wait")


def sockets(make, description, name):
    events, commands = [], []
    arrived, greeted = threading.Event(), threading.Event()

    def greet(_client, message, _raw):
        if message.get("type") == "hello":
            greeted.set()

    def listen(client, request: SocketModeRequest):
        if request.type == "events_api":
            client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))
            events.append(request.payload)
        elif request.type == "slash_commands":
            answer = SocketModeResponse(request.envelope_id, payload={"text": f"hello from {name}"})
            client.send_socket_mode_response(answer)
            commands.append(request.payload)
        if events and commands:
            arrived.set()

    client = make(description)
    client.message_listeners.append(greet)
    client.socket_mode_request_listeners.append(listen)
    client.connect()
    try:
        check(greeted.wait(PATIENCE_S), f"{name}: no hello")
        typed = {"as": ANN, "on": "slack", "do": "app_message", "text": f"- one *{name}*"}
        control(description, "/act", typed)
        command = {"as": ANN, "on": "slack", "do": "command", "text": "/causeway Bob"}
        control(description, "/act", command)
        check(arrived.wait(PATIENCE_S), f"{name}: the event or the command never came")
    finally:
        client.close()
    event = events[0]["event"]
    check(event["channel_type"] == "im", f"{name}: not a DM")
    check(event["text"] == f"• one *{name}*", f"{name}: the text is {event['text']}")
    check(event["blocks"][0]["elements"][0]["type"] == "rich_text_list", f"{name}: no list")
    check(commands[0]["command"] == "/causeway", f"{name}: not our command")


def socket_of(cls):
    def make(description):
        slack = description["credentials"]["slack"]
        web = WebClient(token=slack["bot_token"], base_url=description["slack"])
        return cls(app_token=slack["app_token"], web_client=web)

    return make


def main():
    description = json.loads(sys.stdin.readline())
    slack = description["credentials"]["slack"]
    bot = WebClient(token=slack["bot_token"], base_url=description["slack"])
    ann = WebClient(token=slack["user_tokens"][ANN], base_url=description["slack"])
    emails = directory(bot)
    sockets(socket_of(BuiltinSocket), description, "builtin")
    sockets(socket_of(WebsocketSocket), description, "websocket-client")
    messages(bot, emails)
    history(ann, bot, emails, description)
    limits(bot, emails, description)
    answers = [
        message["text"]
        for conversation in control(description, f"/view?as={ANN}&on=slack")["conversations"]
        for message in conversation["messages"]
        if message.get("ephemeral")
    ]
    check("hello from builtin" in answers, f"the answer to the command is not shown: {answers}")
    print("slack_sdk: all as Slack does it")


try:
    main()
except (AssertionError, SlackApiError) as failure:
    sys.exit(f"slack_sdk: {failure}")
