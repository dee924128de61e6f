//! The table of calls: permissions as the permissions reference lists them, budgets as the
//! throttling page groups them. Permissions bound to one chat's installation are left out: the hub
//! is not installed in chats.

use super::{
    endpoints::{
        Endpoint,
        Needs::{self, Nothing, OneOf, Unsupported},
        Operation::{self, self as Op},
    },
    limits::Budget,
};

const READ_USERS: Needs = OneOf(&[
    "User.ReadBasic.All",
    "User.Read.All",
    "User.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
]);
const READ_ALL_USERS: Needs = OneOf(&[
    "User.Read.All",
    "User.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
]);
const READ_ME: Needs = OneOf(&[
    "User.Read",
    "User.ReadBasic.All",
    "User.Read.All",
    "User.ReadWrite",
    "User.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
]);
const READ_PHOTO: Needs = OneOf(&[
    "User.Read",
    "User.ReadBasic.All",
    "ProfilePhoto.Read.All",
    "User.Read.All",
    "User.ReadWrite",
    "User.ReadWrite.All",
]);
const REVOKE: Needs = OneOf(&[
    "User.RevokeSessions.All",
    "User.ReadWrite.All",
    "Directory.ReadWrite.All",
]);
const REVOKE_APP: Needs = OneOf(&["User.RevokeSessions.All"]);
const UPDATE_USER: Needs = OneOf(&[
    "User.ReadWrite.All",
    "User.ManageIdentities.All",
    "Directory.ReadWrite.All",
]);
const DELETE_USER: Needs = OneOf(&[
    "User.DeleteRestore.All",
    "User.ReadWrite.All",
    "Directory.ReadWrite.All",
]);
const SET_PHOTO: Needs = OneOf(&["ProfilePhoto.ReadWrite.All", "User.ReadWrite.All"]);
const INVITE: Needs = OneOf(&[
    "User.Invite.All",
    "User.ReadWrite.All",
    "Directory.ReadWrite.All",
]);
const READ_POLICY: Needs = OneOf(&["Policy.Read.All"]);
const READ_GRANTS: Needs = OneOf(&[
    "DelegatedPermissionGrant.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
]);
const LIST_CHATS: Needs = OneOf(&["Chat.ReadBasic", "Chat.Read", "Chat.ReadWrite"]);
const LIST_CHATS_APP: Needs = OneOf(&["Chat.ReadBasic.All", "Chat.Read.All", "Chat.ReadWrite.All"]);
const CREATE_CHAT: Needs = OneOf(&["Chat.Create", "Chat.ReadWrite"]);
const CREATE_CHAT_APP: Needs = OneOf(&["Chat.Create"]);
const WRITE_CHAT: Needs = OneOf(&["Chat.ReadWrite"]);
const WRITE_CHAT_APP: Needs = OneOf(&["Chat.ReadWrite.All"]);
const LIST_MEMBERS: Needs = OneOf(&[
    "Chat.ReadBasic",
    "ChatMember.ReadWrite",
    "Chat.Read",
    "Chat.ReadWrite",
    "ChatMember.Read",
]);
const LIST_MEMBERS_APP: Needs = OneOf(&[
    "ChatMember.Read.All",
    "Chat.Read.All",
    "Chat.ReadBasic.All",
    "Chat.ReadWrite.All",
    "ChatMember.ReadWrite.All",
]);
const WRITE_MEMBERS: Needs = OneOf(&["ChatMember.ReadWrite", "Chat.ReadWrite"]);
const WRITE_MEMBERS_APP: Needs = OneOf(&["ChatMember.ReadWrite.All", "Chat.ReadWrite.All"]);
const REMOVE_MEMBER: Needs = OneOf(&["ChatMember.ReadWrite"]);
const REMOVE_MEMBER_APP: Needs = OneOf(&["ChatMember.ReadWrite.All"]);
const READ_MESSAGES: Needs = OneOf(&["Chat.Read", "Chat.ReadWrite"]);
const READ_MESSAGES_APP: Needs = OneOf(&["Chat.Read.All", "Chat.ReadWrite.All"]);
const SEND: Needs = OneOf(&["ChatMessage.Send", "Chat.ReadWrite", "Group.ReadWrite.All"]);
const IMPORT: Needs = OneOf(&["Teamwork.Migrate.All"]);
const POLICY: Needs = OneOf(&["Chat.UpdatePolicyViolation.All", "Chat.ReadWrite.All"]);

