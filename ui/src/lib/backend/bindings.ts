// Rendered from the hub's API by crates/hub/tests/bindings.rs. Not edited by hand:
// UPDATE_BINDINGS=1 cargo test -p causeway-hub --test bindings

export type AccountId = number;

export type AccountKind = "full" | "guest" | "app" | "bot";

export type AccountView = { id: AccountId, connection: ConnectionId, platform: Platform, name: string, kind: AccountKind, active: boolean,
/**
 * Whether the hub may act as this account.
 */
authorised: boolean, };

export type ActivityEntry = { id: DeliveryId, operation: Operation, state: DeliveryState, reason: Reason | null,
/**
 * Who wrote it; none where the hub itself had something to say.
 */
author: string | null,
/**
 * For whom it is.
 */
to: string | null, from_platform: Platform | null, to_platform: Platform, rung: Rung | null, attempts: number, late: boolean,
/**
 * When it was written.
 */
written_at: Timestamp, received_at: Timestamp, sent_at: Timestamp | null, settled_at: Timestamp | null,
/**
 * Opens the message in the platform's own app.
 */
permalink: string | null, };

export type ActivityPage = { entries: Array<ActivityEntry>, next: string | null, };

/**
 * Asks someone once more to let the hub act as their account there.
 */
export type AskAgain = { person: PersonRef,
/**
 * Where; needed only where they are represented on several platforms.
 */
secondary: Platform | null, };

export type BulkReport = { paired: Array<PairingView>, failed: Array<NotPaired>, };

/**
 * Connects a Slack workspace, or renews the credentials of the one that is connected.
 */
export type ConnectSlack = {
/**
 * The Web API's base URL; Slack's own where absent.
 */
api_url: string | null, client_id: string | null, client_secret: string | null,
/**
 * `xoxb-…`
 */
bot_token: string,
/**
 * `xapp-…`, with `connections:write`.
 */
app_token: string,
/**
 * Tokens of people who have authorised the hub, by e-mail address or account id.
 */
user_tokens: { [key in string]: string }, };

/**
 * Connects a Microsoft 365 tenant, or renews the credentials of the one that is connected.
 */
export type ConnectTeams = {
/**
 * Graph's base URL with its version; Microsoft's own where absent.
 */
graph_url: string | null,
/**
 * Entra's base URL; Microsoft's own where absent.
 */
login_url: string | null,
/**
 * The tenant's id or domain.
 */
tenant: string, client_id: string, client_secret: string,
/**
 * The licensed member that speaks where nobody else can: address or object id.
 */
service_account: string, service_account_refresh_token: string,
/**
 * Refresh tokens of people who have authorised the hub, by e-mail address or object id.
 */
refresh_tokens: { [key in string]: string },
/**
 * How often chats are polled where no notifications arrive.
 */
poll_every_ms: number | null, };

export type ConnectionId = number;

/**
 * A connection as the Platforms page shows it.
 */
export type ConnectionView = { id: ConnectionId, platform: Platform, name: string, health: Health,
/**
 * The one action that would help, in words; none while it is well.
 */
action: string | null, accounts: number,
/**
 * Accounts whose owners have authorised the hub.
 */
authorised: number, };

export type ConsentState = "not_needed" | "not_asked" | "asked" | "granted" | "declined" | "revoked";

/**
 * Where the consent of an account's owner stands.
 */
export type ConsentView = { state: ConsentState,
/**
 * Since when; none where nothing was recorded.
 */
at: Timestamp | null,
/**
 * While they are asked: until when their messages wait for the answer.
 */
until: Timestamp | null,
/**
 * They were asked, and the wait was over before they answered.
 */
lapsed: boolean,
/**
 * How they were asked, or would be.
 */
how: SignInWay | null, };

/**
 * Deliveries by state. The settled ones are counted since the hub was set up.
 */
export type DeliveryCounts = { queued: number, sending: number, waiting_for_person: number, uncertain: number, delivered: number, cancelled: number, dead: number, };

export type DeliveryId = number;

/**
 * Where a delivery stands.
 */
export type DeliveryState = "queued" | "sending" | "delivered" | "waiting_for_person" | "uncertain" | "cancelled" | "dead";

/**
 * A code to be typed on the platform's own page.
 */
export type DeviceSignInView = { user_code: string, verification_uri: string, expires_at: Timestamp, };

/**
 * Takes a notice off the list. It comes back when what it is about happens again.
 */
export type DismissNotice = { notice: number, };

export type ErrorCode = "folder_locked" | "folder_unwritable" | "wrong_key" | "key_missing" | "keychain_failed" | "newer_schema" | "corrupt_database" | "disk_full" | "database_failed" | "invalid_argument" | "not_found" | "ambiguous" | "already_paired" | "not_paired" | "not_pairable" | "not_authorised" | "forbidden" | "throttled" | "unreachable" | "platform_rejected" | "listener_failed" | "hub_unavailable" | "internal";

