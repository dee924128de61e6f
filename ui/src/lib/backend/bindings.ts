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

/**
 * Which deliveries are meant; all conditions together.
 */
export type ActivityFilter = { state: DeliveryState | null, reason: Reason | null, platform: Platform | null,
/**
 * Someone on either side, by part of their name.
 */
person: string | null,
/**
 * Someone on either side.
 */
of: PersonId | null, };

export type ActivityPage = { entries: Array<ActivityEntry>, next: string | null, };

/**
 * What calling the public address gave.
 */
export type AddressCheck = { reached: boolean,
/**
 * What was found, and the one thing to do where it was not reached.
 */
words: string, };

/**
 * Who said where to listen.
 */
export type AddressFrom = "command_line" | "settings";

export type AddressInUse = { listen: string, public_url: string | null, from: AddressFrom, };

export type AddressView = {
/**
 * As it is stored for the next start.
 */
listen: string | null, public_url: string | null,
/**
 * As this relay uses it now; none where it does not listen.
 */
in_use: AddressInUse | null,
/**
 * Whether what is stored differs from what is in use, and waits for the next start.
 */
waits_for_start: boolean,
/**
 * Why what is stored could not be used at this start, in words.
 */
problem: string | null,
/**
 * What an administrator has to paste into platforms' consoles.
 */
request_urls: Array<RequestUrl>, };

/**
 * Since when a suggestion is not shown.
 */
export type AsideView = { at: Timestamp,
/**
 * When it comes back; none where it was ignored for good.
 */
until: Timestamp | null, };

/**
 * Asks someone once more to let the hub act as their account there.
 */
export type AskAgain = { person: PersonRef,
/**
 * Where; needed only where they are represented on several platforms.
 */
secondary: Platform | null, };

/**
 * Somebody who has been asked for their consent and has not answered.
 */
export type AwaitedConsent = { person: PersonId, name: string,
/**
 * Where they are to authorise the hub.
 */
platform: Platform, connection: ConnectionId, deliveries: number,
/**
 * From then on what waits goes out through the app.
 */
until: Timestamp | null, };

/**
 * Makes one file of the database as it is now and, wrapped under a passphrase, its key.
 */
export type Backup = {
/**
 * Where it goes: a whole path, on the machine of the hub.
 */
file: string,
/**
 * Twelve letters at least.
 */
passphrase: string,
/**
 * Whether a file that is there may be replaced.
 */
overwrite: boolean, };

export type BackupReport = { file: string, bytes: number, made_at: Timestamp,
/**
 * Of the Causeway that made it.
 */
version: string, };

/**
 * Begins a sign-in, for the app that will be connected.
 */
export type BeginServiceSignIn = { app: SignInApp,
/**
 * Who is to sign in, by address or id; any member of the organisation where absent.
 */
service_account: string | null, way: ServiceSignInWay,
/**
 * How many times faster than ours the platform's clock runs: for stand-ins.
 */
pace: number | null, };

/**
 * Begins to install the organisation's own Slack app: the browser goes to Slack, comes back to the
 * hub's public address, and the workspace is connected. Events come to that address too.
 */
export type BeginSlackInstall = {
/**
 * The Web API's base URL; Slack's own where absent.
 */
api_url: string | null, client_id: string, client_secret: string, signing_secret: string, };

export type BroughtBack = { "code": string } | { "error": { error: string, description: string | null, } };

/**
 * One published limit: so many calls in a span of the platform's time.
 */
export type Budget = { spent_on: Spending, shared_by: SharedBy, calls: number, per_ms: number,
/**
 * How many of them may come at once.
 */
burst: number, };

export type BulkPreview = { people: number, summary: PreviewSummary,
/**
 * The first 200: those with a problem before the others.
 */
effects: Array<PairingEffect>, };

export type BulkReport = { paired: Array<PairingView>, failed: Array<NotPaired>, };

/**
 * Forgets a sign-in, and whoever has signed in with it.
 */
export type CancelServiceSignIn = { id: ServiceSignInId, };

/**
 * What the hub can do on one platform: as it is connected, else at most.
 */
export type CapabilityView = { platform: Platform,
/**
 * How far what people do there is carried.
 */
carried: Array<Carried>,
/**
 * The conversations that a leg can be, best first, and what each needs to be heard.
 */
legs: Array<LegAbility>,
/**
 * How the app shows whom it speaks for.
 */
app_name: NameShown,
/**
 * What lets the hub speak as somebody's own account.
 */
speaks_by: SpeaksBy,
/**
 * Whether the hub can make guest accounts there.
 */
guests: boolean,
/**
 * What is peculiar to guests there, in a sentence.
 */
guest_note: string | null,
/**
 * Whether what was sent can be recognised for certain after a crash.
 */
marker: boolean,
/**
 * Whether a consent request has buttons, or is answered with a word.
 */
buttons: boolean,
/**
 * How often the platform may be called.
 */
limits: Array<Budget>, };

