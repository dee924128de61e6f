"""Holds the sandbox's Graph and Entra against Microsoft's own Graph SDK for Python.

Reads the sandbox's description from stdin:
{"graph": base with /v1.0, "entra": base, "credentials": {"entra": {"tenant", "client_id",
"client_secret", "service_account", "refresh_tokens": {address: token}}}}

Exits non-zero with a message when something is not as the SDK expects it.
Needs: pip install msgraph-sdk azure-identity
"""

import asyncio
import json
import sys
import time
import uuid

import httpx
from azure.core.credentials import AccessToken
from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_authentication_azure.azure_identity_authentication_provider import (
    AzureIdentityAuthenticationProvider,
)
from msgraph import GraphServiceClient
from msgraph.generated.chats.chats_request_builder import ChatsRequestBuilder
from msgraph.generated.chats.item.messages.item.set_reaction.set_reaction_post_request_body import (
    SetReactionPostRequestBody,
)
from msgraph.generated.chats.item.messages.messages_request_builder import MessagesRequestBuilder
from msgraph.generated.models.aad_user_conversation_member import AadUserConversationMember
from msgraph.generated.models.body_type import BodyType
from msgraph.generated.models.chat import Chat
from msgraph.generated.models.chat_message import ChatMessage
from msgraph.generated.models.chat_message_mention import ChatMessageMention
from msgraph.generated.models.chat_message_mentioned_identity_set import (
    ChatMessageMentionedIdentitySet,
)
from msgraph.generated.models.chat_type import ChatType
from msgraph.generated.models.identity import Identity
from msgraph.generated.models.invitation import Invitation
from msgraph.generated.models.item_body import ItemBody
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.users.delta.delta_request_builder import DeltaRequestBuilder
from msgraph.generated.users.item.chats.get_all_messages.get_all_messages_request_builder import (
    GetAllMessagesRequestBuilder,
)
from msgraph.generated.users.users_request_builder import UsersRequestBuilder
from msgraph.graph_request_adapter import GraphRequestAdapter

SANDBOX = json.load(sys.stdin)
GRAPH = SANDBOX["graph"].rstrip("/")
ENTRA = SANDBOX["entra"].rstrip("/")
APP = SANDBOX["credentials"]["entra"]


def check(fact, message):
    """Ends the program where a fact does not hold."""
    if not fact:
        sys.exit(f"not as it should be: {message}")


class Credential:
    """A token credential of the Azure SDKs.

    The library's own credentials take authorities over HTTPS only, which a sandbox on loopback has
    not; so the token endpoint is called here, with the form that they send.
    """

    def __init__(self, **grant):
        self.grant = grant

    def get_token(self, *scopes, **_):
        form = {"client_id": APP["client_id"], **self.grant}
        if form["grant_type"] == "client_credentials":
            form["scope"] = "https://graph.microsoft.com/.default"
        url = f"{ENTRA}/{APP['tenant']}/oauth2/v2.0/token"
        answer = httpx.post(url, data=form, trust_env=False)
        check(answer.status_code == 200, f"the token endpoint answered {answer.text}")
        body = answer.json()
        return AccessToken(body["access_token"], int(time.time()) + body["expires_in"])


def client(credential):
    """Microsoft's client, pointed at the sandbox."""
    provider = AzureIdentityAuthenticationProvider(
        credential, scopes=["https://graph.microsoft.com/.default"], allowed_hosts=[]
    )
    adapter = GraphRequestAdapter(provider)
    adapter.base_url = GRAPH
    return GraphServiceClient(request_adapter=adapter)


def as_app():
    return client(
        Credential(grant_type="client_credentials", client_secret=APP["client_secret"])
    )


def as_person(address):
    token = APP["refresh_tokens"][address]
    return client(Credential(grant_type="refresh_token", refresh_token=token))


def options(builder, name, **values):
    return RequestConfiguration(query_parameters=getattr(builder, name)(**values))


def member(user_id):
    return AadUserConversationMember(
        odata_type="#microsoft.graph.aadUserConversationMember",
        roles=["owner"],
        additional_data={"user@odata.bind": f"{GRAPH}/users('{user_id}')"},
    )


async def refused(call, status, code):
    """The call must fail with this status and code, in a body that the SDK can read."""
    try:
        await call
    except ODataError as error:
        check(error.response_status_code == status, f"{error.response_status_code}, not {status}")
        check(error.error and error.error.code == code, f"{error.error}, not {code}")
        inner = error.error.inner_error
        check(inner and inner.request_id and inner.date, "an error without request id and date")
        return
    sys.exit(f"not as it should be: no error {status} {code}")


async def people(app):
    """Lists everyone by pages, then by delta."""
    wanted = ["id", "displayName", "mail", "userPrincipalName", "accountEnabled", "userType"]
    page = await app.users.get(
        options(UsersRequestBuilder, "UsersRequestBuilderGetQueryParameters", top=5, select=wanted)
    )
    users = list(page.value)
    pages = 1
    while page.odata_next_link:
        page = await app.users.with_url(page.odata_next_link).get()
        users += page.value
        pages += 1
    check(pages > 2, f"everyone came in {pages} pages of five")
    check(len({user.id for user in users}) == len(users), "somebody is listed twice")
    check(any(user.account_enabled is False for user in users), "nobody is deactivated")
    check(all(user.user_type == "Member" for user in users), "a stranger among the members")

    page = await app.users.delta.get(
        options(DeltaRequestBuilder, "DeltaRequestBuilderGetQueryParameters", select=["mail"])
    )
    count = len(page.value)
    while page.odata_next_link:
        page = await app.users.delta.with_url(page.odata_next_link).get()
        count += len(page.value)
    check(count == len(users), f"delta has {count} of {len(users)} users")
    page = await app.users.delta.with_url(page.odata_delta_link).get()
    check(page.value == [] and page.odata_delta_link, "an unchanged directory has changes")
    await refused(app.users.by_user_id(str(uuid.UUID(int=0))).get(), 404, "Request_ResourceNotFound")
    return {user.user_principal_name: user for user in users}