/**
 * A span of a conversation, or of all of a connection's, of which the hub does not know what was
 * said.
 */
export type GapView = { platform: Platform,
/**
 * Whose conversation it is, by name; empty where the whole connection is meant.
 */
between: Array<string>,
/**
 * By the platform's clock.
 */
since: Timestamp, until: Timestamp,
/**
 * The code of the failure that kept the hub from reading it.
 */
code: string, at: Timestamp, };

export type GetPolicy = Record<symbol, never>;

export type GetStatus = Record<symbol, never>;

/**
 * How the hub comes by the token of a guest account.
 */
export type GuestSignIn = "administrator" | "password";

/**
 * How far a guest account that the hub made has come.
 */
export type GuestState = "wanted" | "invited" | "redeemed" | "forbidden";

/**
 * How a connection fares, since when, and what would help.
 */
export type Health = { state: HealthState, since: Timestamp,
/**
 * The last time the platform answered as it should.
 */
last_success: Timestamp | null,
/**
 * What is wrong, in words without names, addresses or texts.
 */
detail: string | null, };

export type HealthState = "connecting" | "connected" | "degraded" | "needs_authorisation" | "paused";

/**
 * What went wrong, who is affected, and the one thing to do.
 */
export type HubError = { code: ErrorCode,
/**
 * What happened, and to whom.
 */
message: string,
/**
 * Why it may have happened.
 */
hint: string | null,
/**
 * The one thing to do.
 */
action: string | null, severity: Severity,
/**
 * Finds the same event in the logs.
 */
correlation_id: string, };

/**
 * Reads the directory of one connection, or of all.
 */
export type ImportPeople = { connection: ConnectionId | null, };

export type ImportReport = { connections: Array<ImportedConnection>, };

export type ImportedConnection = { connection: ConnectionId, platform: Platform, added: number, changed: number, unchanged: number, deactivated: number, };

/**
 * Where the database's key is kept.
 */
export type KeyPlace = "keychain" | "key_file";

/**
 * Also the id of the leg's lane.
 */
export type LegId = number;

/**
 * What kind of conversation a leg is, highest first: in the first each person writes to the
 * other's own account; the others need the app.
 */
export type LegKind = "native" | "group" | "private" | "app";

export type LegState = "current" | "old" | "closed";

/**
 * A conversation that stands for this person on another platform.
 */
export type LegView = { id: LegId, platform: Platform, kind: LegKind, state: LegState,
/**
 * The person on that platform.
 */
with: string, opened: boolean, };

export type ListActivity = { state: DeliveryState | null, platform: Platform | null,
/**
 * Part of the name of someone on either side.
 */
person: string | null,
/**
 * `next` of the page before: newest come first.
 */
before: string | null,
/**
 * 50 where absent, 500 at most.
 */
limit: number | null, };

export type ListConnections = Record<symbol, never>;

/**
 * Spans that nobody heard and nobody could read back, the newest first.
 */
export type ListGaps = Record<symbol, never>;

export type ListNotices = Record<symbol, never>;

export type ListPeople = {
/**
 * Part of a name or an address.
 */
search: string | null, state: SyncState,
/**
 * `next` of the page before.
 */
after: string | null,
/**
 * 50 where absent, 500 at most.
 */
limit: number | null, };

export type ListSuggestions = {
/**
 * 50 where absent, 500 at most.
 */
limit: number | null,
/**
 * `next` of the page before.
 */
after: string | null, };

/**
 * How a person is represented on a secondary platform.
 */
export type Mode = "full" | "guest" | "app";

/**
 * Someone who was not paired, and why.
 */
export type NotPaired = { person: PersonRef, error: HubError, };

export type NoticeCode = "administrator_consent_needed" | "device_code_blocked" | "second_factor_required" | "sign_in_forbidden" | "guests_forbidden" | "guest_address_is_own" | "conversation_widened" | "prompt_undeliverable" | "loop_stopped";

export type NoticeView = { id: number, connection: ConnectionId, platform: Platform, code: NoticeCode,
/**
 * Whom it is about, by name, where it is about one person.
 */
person: string | null,
/**
 * What happened.
 */
message: string,
/**
 * The one thing to do.
 */
action: string,
/**
 * A page of the platform's where it can be done.
 */
link: string | null, at: Timestamp, };

/**
 * What is to be done on the leg.
 */
export type Operation = "open" | "post" | "edit" | "delete" | "note" | "prompt";

/**
 * Pairs several people alike, each on their own: one that fails keeps nobody else from it.
 */
export type PairPeople = { people: Array<PersonRef>, primary: Platform, secondary: Platform, wish: SecondaryWish, };

