/** What the sign-in of one platform says. */
export type SignInWords = {
  title: string;
  text: string;
  missing: string;
  /** The ways in which somebody can sign in there, and what each asks for. */
  ways: Partial<Record<"device" | "browser", string>>;
  begin: string;
  beginning: string;
  codeText: string;
  /** Where a browser is one of the ways. */
  browserText?: string;
};

const teamsSignIn: SignInWords = {
  title: "The service account’s sign-in",
  text: "Whoever signs in is whom the hub speaks as where nobody else can. It never sees a password.",
  missing: "Sign the service account in.",
  ways: {
    device: "Typed on Microsoft’s page, on any device. Your app has to allow public client flows.",
    browser:
      "Your app has to have http://localhost/callback among its redirects for mobile and desktop applications.",
  },
  begin: "Sign the service account in",
  beginning: "Asking Microsoft…",
  codeText: "Open this page in a private window, type the code and sign in as the service account:",
  browserText: "Sign in as the service account in the browser that has been opened.",
};

const webexSignIn = (text: string): SignInWords => ({
  title: "The administrator’s sign-in",
  text: `${text} The hub never speaks as them, and never sees a password. They are given a code, which is typed on Webex’s page on any device.`,
  missing: "Sign the administrator in.",
  ways: { device: "Typed on Webex’s page, on any device." },
  begin: "Sign the administrator in",
  beginning: "Asking Webex…",
  codeText: "Open this page in a private window, type the code and sign in as the administrator:",
});