/**
 * One thing that people do, and how far it is carried.
 */
export type Carried = { doing: Doing, grade: Grade, };

/**
 * The certificate to be uploaded.
 */
export type CertificateView = {
/**
 * X.509 in PEM, the public half alone.
 */
pem: string,
/**
 * SHA-1 in capitals, as the console shows it.
 */
thumbprint: string, not_after: Timestamp, };

/**
 * Represents someone who is paired in another way on the same platform. What waits because of the
 * pairing as it was is not sent any more.
 */
export type ChangeMode = { person: PersonRef, secondary: Platform, wish: SecondaryWish, };

/**
 * Calls the public address and sees whether the hub answers.
 */
export type CheckAddress = Record<symbol, never>;

/**
 * What is checked. A closed list: each has words of its own wherever it is shown.
 */
export type CheckCode = "reachable" | "clock_skew" | "credentials" | "app_permission" | "person_permission" | "service_permission" | "socket" | "reading" | "writing" | "service_sign_in" | "service_member" | "service_licence" | "protected_reading" | "guest_invitations" | "people_consent" | "sign_in_codes" | "public_address" | "live_events" | "visibility" | "sign_ins" | "secret_expiry" | "certificate_expiry" | "own_sign_in_expiry" | "people_sign_in_expiry";

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
 * `xapp-…`, with `connections:write`: events come by Socket Mode.
 */
app_token: string | null,
/**
 * With it and a public address, an app token is not needed: Slack sends events to the hub.
 */
signing_secret: string | null,
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
tenant: string, client_id: string,
/**
 * The client secret's value; absent where the app proves itself by a certificate.
 */
client_secret: string,
/**
 * When the client secret ends, as the console shows it: the hub warns in time.
 */
client_secret_ends: Timestamp | null,
/**
 * Prove the app by the certificate that was made last, instead of a secret.
 */
certificate: boolean,
/**
 * The licensed member that speaks where nobody else can: address or object id; whoever has
 * signed in where absent.
 */
service_account: string | null,
/**
 * How the hub comes to speak as that member: a sign-in that has succeeded, or their refresh
 * token. One of the two.
 */
service_sign_in: ServiceSignInId | null, service_account_refresh_token: string | null,
/**
 * Refresh tokens of people who have authorised the hub, by e-mail address or object id.
 */
refresh_tokens: { [key in string]: string },
/**
 * How often chats are polled where no notifications arrive.
 */
poll_every_ms: number | null, };

/**
 * Connects a Webex organisation, or renews the credentials of the one that is connected.
 */
export type ConnectWebex = {
/**
 * The API's base URL; Webex's own where absent.
 */
api_url: string | null,
/**
 * The organisation's own integration.
 */
client_id: string, client_secret: string,
/**
 * The access token of the organisation's own bot.
 */
bot_token: string,
/**
 * How the hub comes to read as an administrator who is compliance officer too: a sign-in that
 * has succeeded, or their refresh token for the integration. One of the two.
 */
administrator_sign_in: ServiceSignInId | null, administrator_refresh_token: string | null,
/**
 * The Service App that makes guests; without it there are none.
 */
guest_issuer: WebexGuestIssuer | null,
/**
 * Refresh tokens of people who have authorised the integration, by e-mail address or id.
 */
refresh_tokens: { [key in string]: string },
/**
 * How often events are asked for.
 */
poll_every_ms: number | null,
/**
 * Hear by the sockets of the bot and of everybody whose token is held, instead of the
 * organisation's events: the administrator need not be compliance officer then.
 */
hear_by_sockets: boolean, };

/**
 * Connects a Zoom account, or renews the credentials of the one that is connected.
 */
export type ConnectZoom = {
/**
 * The API's base URL; Zoom's own where absent.
 */
api_url: string | null,
/**
 * The base URL of authorisation; Zoom's own where absent.
 */
oauth_url: string | null,
/**
 * Where the WebSocket is opened; as Zoom's page shows it, which depends on the region.
 */
socket_url: string | null, account_id: string,
/**
 * The account's own Server-to-Server OAuth app.
 */
client_id: string, client_secret: string,
/**
 * Of the event subscription by WebSocket.
 */
subscription_id: string | null,
/**
 * With it and a public address, a subscription by WebSocket is not needed.
 */
secret_token: string | null,
/**
 * The member through whom the hub itself speaks: address or id.
 */
service_user: string,
/**
 * The chatbot that speaks for people who have no account; the member does without it.
 */
chatbot: ZoomChatbot | null,
/**
 * The app that each person authorises for their own account, by a link to the public address.
 * Without it the Server-to-Server app acts as members by its role, and nobody is asked.
 */
user_app: ZoomUserApp | null, };

