"""Holds the Webex stand-in against the public Python SDK.

Reads the sandbox's description (one line of JSON) on stdin. Needs `webexpythonsdk`. Exits with 1
and a message when anything is not as Webex does it.
"""

import hashlib
import hmac
import json
import queue
import sys
import tempfile
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer

from webexpythonsdk import WebexAPI
from webexpythonsdk.exceptions import ApiError

WANDA = "wanda@acme.example"
HUGO = "hugo@acme.example"
FINN = "finn@acme.example"
SECRET = "a secret of the webhook's"
PATIENCE_S = 20


def check(condition, what):
    if not condition:
        raise AssertionError(what)


def refused(call, status):
    try:
        call()
    except ApiError as failure:
        check(failure.status_code == status, f"{failure.status_code}, not {status}")
        check(failure.message and failure.details["trackingId"], "an error without its shape")
        return
    raise AssertionError(f"it passed, though {status} was due")


def people(admin):
    everyone = list(admin.people.list(max=4))
    ids = [person.id for person in everyone]
    check(len(ids) == len(set(ids)) > 6, "pages overlap, or too few people came")
    (hugo,) = admin.people.list(email=HUGO)
    check(hugo.displayName == "Hugo Stern" and hugo.loginEnabled, "the wrong Hugo")
    check(admin.people.get(hugo.id).emails == [HUGO], "another person under this id")
    check([one.id for one in admin.people.list(displayName="Hugo")] == [hugo.id], "another Hugo")
    refused(lambda: admin.people.get(hugo.orgId), 404)
    check(admin.people.me().type == "person", "the administrator is no person")
    check(admin.organizations.get(hugo.orgId).displayName == "Acme, Inc.", "another organisation")
    return hugo


def rooms(wanda, hugo):
    made = [wanda.rooms.create(f"Room {number}", description="of Wanda's") for number in range(5)]
    listed = [room.id for room in wanda.rooms.list(type="group", max=2)]
    check(set(listed) >= {room.id for room in made}, "pages do not go on")
    check(len(listed) == len(set(listed)), "pages overlap")
    room = made[0]
    check(wanda.rooms.get(room.id).description == "of Wanda's", "another description")
    refused(lambda: hugo.rooms.get(room.id), 404)
    check(wanda.rooms.update(room.id, title="Renamed").title == "Renamed", "the title is as before")
    for each in made:
        wanda.rooms.delete(each.id)
    refused(lambda: wanda.rooms.get(room.id), 404)


def members(wanda, hugo):
    room = wanda.rooms.create("Members")
    made = wanda.memberships.create(roomId=room.id, personEmail=HUGO)
    wanda.memberships.create(roomId=room.id, personEmail=FINN)
    listed = list(hugo.memberships.list(roomId=room.id, max=2))
    emails = sorted(one.personEmail for one in listed)
    check(emails == sorted([FINN, HUGO, WANDA]), f"members: {emails}")
    check(hugo.memberships.get(made.id).personDisplayName == "Hugo Stern", "another member")
    said = wanda.messages.create(roomId=room.id, text="before he goes")
    check(hugo.messages.get(said.id).text == "before he goes", "Hugo does not read it")
    wanda.memberships.delete(made.id)
    refused(lambda: hugo.messages.get(said.id), 404)
    refused(lambda: hugo.messages.create(roomId=room.id, text="still here"), 404)


def threads(wanda, hugo, bot):
    room = wanda.rooms.create("Threads")
    wanda.memberships.create(roomId=room.id, personEmail=HUGO)
    wanda.memberships.create(roomId=room.id, personEmail=bot.people.me().emails[0])
    root = wanda.messages.create(roomId=room.id, text="a question")
    reply = hugo.messages.create(roomId=room.id, parentId=root.id, text="an answer")
    check(reply.parentId == root.id, "an answer to nothing")
    (found,) = wanda.messages.list(room.id, parentId=root.id)
    check(found.id == reply.id, "another answer")
    (earlier,) = wanda.messages.list(room.id, beforeMessage=reply.id)
    check(earlier.id == root.id, "it does not stop before the message")
    # A bot reads in a room with others only where it is mentioned.
    refused(lambda: list(bot.messages.list(room.id)), 403)
    me = bot.people.me().id
    named = wanda.messages.create(roomId=room.id, markdown=f"<@personId:{me}|Causeway> hello")
    (heard,) = bot.messages.list(room.id, mentionedPeople="me")
    check(heard.id == named.id, "the bot hears another message")


