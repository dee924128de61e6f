/* What the hub answers while a service account signs in. */
import type {
  ConnectionView,
  ErrorCode,
  HubError,
  Platform,
  ServiceSignInState,
  ServiceSignInView,
  SignInApp,
} from "../../src/lib/backend/bindings";
import * as fixtures from "./fixtures";
import type { Answers } from "./stand-in";

export type SignInEnd = "signed in" | "declined";

const error = (code: ErrorCode, message: string, action: string): HubError => ({
  code,
  message,
  hint: null,
  action,
  severity: "failed",
  correlation_id: "01939d3c7a5e4f31",
});
const declined = error(
  "declined",
  "Whoever was to sign in said no. Nothing was kept.",
  "Begin the sign-in again, and agree to what is asked.",
);
const noPort = error(
  "listener_failed",
  "No port of this machine could be opened for the browser to come back to.",
  "Sign in with a code instead.",
);
const notOpen = error("not_found", "This sign-in is not open any more.", "Begin it again.");

const TEN_MINUTES = 600_000;

let begun = 0;
let view: ServiceSignInView | null = null;

const PAGES = {
  teams: "https://microsoft.com/devicelogin",
  webex: "https://login-k.webex.com/verify",
};

const waiting = (platform: SignInApp["platform"], device: boolean): ServiceSignInState => ({
  kind: "waiting",
  user_code: device ? "F7XK2Q9LM" : null,
  verification_uri: device ? PAGES[platform] : null,
  authorize_url: device ? null : "https://login.microsoftonline.com/acme/oauth2/v2.0/authorize?state=s",
  expires_at: Date.now() + TEN_MINUTES,
});

/** On the tenant `no-ports.example`, no port is free for a browser to come back to. */
export const serviceSignIn: Answers = {
  begin_service_sign_in: (args) => {
    const { app, way } = args;
    window.asked.push(args);
    if (app.platform === "teams" && app.tenant === "no-ports.example" && way === "browser") throw noPort;
    begun += 1;
    view = { id: `s${begun}`, way, state: waiting(app.platform, way === "device") };
    return view;
  },
  get_service_sign_in: ({ id }) => {
    if (view?.id !== id) throw notOpen;
    return view;
  },
  cancel_service_sign_in: ({ id }) => {
    if (view?.id !== id) throw notOpen;
    const cancelled: ServiceSignInView = { ...view, state: { kind: "cancelled" } };
    view = null;
    return cancelled;
  },
};

/** What the hub answers to each app that is connected; what it was given is kept for the tests. */
export const connectApps: Answers = {
  connect_webex: (args) => {
    const { administrator_sign_in, administrator_refresh_token } = args;
    const proved = administrator_sign_in === view?.id || administrator_refresh_token !== null;
    if (!proved) throw notOpen;
    window.asked.push(args);
    return connection("webex");
  },
  connect_zoom: (args) => {
    window.asked.push(args);
    return connection("zoom");
  },
  connect_teams: ({ service_sign_in, service_account_refresh_token }) => {
    const teams = fixtures.connections.find(({ platform }) => platform === "teams");
    const pasted = service_account_refresh_token !== null;
    const proved = service_sign_in === null ? pasted : service_sign_in === view?.id && !pasted;
    if (teams === undefined || !proved) throw notOpen;
    return teams;
  },
};

function connection(platform: Platform): ConnectionView {
  const [known] = fixtures.connections;
  if (known === undefined) throw new Error("the fixtures have a connection");
  return { ...known, id: 9, platform };
}

export function endSignIn(how: SignInEnd): void {
  if (view === null) return;
  const state: ServiceSignInState =
    how === "declined"
      ? { kind: "failed", error: declined }
      : {
          kind: "signed_in",
          account: "5e5e5e5e-0000-4000-8000-00000000005e",
          name: "Causeway Service",
          address: "causeway@acme.example",
          note: null,
          expires_at: Date.now() + TEN_MINUTES,
        };
  view = { ...view, state };
}