export type ConnectionId = number;

/**
 * A connection as the Platforms page shows it.
 */
export type ConnectionView = { id: ConnectionId, platform: Platform, name: string, health: Health,
/**
 * Since when nothing is sent there, because an administrator has paused it.
 */
paused_since: Timestamp | null,
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
 * Counts everyone who fits, in each view.
 */
export type CountPeople = {
/**
 * Its own view makes no difference.
 */
filter: PeopleFilter, };

/**
 * Sets a suggestion aside, or takes it up again.
 */
export type DecideSuggestion = { person: PersonId, decision: SuggestionDecision, };

/**
 * What was decided about somebody.
 */
export type DecidedSuggestion = { person: PersonId, name: string,
/**
 * None where it is shown.
 */
aside: AsideView | null, };

/**
 * Deliveries by state. The settled ones are counted since the hub was set up.
 */
export type DeliveryCounts = { queued: number, sending: number, waiting_for_person: number, uncertain: number, delivered: number, cancelled: number, dead: number, };

export type DeliveryDetails = { entry: ActivityEntry,
/**
 * What happened to it, in order; what is still to come is left out.
 */
timeline: Array<DeliveryStep>,
/**
 * Why it cannot be tried again now; it can where this is absent.
 */
cannot_retry: string | null,
/**
 * Why it cannot be given up now; it can where this is absent.
 */
cannot_skip: string | null, };

export type DeliveryId = number;

/**
 * Where a delivery stands.
 */
export type DeliveryState = "queued" | "sending" | "delivered" | "waiting_for_person" | "uncertain" | "cancelled" | "dead";

/**
 * Something that happened to a delivery, or that it waits for.
 */
export type DeliveryStep = { step: StepKind,
/**
 * When; none for what it waits for now.
 */
at: Timestamp | null,
/**
 * What happened, in a sentence.
 */
words: string, };

/**
 * A code to be typed on the platform's own page.
 */
export type DeviceSignInView = { user_code: string, verification_uri: string, expires_at: Timestamp, };

/**
 * Ends a connection: its credentials and people's tokens are forgotten, its pairings end, what
 * waits because of them is not sent any more. The ledger stays.
 */
export type Disconnect = { platform: Platform, };

/**
 * What ends with a connection.
 */
export type DisconnectEffect = { platform: Platform,
/**
 * The platform's own name of the workspace or tenant.
 */
name: string, pairings: number,
/**
 * The people of those pairings.
 */
people: number,
/**
 * Deliveries that have not been sent, and will not be.
 */
unsent: number,
/**
 * Guest accounts that the hub has made, which stay there.
 */
guests: number,
/**
 * People whose tokens are forgotten.
 */
authorised: number,
/**
 * The same in sentences.
 */
words: Array<string>, };

/**
 * Takes a notice off the list. It comes back when what it is about happens again.
 */
export type DismissNotice = { notice: number, };

/**
 * Something that people do in a conversation.
 */
export type Doing = "messages" | "formatting" | "edits" | "deletions" | "files" | "threads" | "reactions" | "channels";

export type ErrorCode = "folder_locked" | "folder_unwritable" | "wrong_key" | "key_missing" | "keychain_failed" | "newer_schema" | "corrupt_database" | "disk_full" | "database_failed" | "folder_not_empty" | "backup_exists" | "backup_unwritable" | "backup_unreadable" | "backup_damaged" | "backup_newer" | "wrong_passphrase" | "invalid_argument" | "not_found" | "ambiguous" | "already_paired" | "not_paired" | "not_pairable" | "not_authorised" | "forbidden" | "throttled" | "unreachable" | "platform_rejected" | "wrong_organisation" | "wrong_account" | "declined" | "expired" | "listener_failed" | "hub_unavailable" | "internal";

/**
 * A platform's id of one of its accounts.
 */
export type ExternalAccount = string;

export type FindingView = { code: CheckCode,
/**
 * Which permission, where it is about one.
 */
subject: string | null,
/**
 * The platform's own code, or how much.
 */
detail: string | null, weight: Weight,
/**
 * What was found.
 */
message: string,
/**
 * What does not work because of it.
 */
stops: string,
/**
 * Where it is changed, in the words of the platform's console.
 */
action: string,
/**
 * The page of that console.
 */
link: string | null, };

/**
 * What a browser brought back by `causeway://callback`.
 */
export type FinishServiceSignIn = { state: string, answer: BroughtBack, };

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

export type GetAddress = Record<symbol, never>;

/**
 * Shows everything that is known of one delivery. Never what it says.
 */
export type GetDelivery = { delivery: DeliveryId, };

export type GetJob = { job: JobId, };

/**
 * What does not go on without a person.
 */
export type GetNeeds = Record<symbol, never>;

/**
 * Shows everything that is known of one person.
 */
export type GetPerson = { person: PersonId, };

export type GetPolicy = Record<symbol, never>;

/**
 * What the last checks found, without calling anybody.
 */
export type GetPreflight = Record<symbol, never>;

/**
 * Whether this hub was made from a backup, and what that still asks for.
 */
export type GetRestore = Record<symbol, never>;

export type GetServiceSignIn = { id: ServiceSignInId, };

/**
 * The manifest from which the organisation makes its own Slack app.
 */
export type GetSlackManifest = Record<symbol, never>;

/**
 * What was delivered lately, how long it took, and what waits.
 */
export type GetStats = { span: StatsSpan, };

export type GetStatus = Record<symbol, never>;

/**
 * How far it is carried from one platform to another.
 */
export type Grade = "carried" | { "limited": Limit } | "as_link" | "named" | "flattened" | "not_carried";

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
 * Someone for whom it did not work.
 */
export type JobFailure = { person: PersonId, name: string, error: HubError, };

/**
 * Of this process; a restart forgets what has ended.
 */
export type JobId = number;

export type JobKind = "import" | "pair" | "unpair" | "export";

export type JobState = "running" | "stopping" | "stopped" | "finished" | "failed";

export type JobView = { id: JobId, kind: JobKind, state: JobState, started_at: Timestamp, ended_at: Timestamp | null,
/**
 * How many were gone through, whatever became of them.
 */
done: number,
/**
 * How many there are to go through, where that is known.
 */
total: number | null,
/**
 * How many of those gone through it did not work for.
 */
failed: number,
/**
 * The first 500 of these.
 */
failures: Array<JobFailure>,
/**
 * What was done so far, in a sentence or two.
 */
words: string,
/**
 * Why it could not go on.
 */
error: HubError | null, };

/**
 * Where the database's key is kept.
 */
export type KeyPlace = "keychain" | "key_file";

/**
 * One kind of conversation, and what it needs to be heard and written in both directions.
 */
export type LegAbility = { kind: LegKind, needs: LegNeed, };

/**
 * Also the id of the leg's lane.
 */
export type LegId = number;

/**
 * What kind of conversation a leg is, highest first: in the first each person writes to the
 * other's own account; the others need the app.
 */
export type LegKind = "native" | "group" | "private" | "app";

export type LegNeed = "token_of_stand_in" | "account_of_stand_in" | "app_alone";

export type LegState = "current" | "old" | "closed";

/**
 * A conversation on one platform that belongs to a link of theirs.
 */
export type LegView = { id: LegId, platform: Platform, kind: LegKind, state: LegState,
/**
 * The other one of the two.
 */
with: string, opened: boolean,
/**
 * What is carried there, in a sentence.
 */
hears: string,
/**
 * What the hub cannot hear, in a sentence; none where it hears all there is.
 */
deaf: string | null,
/**
 * What would change that.
 */
remedy: string | null, };

/**
 * What a platform does not let the hub do with what it has carried there.
 */
export type Limit = { "edits_a_message": number } | "edits_lose_formatting";

export type ListActivity = { filter: ActivityFilter,
/**
 * `next` of the page before: newest come first.
 */
before: string | null,
/**
 * 50 where absent, 500 at most.
 */
limit: number | null, };

export type ListCapabilities = Record<symbol, never>;

export type ListConnections = Record<symbol, never>;

/**
 * Spans that nobody heard and nobody could read back, the newest first.
 */
export type ListGaps = Record<symbol, never>;

/**
 * What goes on, and the last twenty that have ended; the newest first.
 */
export type ListJobs = Record<symbol, never>;

export type ListNotices = Record<symbol, never>;

export type ListPeople = { filter: PeopleFilter,
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
after: string | null,
/**
 * Only those that are set aside, all on one page.
 */
aside?: boolean, };

/**
 * Makes a key and a certificate with which the app will prove itself to Microsoft Entra. The
 * private key stays in the encrypted store; what was made before and not used is thrown away.
 */
export type MakeCertificate = Record<symbol, never>;

/**
 * How a person is represented on a secondary platform.
 */
export type Mode = "full" | "guest" | "app";

export type NameShown = "over_the_post" | "in_the_text";

/**
 * What does not go on without a person, by what it is.
 */
export type NeedsReport = {
/**
 * Connections that do not get well by themselves.
 */
connections: Array<ConnectionView>,
/**
 * Oldest first.
 */
notices: Array<NoticeView>,
/**
 * Deliveries of which nobody can tell whether they arrived.
 */
uncertain: number,
/**
 * Deliveries that wait for somebody, other than for a consent.
 */
stuck: number,
/**
 * Whose consent most is waiting for; ten at most.
 */
consents: Array<AwaitedConsent>,
/**
 * People whom somebody has looked for in vain; ten at most.
 */
wanted: Array<WantedPerson>, };

/**
 * Someone who was not paired, and why.
 */
export type NotPaired = { person: PersonRef, error: HubError, };

export type NoticeCode = "administrator_consent_needed" | "device_code_blocked" | "second_factor_required" | "sign_in_forbidden" | "guests_forbidden" | "guest_address_is_own" | "conversation_widened" | "prompt_undeliverable" | "loop_stopped" | "preflight_findings" | "credential_ends" | "restored_from_backup";

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
speaks_as: Rung, since: Timestamp, consent: ConsentView,
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

export type PassedView = { code: CheckCode, subject: string | null, message: string, };

export type PeopleCounts = { any: number, paired: number, unpaired: number, needs_attention: number, waiting_for_consent: number,
/**
 * People who could be paired and are not set aside, whatever the filter.
 */
suggestions: number, };

/**
 * Who is meant, out of everyone; all conditions together.
 */
export type PeopleFilter = {
/**
 * Part of a name or an address.
 */
search: string | null, view: PeopleView,
/**
 * Paired as someone who works there.
 */
primary: Platform | null,
/**
 * Represented there.
 */
secondary: Platform | null,
/**
 * Paired in this mode.
 */
mode: Mode | null, };

export type PeoplePage = { people: Array<PersonView>, next: string | null, };

/**
 * The views of people that are worth keeping.
 */
export type PeopleView = "any" | "paired" | "unpaired" | "needs_attention" | "waiting_for_consent";

export type PersonDetails = { person: PersonView,
/**
 * Their conversations across platforms: those in use first, then by the other's name.
 */
legs: Array<LegView>,
/**
 * How many more there are than are given.
 */
legs_left_out: number,
/**
 * What was found that an administrator should know of.
 */
notices: Array<string>, };

export type PersonId = number;

/**
 * Why someone needs an administrator.
 */
export type PersonNeed = "stuck" | "authorisation_lost" | "account_off" | "primary_off" | "guest_forbidden" | "noticed";

/**
 * Someone by row id, or by an address or a full name that fits one person alone.
 */
export type PersonRef = { "id": PersonId } | { "named": string };

export type PersonView = { id: PersonId, name: string, email: string | null, accounts: Array<AccountView>, pairings: Array<PairingView>,
/**
 * Messages of theirs that wait.
 */
waiting: number,
/**
 * What does not go on without an administrator, most urgent first.
 */
needs: Array<PersonNeed>, };

export type Platform = "slack" | "teams" | "webex" | "zoom";

export type PolicyView = { consent_wait_ms: number, catch_up_ms: number, relay_unpaired: boolean, ledger_kept_ms: number, };

/**
 * What a check of one connection came to.
 */
export type PreflightReport = { connection: ConnectionId, platform: Platform,
/**
 * The platform's own name of the workspace or tenant.
 */
name: string, at: Timestamp,
/**
 * Whether nothing was found that keeps anything from working.
 */
ok: boolean,
/**
 * The most serious first.
 */
findings: Array<FindingView>,
/**
 * What could not be found out.
 */
unknown: Array<UnknownView>,
/**
 * What is as it should be.
 */
passed: Array<PassedView>, };

/**
 * Says what [`StartPairing`] with the same arguments would do. Nothing is changed.
 */
export type PreviewBulk = { who: Selection, primary: Platform, secondary: Platform, wish: SecondaryWish, };

/**
 * Says what disconnecting would do, and does nothing.
 */
export type PreviewDisconnect = { platform: Platform, };

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
 * Says what [`StartUnpairing`] would do. Nothing is changed.
 */
export type PreviewUnpairing = { who: Selection,
/**
 * Only from this platform; from all where absent.
 */
secondary: Platform | null, };

/**
 * Why a delivery is not simply delivered: a closed list of codes for people and programs.
 */
export type Reason = "throttled" | "unreachable" | "not_authorised" | "forbidden" | "gone" | "not_supported" | "rejected" | "unknown_outcome" | "unpaired" | "deleted_before" | "original_missing" | "too_old" | "by_administrator" | "awaiting_consent" | "superseded" | "not_needed" | "loop_stopped";

/**
 * Who relays.
 */
export type RelayRole = "relaying" | "idle";

/**
 * An address of the hub that a platform has to be told.
 */
export type RequestUrl = { platform: Platform,
/**
 * The page of the platform's console that asks for it.
 */
page: string, url: string, };

export type Resolution = "arrived" | "send_again";

/**
 * What an administrator has found out about a delivery of uncertain outcome.
 */
export type ResolveDelivery = { delivery: DeliveryId, resolution: Resolution, };

export type RestoreStatus = {
/**
 * None where this hub never was a backup.
 */
restored: RestoredView | null,
/**
 * Those that must be connected again: their credentials were refused.
 */
connections: Array<ConnectionView>,
/**
 * Those whose own account was refused since, by connection and name: they must sign in again.
 */
people: Array<SignInAgain>, };

/**
 * The newest restore.
 */
export type RestoredView = { made_at: Timestamp, restored_at: Timestamp,
/**
 * None while it still waits to be allowed to send.
 */
resumed_at: Timestamp | null, };

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
 * Checks one connection, or all of them, now. Nothing is posted, made or changed.
 */
export type RunPreflight = { platform: Platform | null, };

/**
 * Who a message was actually sent as.
 */
export type Rung = "full" | "guest" | "app";

export type SecondaryWish = "full" | "guest" | "app" | "best" | { "account": AccountId };

/**
 * Whom something is done to.
 */
export type Selection = { "people": Array<PersonId> } | { "matching": PeopleFilter };

/**
 * One sign-in. It is known to the process that began it alone.
 */
export type ServiceSignInId = string;

export type ServiceSignInState = { "kind": "waiting",
/**
 * What is typed, where somebody signs in with a code.
 */
user_code: string | null,
/**
 * Where it is typed.
 */
verification_uri: string | null,
/**
 * The page that a browser on this machine is to open.
 */
authorize_url: string | null, expires_at: Timestamp, } | { "kind": "signed_in", account: ExternalAccount, name: string, address: string | null,
/**
 * What the administrator should put right in the app registration, although it worked.
 */
note: string | null,
/**
 * Until when it can be connected.
 */
expires_at: Timestamp, } | { "kind": "failed", error: HubError, } | { "kind": "cancelled" };

export type ServiceSignInView = { id: ServiceSignInId, way: ServiceSignInWay, state: ServiceSignInState, };

/**
 * How somebody signs in.
 */
export type ServiceSignInWay = "device" | "browser" | "desktop";

/**
 * Settles where the hub listens and how it is reached, from its next start on, where the command
 * line does not say otherwise. What is absent is forgotten.
 */
export type SetAddress = {
/**
 * Where the hub serves notifications and its consent page, as `127.0.0.1:8420`.
 */
listen: string | null,
/**
 * The URL under which that is reached from outside; only where it listens.
 */
public_url: string | null, };

/**
 * Stops sending, or sends again. While paused everything is still heard and kept, in its order;
 * what is being sent at that moment ends.
 */
export type SetPaused = {
/**
 * Only what is sent to this platform; the whole relay where absent.
 */
platform: Platform | null, paused: boolean, };

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
catch_up_ms: number | null,
/**
 * Whether someone who is not paired is relayed through the app, with their name, when they
 * write to a paired person's account.
 */
relay_unpaired: boolean | null,
/**
 * How long the record of what was delivered is kept, in milliseconds; from a day to ten years.
 */
ledger_kept_ms: number | null, };