/** The words of the forms that connect a platform. */
export const connectForms = {
  missing: (what: string) => `Give the ${what}.`,
  begins: (what: string, prefix: string) => `The ${what} begins with ${prefix}`,
  isOther: (kind: string) => `This is ${kind}.`,
  notAnUrl: "Give a whole address that begins with https://",
  connecting: "Trying the credentials…",
  kept: "Credentials are tried before they are kept, in the encrypted database on this computer.",
  renewing: "The new credentials take the place of the old ones. Pairings and what waits stay.",
  advanced: "Other addresses",
  permissions: "What the app has to be allowed",
  without: "Without it",

  signIn: {
    ways: { device: "With a code", browser: "In a browser on this computer" },
    until: "Runs out",
    copyCode: "Copy the code",
    openPage: "Open the page",
    copyAddress: "Copy the address",
    openAgain: "Open the browser again",
    cancel: "Cancel the sign-in",
    signedIn: (name: string) => `${name} has signed in`,
    connectUntil: "Forgotten, unless it is connected,",
    again: "Sign in as somebody else",
  },

  slack: {
    botToken: "Bot token",
    botTokenHint: "Slack: your app, OAuth & Permissions, Bot User OAuth Token.",
    appToken: "App-level token",
    appTokenHint: "Slack: your app, Basic Information, App-Level Tokens, with connections:write.",
    signingSecret: "Signing secret",
    signingSecretHint:
      "Slack: your app, Basic Information, App Credentials. With a public address it replaces the app-level token.",
    clientId: "Client ID",
    clientIdHint: "Only needed where people are to authorise the hub themselves.",
    clientSecret: "Client secret",
    clientSecretHint: "Slack: your app, Basic Information, App Credentials.",
    kinds: {
      user: "a user token (xoxp-)",
      bot: "a bot token (xoxb-)",
      app: "an app-level token (xapp-)",
      rotating: "a refresh or configuration token (xoxe)",
      browser: "a token of somebody’s browser",
    },
    apiUrl: "Web API address",
    apiUrlHint: "Slack’s own where this is empty.",
  },

  teams: {
    signIn: teamsSignIn,
    tenant: "Tenant",
    tenantHint: "Its ID or domain. Entra: your app, Overview, Directory (tenant) ID.",
    notATenant: "Give its ID, such as 8f2c1d04-…, or its domain, such as acme.onmicrosoft.com.",
    clientId: "Application (client) ID",
    clientIdHint: "Entra: App registrations, your app, Overview.",
    notAGuid: "Give the ID that Entra shows: 32 digits and letters in five groups.",
    secretId: "This is the secret’s ID. Give its value, which Entra shows once.",
    serviceAccount: "Service account",
    serviceAccountHint:
      "A licensed member that speaks where nobody else can: its address or object ID. Whoever signs in where this is empty.",
    otherWay: "Instead of signing in: paste a refresh token",
    refreshToken: "Refresh token of the service account",
    refreshTokenHint: "From signing in as the service account with your app.",
    graphUrl: "Microsoft Graph address",
    loginUrl: "Microsoft Entra address",
    urlHint: "Microsoft’s own where this is empty.",
  },

  webex: {
    heardBy: "How messages are heard",
    heardByNames: {
      events: "By the organisation’s events",
      sockets: "By sockets, without a compliance officer",
    },
    heardByText: {
      events:
        "The administrator has to be a compliance officer: the hub can read what everybody in the organisation writes.",
      sockets:
        "The hub hears what people hear who have authorised it, and what is said to the bot: in a room that is only what mentions it. Whoever has no account in Webex, or has not authorised the hub, cannot be written to from there.",
    },
    heardByAgain: "This takes the place of how the organisation was heard before.",
    signIn: {
      events: webexSignIn(
        "Whoever signs in has to be a full administrator and a compliance officer, both in one account. Through it the hub reads the directory and hears messages.",
      ),
      sockets: webexSignIn(
        "Whoever signs in has to be a full administrator; they need not be a compliance officer. Through it the hub reads the directory alone.",
      ),
    },
    clientId: "Client ID of the integration",
    clientIdHint: "Webex: My Webex Apps, your integration. It begins with C.",
    notAClientId: "Give the client ID that the app’s page shows: it begins with C and has no blanks.",
    clientSecret: "Client secret of the integration",
    clientSecretHint: "Shown once, when the integration is made; its page can make another.",
    botToken: "Access token of the bot",
    botTokenHint: "Webex: My Webex Apps, your bot, Bot Access Token. Shown once; its page can make another.",
    isClientId: "This is a client ID. Copy what belongs here.",
    otherWay: "Instead of signing in: paste a refresh token",
    refreshToken: "Refresh token of the administrator",
    refreshTokenHint: "From signing in to your integration, with the administrator’s scopes.",
    guests: "Guests (optional)",
    guestsText: {
      events:
        "With a Service App of your own the hub makes guests for people who have no account in Webex. Without it the bot speaks for them.",
      sockets:
        "With a Service App of your own the hub makes guests for people who have no account in Webex. Whether Webex lets a guest have a socket is not verified: without one, what is written to the guest is not heard.",
    },
    issuerId: "Client ID of the Service App",
    issuerIdHint: "Webex: My Webex Apps, your Service App.",
    issuerSecret: "Client secret of the Service App",
    issuerSecretHint: "Shown once, when the Service App is made; its page can make another.",
    issuerToken: "Refresh token of the Service App",
    issuerTokenHint: "Its page, Org Authorizations: choose your organisation, paste the client secret, Generate Tokens.",
    apiUrl: "Webex API address",
    apiUrlHint: "Webex’s own where this is empty.",
  },

  zoom: {
    accountId: "Account ID",
    accountIdHint: "Zoom: your Server-to-Server OAuth app, App Credentials.",
    clientId: "Client ID",
    clientIdHint: "From the same page.",
    clientSecret: "Client secret",
    clientSecretHint: "From the same page.",
    sameAgain: "This is the value of another field. Copy the one that belongs here.",
    subscriptionId: "Subscription ID",
    subscriptionIdHint:
      "Zoom: your app, Feature, Event Subscriptions. No two hubs may use the same: the later one cuts the earlier off.",
    noEvents: "Give the subscription ID, or below the secret token.",
    serviceUser: "Member who speaks for the hub",
    serviceUserHint:
      "The address or ID of a member of the account. Consent requests and notes come from them, and so does what nobody else can say.",
    notAMember: "Give the member’s e-mail address, or their user ID without blanks.",
    webhook: "Without a WebSocket: Zoom calls the hub",
    secretToken: "Secret token",
    secretTokenHint:
      "Zoom: your app, Feature, Secret Token. With a public address it replaces the subscription ID.",
    chatbot: "Chatbot (optional)",
    chatbotText:
      "A chatbot of your own speaks for people who have no account in Zoom. Without it the member above does.",
    people: "How people are represented",
    actsBy: {
      role: "By the role",
      token: "By each person’s own authorisation",
    },
    actsByText: {
      role: "The app acts as members by its role; nobody is asked.",
      token: "Each person authorises their own account, by a link; needs a public address.",
    },
    userAppId: "Client ID of the app that people authorise",
    userAppIdHint: "Zoom: your user-managed app, Basic Information, App Credentials.",
    userAppSecret: "Client secret of the app that people authorise",
    userAppSecretHint: "From the same page. Left empty with the public client ID, which has none.",
    botId: "Client ID of the chatbot",
    botIdHint: "Zoom: your chatbot’s app, Basic Information, App Credentials.",
    botSecret: "Client secret of the chatbot",
    botSecretHint: "From the same page.",
    botJid: "Bot JID",
    botJidHint: "Zoom: your chatbot’s app, Surface, Team Chat Subscription.",
    notAJid: "Give the JID that Zoom shows; it ends with @xmpp.zoom.us",
    apiUrl: "Zoom API address",
    oauthUrl: "Zoom authorisation address",
    urlHint: "Zoom’s own where this is empty.",
    socketUrl: "WebSocket address",
    socketUrlHint: "As the subscription’s page shows it, without its parameters; wss://ws.zoom.us/ws where this is empty.",
    notASocket: "Give a whole address that begins with wss://",
  },
};