async def talk(app, known):
    """Makes chats, writes, edits, reacts, quotes and deletes as people."""
    ann, bob = as_person("ann@acme.example"), as_person("bob@acme.example")
    me = await ann.me.get()
    check(me.id == known["ann@acme.example"].id, "the token is somebody else's")
    other = known["bob@acme.example"]
    wish = Chat(chat_type=ChatType.OneOnOne, members=[member(me.id), member(other.id)])
    chat = await ann.chats.post(wish)
    check((await ann.chats.post(wish)).id == chat.id, "a second one-on-one chat of two people")
    check(chat.chat_type == ChatType.OneOnOne and chat.created_date_time, "an incomplete chat")

    messages = ann.chats.by_chat_id(chat.id).messages
    mention = ChatMessageMention(
        id=0,
        mention_text=other.display_name,
        mentioned=ChatMessageMentionedIdentitySet(user=Identity(id=other.id)),
    )
    content = f'Hi <at id="0">{other.display_name}</at><script>no()</script>'
    sent = await messages.post(
        ChatMessage(body=ItemBody(content_type=BodyType.Html, content=content), mentions=[mention])
    )
    check(sent.from_.user.id == me.id and sent.from_.application is None, "a wrong sender")
    check("script" not in sent.body.content, "a script is kept")
    check(sent.mentions[0].mentioned.user.id == other.id, "a mention of somebody else")
    for number in range(3):
        await messages.post(ChatMessage(body=ItemBody(content=str(number))))
    await refused(
        as_person("raj@acme.example").chats.by_chat_id(chat.id).messages.get(), 403, "Forbidden"
    )
    await refused(
        app.chats.by_chat_id(chat.id).messages.post(ChatMessage(body=ItemBody(content="x"))),
        403,
        "Forbidden",
    )

    one = messages.by_chat_message_id(sent.id)
    await one.patch(ChatMessage(body=ItemBody(content="edited")))
    await bob.chats.by_chat_id(chat.id).messages.by_chat_message_id(sent.id).set_reaction.post(
        SetReactionPostRequestBody(reaction_type="💘")
    )
    read = await one.get()
    check(read.body.content == "edited" and read.last_edited_date_time, "an edit is lost")
    check(read.reactions[0].user.user.id == other.id, "a reaction of somebody else")
    page = await messages.get(
        options(MessagesRequestBuilder, "MessagesRequestBuilderGetQueryParameters", top=2)
    )
    check([len(page.value), bool(page.odata_next_link)] == [2, True], "a page of two")
    rest = await messages.with_url(page.odata_next_link).get()
    check(rest.value[-1].id == sent.id, "the oldest message is not the last")
    deletion = ann.users.by_user_id(me.id).chats.by_chat_id(chat.id).messages
    await deletion.by_chat_message_id(sent.id).soft_delete.post()
    read = await one.get()
    check(read.deleted_date_time and not read.body.content, "a deleted message has a text")
    await refused(
        bob.chats.by_chat_id(chat.id)
        .messages.by_chat_message_id(rest.value[0].id)
        .patch(ChatMessage(body=ItemBody(content="not mine"))),
        403,
        "Forbidden",
    )
    return chat, sent


async def overview(app, chat, sent, known):
    """Reads chats with members, and everything of a person as the app."""
    bob = as_person("bob@acme.example")
    chats = await bob.me.chats.get(
        options(
            ChatsRequestBuilder,
            "ChatsRequestBuilderGetQueryParameters",
            expand=["members", "lastMessagePreview"],
        )
    )
    found = next(held for held in chats.value if held.id == chat.id)
    check(len(found.members) == 2 and found.last_message_preview.body, "an incomplete chat")
    check(
        all(isinstance(held, AadUserConversationMember) for held in found.members),
        "members of an unknown kind",
    )
    everything = await app.users.by_user_id(known["bob@acme.example"].id).chats.get_all_messages.get(
        options(
            GetAllMessagesRequestBuilder,
            "GetAllMessagesRequestBuilderGetQueryParameters",
            filter=f"lastModifiedDateTime gt {sent.created_date_time:%Y-%m-%dT%H:%M:%S}Z",
        )
    )
    check(any(held.id == sent.id for held in everything.value), "a message is missing")

    group = await app.chats.post(
        Chat(
            chat_type=ChatType.Group,
            topic="Three",
            members=[member(known[name].id) for name in ("ann@acme.example", "bob@acme.example")],
        )
    )
    await app.chats.by_chat_id(group.id).members.post(member(known["raj@acme.example"].id))
    members = await app.chats.by_chat_id(group.id).members.get()
    check(len(members.value) == 3, "the third member is missing")
    await app.chats.by_chat_id(group.id).members.by_conversation_member_id(
        members.value[-1].id
    ).delete()
    members = await app.chats.by_chat_id(group.id).members.get()
    check(len(members.value) == 2, "the third member is still there")
    invited = await app.invitations.post(
        Invitation(
            invited_user_email_address="lou@partner.example",
            invite_redirect_url="https://hub.example",
            send_invitation_message=False,
        )
    )
    check(invited.invited_user.id and invited.status == "PendingAcceptance", "no invited guest")


async def main():
    app = as_app()
    known = await people(app)
    chat, sent = await talk(app, known)
    await overview(app, chat, sent, known)
    print("Microsoft's Graph SDK finds everything as it should be")


asyncio.run(main())