export type Severity = "failed" | "blocking";

/**
 * Which calls a limit counts together.
 */
export type SharedBy = "connection" | "conversation";

export type SheetFormat = "csv" | "json_lines";

/**
 * Somebody whose token in the backup is no good any more.
 */
export type SignInAgain = { person: PersonId, name: string, connection: ConnectionId, platform: Platform, };

/**
 * The app through which somebody signs in.
 */
export type SignInApp = { "platform": "teams",
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
tenant: string, client_id: string,
/**
 * Sent only where Entra asks for it.
 */
client_secret: string | null,
/**
 * Prove the app by the certificate that was made last, where Entra asks for a proof.
 */
certificate: boolean, } | { "platform": "webex",
/**
 * The API's base URL; Webex's own where absent.
 */
api_url: string | null, client_id: string, client_secret: string,
/**
 * As it will be heard: without the organisation's events less is asked of them.
 */
hear_by_sockets: boolean, };

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

/**
 * An installation that waits for a browser.
 */
export type SlackInstallView = {
/**
 * Where an administrator of the workspace agrees. It works once.
 */
authorize_url: string,
/**
 * Where Slack sends them back to: one of the app's redirect URLs has to begin with it.
 */
callback_url: string, expires_at: Timestamp, };

export type SlackManifestView = {
/**
 * JSON, as the console takes it.
 */
manifest: string,
/**
 * Where it is pasted.
 */
console: string, };