const fn call(
    method: &'static str,
    template: &'static str,
    operation: Operation,
    delegated: Needs,
    application: Needs,
    budget: Budget,
) -> Endpoint {
    Endpoint {
        method,
        template,
        operation,
        delegated,
        application,
        budget,
    }
}

/// Every call. Fixed names stand before placeholders that would also fit.
#[rustfmt::skip]
pub static ENDPOINTS: &[Endpoint] = &[
    call("POST", "/$batch", Op::Batch, Nothing, Nothing, Budget::Directory),
    call("GET", "/users", Op::ListUsers, READ_USERS, READ_USERS, Budget::Directory),
    call("GET", "/users/delta", Op::UsersDelta, READ_ALL_USERS, READ_ALL_USERS, Budget::Directory),
    call("GET", "/users/{user}", Op::GetUser, READ_USERS, READ_USERS, Budget::Directory),
    call("PATCH", "/users/{user}", Op::UpdateUser, UPDATE_USER, UPDATE_USER, Budget::Directory),
    call("DELETE", "/users/{user}", Op::DeleteUser, DELETE_USER, DELETE_USER, Budget::Directory),
    call("GET", "/me", Op::GetUser, READ_ME, Unsupported, Budget::Directory),
    call("GET", "/users/{user}/photo", Op::GetPhoto, READ_PHOTO, READ_ALL_USERS, Budget::Directory),
    call("GET", "/me/photo", Op::GetPhoto, READ_PHOTO, Unsupported, Budget::Directory),
    call("GET", "/users/{user}/photo/$value", Op::GetPhotoValue, READ_PHOTO, READ_ALL_USERS, Budget::Directory),
    call("PUT", "/users/{user}/photo/$value", Op::SetPhoto, SET_PHOTO, SET_PHOTO, Budget::Directory),
    call("GET", "/users/{user}/photos/{size}/$value", Op::GetPhotoValue, READ_PHOTO, READ_ALL_USERS, Budget::Directory),
    call("GET", "/me/photo/$value", Op::GetPhotoValue, READ_PHOTO, Unsupported, Budget::Directory),
    call("GET", "/me/photos/{size}/$value", Op::GetPhotoValue, READ_PHOTO, Unsupported, Budget::Directory),
    call("POST", "/users/{user}/revokeSignInSessions", Op::RevokeSessions, REVOKE, REVOKE_APP, Budget::Directory),
    call("POST", "/me/revokeSignInSessions", Op::RevokeSessions, REVOKE, Unsupported, Budget::Directory),
    call("POST", "/invitations", Op::Invite, INVITE, INVITE, Budget::Invitations),
    call("GET", "/policies/authorizationPolicy", Op::GetAuthorizationPolicy, READ_POLICY, READ_POLICY, Budget::Directory),
    call("GET", "/oauth2PermissionGrants", Op::ListPermissionGrants, READ_GRANTS, READ_GRANTS, Budget::Directory),
    call("GET", "/chats", Op::ListChats, LIST_CHATS, Unsupported, Budget::OtherRead),
    call("GET", "/me/chats", Op::ListChats, LIST_CHATS, Unsupported, Budget::OtherRead),
    call("GET", "/users/{user}/chats", Op::ListChats, LIST_CHATS, LIST_CHATS_APP, Budget::OtherRead),
    call("GET", "/users/{user}/chats/getAllMessages", Op::GetAllMessages, Unsupported, READ_MESSAGES_APP, Budget::ExportMessages),
    call("POST", "/chats", Op::CreateChat, CREATE_CHAT, CREATE_CHAT_APP, Budget::Other),
    call("GET", "/chats/{chat}", Op::GetChat, LIST_CHATS, LIST_CHATS_APP, Budget::OtherRead),
    call("GET", "/me/chats/{chat}", Op::GetChat, LIST_CHATS, Unsupported, Budget::OtherRead),
    call("GET", "/users/{user}/chats/{chat}", Op::GetChat, LIST_CHATS, LIST_CHATS_APP, Budget::OtherRead),
    call("PATCH", "/chats/{chat}", Op::UpdateChat, WRITE_CHAT, WRITE_CHAT_APP, Budget::Other),
    call("GET", "/chats/{chat}/members", Op::ListMembers, LIST_MEMBERS, LIST_MEMBERS_APP, Budget::ReadMembers),
    call("GET", "/me/chats/{chat}/members", Op::ListMembers, LIST_MEMBERS, Unsupported, Budget::ReadMembers),
    call("GET", "/users/{user}/chats/{chat}/members", Op::ListMembers, LIST_MEMBERS, LIST_MEMBERS_APP, Budget::ReadMembers),
    call("POST", "/chats/{chat}/members", Op::AddMember, WRITE_MEMBERS, WRITE_MEMBERS_APP, Budget::Other),
    call("GET", "/chats/{chat}/members/{member}", Op::GetMember, LIST_MEMBERS, LIST_MEMBERS_APP, Budget::ReadMembers),
    call("DELETE", "/chats/{chat}/members/{member}", Op::RemoveMember, REMOVE_MEMBER, REMOVE_MEMBER_APP, Budget::Other),
    call("GET", "/chats/{chat}/messages", Op::ListMessages, READ_MESSAGES, READ_MESSAGES_APP, Budget::ReadMessages),
    call("GET", "/me/chats/{chat}/messages", Op::ListMessages, READ_MESSAGES, Unsupported, Budget::ReadMessages),
    call("GET", "/users/{user}/chats/{chat}/messages", Op::ListMessages, READ_MESSAGES, READ_MESSAGES_APP, Budget::ReadMessages),
    call("POST", "/chats/{chat}/messages", Op::SendMessage, SEND, IMPORT, Budget::SendMessage),
    call("POST", "/chats/{chat}/messages/replyWithQuote", Op::ReplyWithQuote, SEND, Unsupported, Budget::SendMessage),
    call("GET", "/chats/{chat}/messages/{message}", Op::GetMessage, READ_MESSAGES, READ_MESSAGES_APP, Budget::ReadMessages),
    call("GET", "/me/chats/{chat}/messages/{message}", Op::GetMessage, READ_MESSAGES, Unsupported, Budget::ReadMessages),
    call("GET", "/users/{user}/chats/{chat}/messages/{message}", Op::GetMessage, READ_MESSAGES, READ_MESSAGES_APP, Budget::ReadMessages),
    call("PATCH", "/chats/{chat}/messages/{message}", Op::EditMessage, WRITE_CHAT, POLICY, Budget::Other),
    call("POST", "/chats/{chat}/messages/{message}/setReaction", Op::SetReaction, SEND, Unsupported, Budget::Other),
    call("POST", "/chats/{chat}/messages/{message}/unsetReaction", Op::UnsetReaction, SEND, Unsupported, Budget::Other),
    call("POST", "/me/chats/{chat}/messages/{message}/softDelete", Op::SoftDelete, WRITE_CHAT, Unsupported, Budget::Other),
    call("POST", "/users/{user}/chats/{chat}/messages/{message}/softDelete", Op::SoftDelete, WRITE_CHAT, Unsupported, Budget::Other),
    call("POST", "/me/chats/{chat}/messages/{message}/undoSoftDelete", Op::UndoSoftDelete, WRITE_CHAT, Unsupported, Budget::Other),
    call("POST", "/users/{user}/chats/{chat}/messages/{message}/undoSoftDelete", Op::UndoSoftDelete, WRITE_CHAT, Unsupported, Budget::Other),
    call("POST", "/subscriptions", Op::CreateSubscription, Nothing, Nothing, Budget::Other),
    call("GET", "/subscriptions", Op::ListSubscriptions, Nothing, Nothing, Budget::OtherRead),
    call("GET", "/subscriptions/{subscription}", Op::GetSubscription, Nothing, Nothing, Budget::OtherRead),
    call("PATCH", "/subscriptions/{subscription}", Op::RenewSubscription, Nothing, Nothing, Budget::Other),
    call("DELETE", "/subscriptions/{subscription}", Op::DeleteSubscription, Nothing, Nothing, Budget::Other),
    call("POST", "/subscriptions/{subscription}/reauthorize", Op::Reauthorize, Nothing, Nothing, Budget::Other),
];