/**
 * Pairs a person's primary account with what stands for them on the other platform.
 */
export type PairPerson = { person: PersonRef,
/**
 * Where they work.
 */
primary: Platform,
/**
 * Where they are to be represented.
 */
secondary: Platform, wish: SecondaryWish, };

/**
 * What pairing one person would do.
 */
export type PairingEffect = { person: PersonRef,
/**
 * None where nobody is meant, or more than one person.
 */
name: string | null,
/**
 * None where there is a problem.
 */
mode: Mode | null,
/**
 * What happens, in a sentence; with a problem, why nothing does.
 */
words: string, problem: HubError | null,
/**
 * Whether anyone will be asked anything.
 */
asks: boolean,
/**
 * How they will be asked.
 */
how: SignInWay | null, };

export type PairingId = number;

export type PairingPreview = {
/**
 * One for each of the people, in the same order.
 */
effects: Array<PairingEffect>, summary: PreviewSummary, };

export type PairingView = { id: PairingId, person: PersonId, person_name: string, primary: Platform, secondary: Platform, mode: Mode,
/**
 * Who messages really go out as now.
 */
speaks_as: Rung, since: Timestamp, legs: Array<LegView>, consent: ConsentView,
/**
 * In mode Guest: how far the account has come.
 */
guest: GuestState | null,
/**
 * Who messages go out as now, and why, in words.
 */
plain: string,
/**
 * Their messages that wait for their answer.
 */
waiting: number, };

export type PeoplePage = {
/**
 * How many fit the search, on all pages.
 */
total: number, people: Array<PersonView>, next: string | null, };

export type PersonId = number;

/**
 * Someone by row id, or by an address or a full name that fits one person alone.
 */
export type PersonRef = { "id": PersonId } | { "named": string };

export type PersonView = { id: PersonId, name: string, email: string | null, accounts: Array<AccountView>, pairings: Array<PairingView>,
/**
 * Deliveries that wait because of this person.
 */
waiting: number, };

export type Platform = "slack" | "teams" | "webex" | "zoom";

export type PolicyView = { consent_wait_ms: number, catch_up_ms: number, };

/**
 * Says what [`PairPeople`] with the same arguments would do. Nothing is changed.
 */
export type PreviewPairing = { people: Array<PersonRef>, primary: Platform, secondary: Platform, wish: SecondaryWish, };

export type PreviewSummary = { full: number, guest: number, app: number,
/**
 * People who will be asked.
 */
asked: number,
/**
 * People who cannot be paired like this.
 */
problems: number, };

/**
 * Why a delivery is not simply delivered: a closed list of codes for people and programs.
 */
export type Reason = "throttled" | "unreachable" | "not_authorised" | "forbidden" | "gone" | "not_supported" | "rejected" | "unknown_outcome" | "unpaired" | "deleted_before" | "original_missing" | "too_old" | "by_administrator" | "awaiting_consent" | "superseded" | "not_needed" | "loop_stopped";

/**
 * Who relays.
 */
export type RelayRole = "relaying" | "idle";

/**
 * Tries a delivery again that waits, is uncertain or was given up.
 */
export type RetryDelivery = { delivery: DeliveryId, };

/**
 * Gives up what someone has granted: the hub forgets the token of their account there.
 */
export type RevokeConsent = { person: PersonRef,
/**
 * Where; needed only where they are represented on several platforms.
 */
secondary: Platform | null, };

/**
 * Who a message was actually sent as.
 */
export type Rung = "full" | "guest" | "app";

export type SecondaryWish = "full" | "guest" | "app" | "best" | { "account": AccountId };

/**
 * Changes what is given, and leaves the rest.
 */
export type SetPolicy = {
/**
 * How long messages wait for their author's consent before they go through the app, in
 * milliseconds; a year at most. Who is being waited for already is waited for as long as was
 * said then.
 */
consent_wait_ms: number | null,
/**
 * What was written longer ago than this when the hub came to read it is not carried any more,
 * in milliseconds; from an hour to a year.
 */
catch_up_ms: number | null, };

export type Severity = "failed" | "blocking";

/**
 * Begins to sign someone's guest account in, which an administrator finishes in a browser.
 */
export type SignInGuest = { person: PersonRef,
/**
 * Where; needed only where they are represented on several platforms.
 */
secondary: Platform | null, };

/**
 * How somebody is asked to sign in.
 */
export type SignInWay = "device_code" | "link";

/**
 * Gives a delivery up, so that its lane goes on.
 */
export type SkipDelivery = { delivery: DeliveryId, };

