"""Holds the Webex stand-in against the public Python SDK.

Reads the sandbox's description (one line of JSON) on stdin. Needs `webexpythonsdk`. Exits with 1
and a message when anything is not as Webex does it.
"""

import json
import sys
import tempfile
import urllib.request

from webexpythonsdk import WebexAPI
from webexpythonsdk.exceptions import ApiError

WANDA = "wanda@acme.example"
HUGO = "hugo@acme.example"


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
    check(admin.people.me().type == "person", "the administrator is no person")
    check(admin.organizations.get(hugo.orgId).displayName == "Acme, Inc.", "another organisation")
    return hugo


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
    direct(wanda, hugo)
    webhooks(wanda)
    guests(base, secrets)
    print("webexpythonsdk: all as Webex does it")


main()