/**
 * What the hub needs to speak as an account that is not its own.
 */
export type SpeaksBy = "token" | "role";

/**
 * What a call is, to a platform's limits.
 */
export type Spending = "post" | "edit" | "delete" | "open";

/**
 * Writes the ledger into a new file that only its owner can read: the newest first, never text.
 */
export type StartExport = { filter: ActivityFilter,
/**
 * A whole path. A file that is there already is not touched.
 */
path: string, format: SheetFormat, };

/**
 * Reads the directory of one connection, or of all.
 */
export type StartImport = { connection: ConnectionId | null, };

/**
 * Pairs people alike, each in a commit of their own.
 */
export type StartPairing = { who: Selection, primary: Platform, secondary: Platform, wish: SecondaryWish, };

/**
 * Ends people's pairings, each person's at once.
 */
export type StartUnpairing = { who: Selection,
/**
 * Only from this platform; from all where absent.
 */
secondary: Platform | null,
/**
 * Whether guest accounts that the hub made for them are deleted too.
 */
remove_guests?: boolean, };

/**
 * What was received in one span of time, and what became of it so far.
 */
export type StatsBucket = {
/**
 * When it begins.
 */
at: Timestamp, delivered: number,
/**
 * Given up.
 */
failed: number,
/**
 * On its way, waiting or uncertain.
 */
open: number,
/**
 * Half of what was delivered took at most so long from being written, in milliseconds; none
 * where nothing was.
 */
median_ms: number | null,
/**
 * 95 of 100 took at most so long.
 */
p95_ms: number | null, };

