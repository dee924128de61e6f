/** The words that lead through the platforms' consoles, as those consoles show them. */
export const setup = {
  address: "the address",
  yourAddress: "https://YOUR-ADDRESS",
  copyAll: "Copy the checklist",

  slack: {
    title: "Make the app in Slack",
    again: "How the app was made in Slack",
    make: "Make the app",
    makeText:
      "Open this address, choose From a manifest, pick the workspace, paste the manifest under JSON, and press Next and Create.",
    copy: "Copy the manifest",
    loading: "the manifest",
    tokens: "Copy its two tokens",
    botToken: "Bot token (xoxb-…):",
    botTokenText:
      "Install App > Install to Workspace > Allow, then copy the Bot User OAuth Token. Where your workspace wants every app approved, an owner gets a request first.",
    appToken: "App-level token (xapp-…):",
    appTokenText:
      "Basic Information > App-Level Tokens > Generate Token and Scopes. Give it any name, add the scope connections:write, generate, and copy the token.",
  },

  teams: {
    title: "Register the app in Entra",
    register: "Register the app",
    registerText:
      "Entra ID > App registrations > New registration. Supported account types: Accounts in this organizational directory only.",
    name: "Name:",
    firstRedirect: "Redirect URI, platform Public client/native (mobile & desktop):",
    redirect: "Let people sign in",
    redirectText:
      "Authentication > Mobile and desktop applications: add this redirect URI. Under Advanced settings set Allow public client flows to Yes.",
    web: "With a public address also: Add a platform > Web, redirect URI:",
    permissions: "Allow what it needs",
    permissionsText: "API permissions > Add a permission > Microsoft Graph.",
    application: "Application permissions",
    delegated: "Delegated permissions",
    noGuests:
      "If nobody is to have a guest account, leave out User.Invite.All and User.ReadWrite.All.",
    consent: "Grant admin consent",
    consentText:
      "API permissions > Grant admin consent for your organisation. Nobody is represented by it: each still has to sign in once.",
  },

  webex: {
    title: "Make the apps in Webex",
    again: "How the apps were made in Webex",
    integration: "Make an integration",
    integrationText:
      "Open this address, sign in, and choose Create an Integration. Give it any name, icon and description. Under Redirect URI(s) enter each of these; the first three let people sign in with a code.",
    web: "With a public address also:",
    scopes: "Tick its scopes",
    scopesText: {
      events: "On the same page, under Scopes. Leave out spark:kms and spark:all.",
      sockets: "On the same page, under Scopes.",
    },
    people: "For people",
    administrator: "For the administrator",
    secretText:
      "Press Add Integration and copy the client ID and the client secret. Webex shows the secret once.",
    bot: "Make a bot",
    botText:
      "My Webex Apps > Create a New App > Create a Bot. Give it a name that people will know, and copy the Bot Access Token. The bot writes to people first.",
    botSpeaks: "The bot also speaks for those who have no account.",
    administratorStep: "Choose the administrator",
    administratorText: {
      events:
        "Somebody who is a full administrator and a compliance officer signs in when Webex is connected. Control Hub: Users, the person, Administrator Roles. Both roles belong to one account; many organisations make one for this alone.",
      sockets:
        "A full administrator signs in when Webex is connected. Control Hub: Users, the person, Administrator Roles. They need not be a compliance officer.",
    },
    issuer: "For guests: make a Service App",
    issuerText:
      "Optional. My Webex Apps > Create a New App > Create a Service App, with these scopes; then press Request Admin Authorization.",
    authorise:
      "A full administrator authorises it in Control Hub: Apps > Service Apps, your app, Authorize. After that its page makes the refresh token.",
  },

  zoom: {
    title: "Make the app in Zoom",
    again: "How the app was made in Zoom",
    app: "Make a Server-to-Server app",
    appText:
      "Open this address and choose Develop > Build App > Server-to-Server OAuth App. Under App Credentials copy the account ID, the client ID and the client secret.",
    role: "Check the role of whoever makes it",
    roleText:
      "Zoom’s web portal: User Management > Roles, the role, Role Settings. It needs View and Edit for Chat Messages and for Users: the app may do what this role may.",
    scopes: "Add its scopes",
    scopesText: "Scopes > Add Scopes. Each is found by its name.",
    events: "Subscribe to events",
    eventsText:
      "Feature > Event Subscriptions > Add New Event Subscription, with the method WebSocket. Add these events, save, and copy the subscription ID.",
    eventNames: [
      "Team Chat: a channel message or direct message was posted, updated, deleted",
      "Team Chat: a channel member was invited, joined, left, was removed",
    ],
    oneHub:
      "One subscription serves one hub. Where another one connects with it, for a test or after a move, Zoom cuts the first off: make a subscription for each.",
    webhook:
      "With a public address the method Webhook does, too: give the form the app’s secret token instead, connect, and enter the address that Settings then shows for Zoom as the event notification endpoint URL.",
    activate: "Activate it",
    activateText: "Activation > Activate your app.",
    chatbot: "For a chatbot: make a second app",
    chatbotText:
      "Optional. Develop > Build App > General App, admin-managed. Under Surface choose Team Chat and switch Team Chat Subscription on; install it for the account, and copy its client ID, client secret and Bot JID.",
    peopleTitle: "Make the app that people authorise",
    peopleAgain: "How the app that people authorise was made",
    peopleApp: "Make a user-managed app",
    peopleAppText:
      "Open this address and choose Develop > Build App > General App, user-managed. Copy its client ID and client secret.",
    peopleRedirect: "Say where people come back to",
    peopleRedirectText:
      "Basic Information > OAuth Information. Enter this as the OAuth Redirect URL and add it to the OAuth Allow List; it begins with the hub’s public address.",
    peopleScopes: "Add its scopes",
    peopleApproval: "Let people authorise it",
    peopleApprovalText:
      "Where the account wants its apps approved, approve it: App Marketplace, Manage > Permission Requests or Admin > Apps on Account. Nobody has to install it: each is sent a link once.",
  },

  proof: {
    title: "How the app proves itself",
    kinds: { certificate: "Certificate (recommended)", secret: "Client secret" },
    kindsLong: {
      certificate: "Its private key never leaves Causeway’s encrypted database.",
      secret: "A password of the app, which whoever reads it can use.",
    },
    make: "Make a certificate",
    makeAnother: "Make another",
    making: "Making it…",
    makeText:
      "Causeway makes a key and a certificate. You upload the certificate to the app registration. It is good for a year, and Causeway warns you 14, 7 and 1 days before its end.",
    madeBefore:
      "Where one was made and uploaded already, nothing needs to be made: it is used as it is.",
    thumbprint: "Thumbprint",
    thumbprintOf: "the thumbprint",
    ends: "Ends",
    copy: "Copy the certificate",
    upload:
      "Paste it into a file named causeway.pem. Entra: your app, Certificates & secrets > Certificates > Upload certificate. The thumbprint shown there has to be the one above.",
    anotherText: "One that was made before and is not in use yet is thrown away.",
    secret: "Client secret",
    secretHint:
      "Its value, not its ID. Entra: your app, Certificates & secrets > Client secrets > New client secret.",
    secretEnds: "It ends on",
    secretEndsHint:
      "As Entra shows it under Expires. Causeway warns you 14, 7 and 1 days before: from that day on nothing is relayed.",
    notADay: "Give the day as year-month-day, such as 2027-01-31.",
    over: "This day is over. Make a new client secret.",
  },
};