export type StatusReport = { version: string,
/**
 * The data folder.
 */
home: string, role: RelayRole, since: Timestamp, key: KeyPlace,
/**
 * The listener's address, where there is one.
 */
listener: string | null, connections: Array<ConnectionView>, deliveries: DeliveryCounts,
/**
 * People with at least one active pairing.
 */
paired_people: number,
/**
 * Moves on with every change.
 */
revision: number, };

/**
 * Someone who could be paired, and how.
 */
export type Suggestion = { person: PersonId, name: string, kind: SuggestionKind,
/**
 * All of theirs.
 */
accounts: Array<AccountView>,
/**
 * Accounts on the other platform that might be theirs too: an administrator decides.
 */
candidates: Array<AccountView>,
/**
 * Where they work, where that is plain: they have one account only.
 */
primary: Platform | null,
/**
 * Where they would be represented.
 */
secondary: Platform | null,
/**
 * How; none while it is not known who they are there.
 */
wish: SecondaryWish | null,
/**
 * Who wanted to write to them and could not.
 */
wanted: WantedView | null,
/**
 * What was found, in a sentence.
 */
words: string, };

export type SuggestionKind = "match" | "ambiguous" | "missing" | "wanted";

export type SuggestionPage = {
/**
 * How many there are on all pages.
 */
total: number,
/**
 * Those looked for most often first, then by name.
 */
suggestions: Array<Suggestion>, next: string | null, };

export type SyncState = "any" | "paired" | "unpaired";

/**
 * Milliseconds since the Unix epoch.
 */
export type Timestamp = number;

/**
 * Settles how a connected platform is used. What is not given stays as it is, and renewed
 * credentials change none of it.
 */
export type TuneConnection = { platform: Platform,
/**
 * How many times faster than ours the platform's clock runs: for stand-ins.
 */
pace: number | null,
/**
 * How the token of a guest account that was taken up is had, in the order to be tried.
 */
guest_sign_in: Array<GuestSignIn> | null,
/**
 * Passwords that the organisation holds, by the guest's e-mail address.
 */
guest_passwords: { [key in string]: string }, };

export type UnpairPerson = { person: PersonRef,
/**
 * Only from this platform; from all where absent.
 */
secondary: Platform | null,
/**
 * Whether guest accounts that the hub made for them are deleted too.
 */
remove_guest?: boolean, };

export type UnpairReport = { pairings_ended: number,
/**
 * Deliveries that were waiting and are not sent any more.
 */
deliveries_cancelled: number,
/**
 * Guest accounts that were deleted.
 */
guests_removed: number,
/**
 * Guest accounts that are still there.
 */
guests_left: number,
/**
 * Why a guest account could not be deleted; the pairing has ended all the same.
 */
guest_error: HubError | null,
/**
 * What happened, in words.
 */
words: string, };

/**
 * Waits until the revision is no longer `since`, at most `timeout_ms` (60,000 at most).
 */
export type WaitForChange = { since: number, timeout_ms: number, };

/**
 * Somebody was looked for.
 */
export type WantedView = {
/**
 * From where.
 */
platform: Platform, times: number,
/**
 * The last time.
 */
at: Timestamp, };

/** Every use case: what it takes and what it gives. */
export type Calls = {
  get_status: { args: GetStatus; reply: StatusReport };
  wait_for_change: { args: WaitForChange; reply: number };
  list_connections: { args: ListConnections; reply: Array<ConnectionView> };
  connect_slack: { args: ConnectSlack; reply: ConnectionView };
  connect_teams: { args: ConnectTeams; reply: ConnectionView };
  tune_connection: { args: TuneConnection; reply: ConnectionView };
  list_notices: { args: ListNotices; reply: Array<NoticeView> };
  dismiss_notice: { args: DismissNotice; reply: Array<NoticeView> };
  list_gaps: { args: ListGaps; reply: Array<GapView> };
  import_people: { args: ImportPeople; reply: ImportReport };
  list_people: { args: ListPeople; reply: PeoplePage };
  list_suggestions: { args: ListSuggestions; reply: SuggestionPage };
  preview_pairing: { args: PreviewPairing; reply: PairingPreview };
  pair_person: { args: PairPerson; reply: PairingView };
  pair_people: { args: PairPeople; reply: BulkReport };
  unpair_person: { args: UnpairPerson; reply: UnpairReport };
  ask_again: { args: AskAgain; reply: PairingView };
  revoke_consent: { args: RevokeConsent; reply: PairingView };
  sign_in_guest: { args: SignInGuest; reply: DeviceSignInView };
  get_policy: { args: GetPolicy; reply: PolicyView };
  set_policy: { args: SetPolicy; reply: PolicyView };
  list_activity: { args: ListActivity; reply: ActivityPage };
  retry_delivery: { args: RetryDelivery; reply: ActivityEntry };
  skip_delivery: { args: SkipDelivery; reply: ActivityEntry };
};