export type StatsReport = {
/**
 * How long each bucket is, in milliseconds.
 */
bucket_ms: number,
/**
 * The first is the oldest; the last is not over yet.
 */
buckets: Array<StatsBucket>,
/**
 * What waits now; most first.
 */
waiting: Array<WaitingView>, };

/**
 * How far back the figures go.
 */
export type StatsSpan = "day" | "week";

export type StatusReport = { version: string,
/**
 * The data folder.
 */
home: string, role: RelayRole,
/**
 * The id that the system gives the process that answers.
 */
process: number, since: Timestamp,
/**
 * Since when nothing is sent at all, because an administrator has paused the relay.
 */
paused_since: Timestamp | null, key: KeyPlace,
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

export type StepKind = "written" | "received" | "routed" | "waited" | "waiting" | "sent" | "confirmed" | "settled";

/**
 * Begins nothing more; who is done stays done.
 */
export type StopJob = { job: JobId, };

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
words: string,
/**
 * Where an administrator has set it aside.
 */
aside: AsideView | null, };

export type SuggestionDecision = "ignore" | "later" | "show";

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

export type UnknownView = { code: CheckCode, subject: string | null,
/**
 * What was not found out, and why, in words.
 */
message: string, };

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

export type UnpairingPreview = { people: number, pairings: number,
/**
 * Deliveries that have not left and would not be sent any more.
 */
waiting: number,
/**
 * Guest accounts that the hub made for them.
 */
guests: number,
/**
 * People who are not paired: nothing would happen to them.
 */
not_paired: number, };