def talk(wanda, hugo, admin):
    room = wanda.rooms.create("Tickets")
    wanda.memberships.create(roomId=room.id, personEmail=HUGO)
    refused(lambda: wanda.memberships.create(roomId=room.id, personEmail=HUGO), 409)
    for number in range(5):
        wanda.messages.create(roomId=room.id, markdown=f"**{number}**")
    listed = list(hugo.messages.list(room.id, max=2))
    check([message.text for message in listed] == list("43210"), "pages do not go on")
    last = listed[0]
    wanda.messages.update(messageId=last.id, roomId=room.id, markdown="*four*")
    check(hugo.messages.get(last.id).html == "<p><em>four</em></p>", "the edit is not seen")
    refused(lambda: hugo.messages.delete(last.id), 403)
    wanda.messages.delete(last.id)
    refused(lambda: hugo.messages.get(last.id), 404)
    kinds = [event.type for event in admin.events.list(resource="messages", max=3)]
    check(kinds[:2] == ["deleted", "updated"] and len(kinds) == 7, f"events: {kinds}")


def direct(wanda, hugo):
    with tempfile.NamedTemporaryFile(suffix=".txt") as file:
        file.write(b"a file of Wanda's")
        file.flush()
        said = wanda.messages.create(toPersonEmail=HUGO, text="look", files=[file.name])
    (heard,) = hugo.messages.list_direct(personEmail=WANDA)
    check(heard.id == said.id and heard.roomType == "direct", "another message")
    headers = {"Authorization": f"Bearer {hugo.access_token}"}
    with urllib.request.urlopen(urllib.request.Request(heard.files[0], headers=headers)) as answer:
        check(answer.read() == b"a file of Wanda's", "another file")


def webhooks(wanda):
    made = wanda.webhooks.create("w", "http://127.0.0.1:9/told", "messages", "created")
    check([held.id for held in wanda.webhooks.list()] == [made.id], "another webhook")
    wanda.webhooks.update(made.id, name="v", targetUrl="http://127.0.0.1:9/other")
    check(wanda.webhooks.get(made.id).name == "v", "the webhook was not changed")
    wanda.webhooks.delete(made.id)
    refused(lambda: wanda.webhooks.get(made.id), 404)


def notified(wanda, hugo):
    """What a webhook tells is signed, and tells of a message without its text."""
    told, server = queue.Queue(), listen()
    server.told = told
    made = hugo.webhooks.create(
        "told", f"http://127.0.0.1:{server.server_port}/", "messages", "created", secret=SECRET
    )
    said = wanda.messages.create(toPersonEmail=HUGO, text="are you told?")
    signature, body = told.get(timeout=PATIENCE_S)
    expected = hmac.new(SECRET.encode(), body, hashlib.sha1).hexdigest()
    check(signature == expected, "signed by somebody else")
    event = json.loads(body)
    check(event["id"] == made.id and event["resource"] == "messages", "another webhook")
    check(event["data"]["id"] == said.id and "text" not in event["data"], f"it tells {event}")
    hugo.webhooks.delete(made.id)
    server.shutdown()


def listen():
    class Taken(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.server.told.put((self.headers["X-Spark-Signature"], body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Taken)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def guests(base, secrets):
    issuer = secrets["guest_issuer"]
    anyone = WebexAPI(access_token="none", base_url=base)
    tokens = anyone.access_tokens.refresh(
        issuer["client_id"], issuer["client_secret"], issuer["refresh_token"]
    )
    request = urllib.request.Request(
        base + "guests/token",
        json.dumps({"subject": "bob", "displayName": "Bob Stone"}).encode(),
        {
            "Authorization": f"Bearer {tokens.access_token}",
            "Content-Type": "application/json",
        },
    )
    with urllib.request.urlopen(request) as answer:
        made = json.load(answer)
    guest = WebexAPI(access_token=made["accessToken"], base_url=base)
    check(guest.people.me().displayName == "Bob Stone", "another guest")
    check(guest.messages.create(toPersonEmail=HUGO, text="hello").personId == made["id"], "whose")


def main():
    description = json.loads(sys.stdin.readline())
    base, secrets = description["webex"] + "/", description["credentials"]["webex"]
    client = (secrets["client_id"], secrets["client_secret"])

    def by_hand(email):
        return WebexAPI(access_token=secrets["access_tokens"][email], base_url=base)

    anyone = WebexAPI(access_token="none", base_url=base)
    refused(lambda: anyone.people.me(), 401)
    granted = anyone.access_tokens.refresh(*client, secrets["administrator_refresh_token"])
    check(granted.expires_in == 1209599, "fourteen days")
    admin = WebexAPI(access_token=granted.access_token, base_url=base)
    bot = WebexAPI(access_token=secrets["bot_token"], base_url=base)
    check(bot.people.me().emails == [secrets["bot_email"]], "another bot")
    wanda, hugo = by_hand(WANDA), by_hand(HUGO)
    people(admin)
    talk(wanda, hugo, admin)
    rooms(wanda, hugo)
    members(wanda, hugo)
    threads(wanda, hugo, bot)
    direct(wanda, hugo)
    webhooks(wanda)
    notified(wanda, hugo)
    guests(base, secrets)
    print("webexpythonsdk: all as Webex does it")


main()
