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

/**
 * Deliveries by state. The settled ones are counted since the hub was set up.
 */
export type DeliveryCounts = { queued: number, sending: number, waiting_for_person: number, uncertain: number, delivered: number, cancelled: number, dead: number, };

export type DeliveryId = number;

/**
 * Where a delivery stands.
 */
export type DeliveryState = "queued" | "sending" | "delivered" | "waiting_for_person" | "uncertain" | "cancelled" | "dead";

export type ErrorCode = "folder_locked" | "folder_unwritable" | "wrong_key" | "key_missing" | "keychain_failed" | "newer_schema" | "corrupt_database" | "disk_full" | "database_failed" | "invalid_argument" | "not_found" | "ambiguous" | "already_paired" | "not_paired" | "not_pairable" | "not_authorised" | "forbidden" | "throttled" | "unreachable" | "platform_rejected" | "listener_failed" | "hub_unavailable" | "internal";

export type GetStatus = Record<symbol, never>;

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

/**
 * How a person is represented on a secondary platform.
 */
export type Mode = "full" | "guest" | "app";

/**
 * What is to be done on the leg.
 */
export type Operation = "open" | "post" | "edit" | "delete" | "note";

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

export type PairingId = number;

export type PairingView = { id: PairingId, person: PersonId, person_name: string, primary: Platform, secondary: Platform, mode: Mode,
/**
 * Who messages really go out as now.
 */
speaks_as: Rung, since: Timestamp, legs: Array<LegView>, };

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

/**
 * Why a delivery is not simply delivered: a closed list of codes for people and programs.
 */
export type Reason = "throttled" | "unreachable" | "not_authorised" | "forbidden" | "gone" | "not_supported" | "rejected" | "unknown_outcome" | "unpaired" | "deleted_before" | "original_missing" | "too_old" | "by_administrator";

/**
 * Who relays.
 */
export type RelayRole = "relaying" | "idle";

/**
 * Tries a delivery again that waits, is uncertain or was given up.
 */
export type RetryDelivery = { delivery: DeliveryId, };

/**
 * Who a message was actually sent as.
 */
export type Rung = "full" | "guest" | "app";

export type SecondaryWish = "full" | "app" | "best";

export type Severity = "failed" | "blocking";

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

export type SyncState = "any" | "paired" | "unpaired";

/**
 * Milliseconds since the Unix epoch.
 */
export type Timestamp = number;

export type UnpairPerson = { person: PersonRef,
/**
 * Only from this platform; from all where absent.
 */
secondary: Platform | null, };

export type UnpairReport = { pairings_ended: number,
/**
 * Deliveries that were waiting and are not sent any more.
 */
deliveries_cancelled: number, };

/**
 * Waits until the revision is no longer `since`, at most `timeout_ms` (60,000 at most).
 */
export type WaitForChange = { since: number, timeout_ms: number, };

/** Every use case: what it takes and what it gives. */
export type Calls = {
  get_status: { args: GetStatus; reply: StatusReport };
  wait_for_change: { args: WaitForChange; reply: number };
  list_connections: { args: ListConnections; reply: Array<ConnectionView> };
  connect_slack: { args: ConnectSlack; reply: ConnectionView };
  connect_teams: { args: ConnectTeams; reply: ConnectionView };
  import_people: { args: ImportPeople; reply: ImportReport };
  list_people: { args: ListPeople; reply: PeoplePage };
  pair_person: { args: PairPerson; reply: PairingView };
  unpair_person: { args: UnpairPerson; reply: UnpairReport };
  list_activity: { args: ListActivity; reply: ActivityPage };
  retry_delivery: { args: RetryDelivery; reply: ActivityEntry };
  skip_delivery: { args: SkipDelivery; reply: ActivityEntry };
};