/**
 * Waits until the revision is no longer `since`, at most `timeout_ms` (60,000 at most).
 */
export type WaitForChange = { since: number, timeout_ms: number, };

/**
 * How many deliveries wait for the same thing.
 */
export type WaitingView = { state: DeliveryState,
/**
 * None where they only wait for their turn.
 */
reason: Reason | null,
/**
 * Whether they wait because an administrator has paused the relay, or where they go to.
 */
paused: boolean, deliveries: number, };

/**
 * Somebody who was looked for and is not paired there.
 */
export type WantedPerson = { person: PersonId, name: string,
/**
 * Where somebody looked for them.
 */
platform: Platform, times: number, };

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

/**
 * A Service App that an administrator has authorised for the organisation.
 */
export type WebexGuestIssuer = { client_id: string, client_secret: string,
/**
 * As the app's page shows it once the organisation has authorised it.
 */
refresh_token: string, };

/**
 * How much a failed check matters.
 */
export type Weight = "blocks" | "limits" | "advises";

/**
 * The account's own chatbot.
 */
export type ZoomChatbot = { client_id: string, client_secret: string,
/**
 * `…@xmpp.zoom.us`
 */
robot_jid: string, };

/**
 * The account's own user-managed app.
 */
export type ZoomUserApp = { client_id: string,
/**
 * Absent where the client id is the app's public one, which proves itself by PKCE alone.
 */
client_secret: string | null, };

/** Every use case: what it takes and what it gives. */
export type Calls = {
  get_status: { args: GetStatus; reply: StatusReport };
  wait_for_change: { args: WaitForChange; reply: number };
  get_needs: { args: GetNeeds; reply: NeedsReport };
  get_stats: { args: GetStats; reply: StatsReport };
  list_connections: { args: ListConnections; reply: Array<ConnectionView> };
  list_capabilities: { args: ListCapabilities; reply: Array<CapabilityView> };
  connect_slack: { args: ConnectSlack; reply: ConnectionView };
  connect_teams: { args: ConnectTeams; reply: ConnectionView };
  connect_webex: { args: ConnectWebex; reply: ConnectionView };
  connect_zoom: { args: ConnectZoom; reply: ConnectionView };
  get_slack_manifest: { args: GetSlackManifest; reply: SlackManifestView };
  make_certificate: { args: MakeCertificate; reply: CertificateView };
  run_preflight: { args: RunPreflight; reply: Array<PreflightReport> };
  get_preflight: { args: GetPreflight; reply: Array<PreflightReport> };
  begin_service_sign_in: { args: BeginServiceSignIn; reply: ServiceSignInView };
  get_service_sign_in: { args: GetServiceSignIn; reply: ServiceSignInView };
  finish_service_sign_in: { args: FinishServiceSignIn; reply: ServiceSignInView };
  cancel_service_sign_in: { args: CancelServiceSignIn; reply: ServiceSignInView };
  begin_slack_install: { args: BeginSlackInstall; reply: SlackInstallView };
  tune_connection: { args: TuneConnection; reply: ConnectionView };
  set_paused: { args: SetPaused; reply: StatusReport };
  preview_disconnect: { args: PreviewDisconnect; reply: DisconnectEffect };
  disconnect: { args: Disconnect; reply: DisconnectEffect };
  list_notices: { args: ListNotices; reply: Array<NoticeView> };
  dismiss_notice: { args: DismissNotice; reply: Array<NoticeView> };
  list_gaps: { args: ListGaps; reply: Array<GapView> };
  import_people: { args: ImportPeople; reply: ImportReport };
  start_import: { args: StartImport; reply: JobView };
  list_people: { args: ListPeople; reply: PeoplePage };
  count_people: { args: CountPeople; reply: PeopleCounts };
  get_person: { args: GetPerson; reply: PersonDetails };
  list_suggestions: { args: ListSuggestions; reply: SuggestionPage };
  decide_suggestion: { args: DecideSuggestion; reply: DecidedSuggestion };
  preview_pairing: { args: PreviewPairing; reply: PairingPreview };
  pair_person: { args: PairPerson; reply: PairingView };
  pair_people: { args: PairPeople; reply: BulkReport };
  preview_bulk: { args: PreviewBulk; reply: BulkPreview };
  start_pairing: { args: StartPairing; reply: JobView };
  preview_unpairing: { args: PreviewUnpairing; reply: UnpairingPreview };
  start_unpairing: { args: StartUnpairing; reply: JobView };
  get_job: { args: GetJob; reply: JobView };
  list_jobs: { args: ListJobs; reply: Array<JobView> };
  stop_job: { args: StopJob; reply: JobView };
  change_mode: { args: ChangeMode; reply: PairingView };
  unpair_person: { args: UnpairPerson; reply: UnpairReport };
  ask_again: { args: AskAgain; reply: PairingView };
  revoke_consent: { args: RevokeConsent; reply: PairingView };
  sign_in_guest: { args: SignInGuest; reply: DeviceSignInView };
  get_address: { args: GetAddress; reply: AddressView };
  set_address: { args: SetAddress; reply: AddressView };
  check_address: { args: CheckAddress; reply: AddressCheck };
  get_policy: { args: GetPolicy; reply: PolicyView };
  set_policy: { args: SetPolicy; reply: PolicyView };
  list_activity: { args: ListActivity; reply: ActivityPage };
  get_delivery: { args: GetDelivery; reply: DeliveryDetails };
  resolve_delivery: { args: ResolveDelivery; reply: ActivityEntry };
  start_export: { args: StartExport; reply: JobView };
  retry_delivery: { args: RetryDelivery; reply: ActivityEntry };
  skip_delivery: { args: SkipDelivery; reply: ActivityEntry };
  backup: { args: Backup; reply: BackupReport };
  get_restore: { args: GetRestore; reply: RestoreStatus };
};
